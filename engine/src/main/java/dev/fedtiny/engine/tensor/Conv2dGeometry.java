package dev.fedtiny.engine.tensor;

/**
 * The geometry of a two-dimensional convolution, zero padding, no dilation: everything but the values.
 *
 * @param input C × H × W
 * @param outputChannels K
 * @param kernelHeight R
 * @param kernelWidth S
 * @param stride pixels between two windows, in both directions
 * @param padding zeros around the input, in both directions
 */
public record Conv2dGeometry(Shape input, int outputChannels, int kernelHeight, int kernelWidth, int stride, int padding) {
    /** Checks that at least one window fits. */
    public Conv2dGeometry {
        if (outputChannels < 1 || kernelHeight < 1 || kernelWidth < 1 || stride < 1 || padding < 0) {
            throw new IllegalArgumentException("conv2d: outputs " + outputChannels + ", kernel " + kernelHeight + "×" + kernelWidth
                    + ", stride " + stride + ", padding " + padding + ": extents and stride must be at least 1, padding at least 0");
        }
        if (input.height() + 2 * padding < kernelHeight || input.width() + 2 * padding < kernelWidth) {
            throw new IllegalArgumentException("conv2d: a " + kernelHeight + "×" + kernelWidth + " kernel does not fit into a "
                    + input.height() + "×" + input.width() + " input with padding " + padding);
        }
        if ((long) outputChannels * input.channels() * kernelHeight * kernelWidth > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("conv2d: " + outputChannels + "×" + input.channels() + "×" + kernelHeight + "×" + kernelWidth
                    + " weights are more than 2^31 - 1");
        }
    }

    /** P, the output's height. */
    public int outputHeight() {
        return (input.height() + 2 * padding - kernelHeight) / stride + 1;
    }

    /** Q, the output's width. */
    public int outputWidth() {
        return (input.width() + 2 * padding - kernelWidth) / stride + 1;
    }

    /** K × P × Q. */
    public Shape output() {
        return new Shape(outputChannels, outputHeight(), outputWidth());
    }

    /** R·S. */
    public int taps() {
        return kernelHeight * kernelWidth;
    }

    /** Columns of the weight matrix: C·R·S. */
    public int columns() {
        return input.channels() * taps();
    }

    /** Positions of the weight tensor: K·C·R·S. */
    public int weights() {
        return outputChannels * columns();
    }
}
