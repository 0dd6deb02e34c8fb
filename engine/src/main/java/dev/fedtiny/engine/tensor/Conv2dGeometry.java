package dev.fedtiny.engine.tensor;

import dev.fedtiny.engine.internal.check.Given;

/**
 * The geometry of a two-dimensional convolution with zero padding: everything but the values,
 *
 * <pre>{@code y[k, p, q] = b[k] + Σ w[k, c, r, s] · x[g·C/groups + c, p·stride + r·dilation − top, q·stride + s·dilation − left]}</pre>
 *
 * <p>where g = k / (K / groups) is the group of output channel k and c counts the C / groups input channels of a group, the only ones that
 * its outputs read; weights are K × C/groups × R × S. With as many groups as input channels the convolution is depthwise. One dimension,
 * N × C × L, is a height of 1. Semantics and order of the weights are those of PyTorch's {@code conv2d} and ONNX's {@code Conv}.
 *
 * <pre>{@code
 * new Conv2dGeometry(new Shape(64, 32, 32), 128, 3, 3, 2, 1)                    // 3×3, stride 2, one row and column of zeros all around
 * new Conv2dGeometry(new Shape(64, 32, 32), 64, 3, 3, 1, 1).withGroups(64)      // depthwise
 * new Conv2dGeometry(new Shape(1, 49, 10), 64, new PerAxis(10, 4), PerAxis.both(2), new Padding(4, 1, 5, 1), PerAxis.ONE, 1)
 * Conv2dGeometry.conv1d(new Shape(9, 1, 128), 32, 5, 1, 2)                      // 9 × 128, kernel 5
 * }</pre>
 *
 * @param input C × H × W
 * @param outputChannels K
 * @param kernel R × S
 * @param stride pixels between two windows
 * @param padding zeros around the input
 * @param dilation pixels between two taps of a window
 * @param groups parts that channels are cut into, in order; divides C and K
 */
public record Conv2dGeometry(Shape input, int outputChannels, PerAxis kernel, PerAxis stride, Padding padding, PerAxis dilation,
        int groups) {
    /**
     * A convolution along one axis.
     *
     * @param input pixels
     * @param kernel taps
     * @param stride pixels between two windows
     * @param dilation pixels between two taps
     * @param before zeros before the first pixel
     * @param after zeros behind the last
     */
    public record Axis(int input, int kernel, int stride, int dilation, int before, int after) {
        /** {@return pixels from a window's first tap to its last, both included} */
        public int window() {
            return dilation * (kernel - 1) + 1;
        }

        /** {@return windows that fit} */
        public int outputs() {
            return outputs(input, kernel, stride, dilation, before, after);
        }

        private static int outputs(int input, int kernel, int stride, int dilation, int before, int after) {
            return (input + before + after - dilation * (kernel - 1) - 1) / stride + 1;
        }

        /**
         * {@return the pixel that a tap of a window reads; outside {@code [0, input)} a zero}
         *
         * @param output its place among the outputs of the axis
         * @param tap its place in the window
         */
        public int pixel(int output, int tap) {
            return output * stride + tap * dilation - before;
        }

        /** Whether a window fits, and the padded extent is an {@code int}. */
        private boolean fits() {
            long padded = (long) input + before + after;
            return padded <= Integer.MAX_VALUE && (long) dilation * (kernel - 1) + 1 <= padded;
        }
    }

    /**
     * Checks that at least one window fits, that groups divide the channels, and that the number of weights is an {@code int}.
     *
     * @throws IllegalArgumentException naming the numbers and the rule
     */
    public Conv2dGeometry {
        Given.notNull(input, "conv2d: input", "C × H × W of an image");
        Given.notNull(kernel, "conv2d: kernel", "R × S");
        Given.notNull(stride, "conv2d: stride", "pixels between two windows, PerAxis.ONE for all windows");
        Given.notNull(padding, "conv2d: padding", "Padding.NONE, or zeros around the input");
        Given.notNull(dilation, "conv2d: dilation", "PerAxis.ONE, or pixels between two taps");
        if (outputChannels < 1 || groups < 1) {
            throw new IllegalArgumentException("conv2d: " + outputChannels + " output channels in " + groups
                    + " groups, both must be at least 1");
        }
        if (input.channels() % groups != 0 || outputChannels % groups != 0) {
            throw new IllegalArgumentException("conv2d: " + groups + " groups do not divide " + input.channels()
                    + " input channels and " + outputChannels + " output channels; both must be multiples of the groups");
        }
        if (!axis(input.height(), kernel.height(), stride.height(), dilation.height(), padding.top(), padding.bottom()).fits()
                || !axis(input.width(), kernel.width(), stride.width(), dilation.width(), padding.left(), padding.right()).fits()) {
            throw new IllegalArgumentException("conv2d: a " + kernel.height() + "×" + kernel.width() + " kernel"
                    + (dilation.equals(PerAxis.ONE) ? "" : " with dilation " + dilation) + " does not fit into a "
                    + input.height() + "×" + input.width() + " input with padding " + padding);
        }
        long weights = (long) outputChannels * (input.channels() / groups) * kernel.height();
        if (weights > Integer.MAX_VALUE || weights * kernel.width() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("conv2d: " + outputChannels + "×" + input.channels() / groups + "×" + kernel.height() + "×"
                    + kernel.width() + " weights are more than 2^31 - 1");
        }
    }

    /**
     * Undilated, all output channels reading all input channels, one stride and one padding for both axes.
     *
     * @param input C × H × W
     * @param outputChannels K
     * @param kernelHeight R
     * @param kernelWidth S
     * @param stride pixels between two windows, along both axes
     * @param padding zeros on all four sides
     */
    public Conv2dGeometry(Shape input, int outputChannels, int kernelHeight, int kernelWidth, int stride, int padding) {
        this(input, outputChannels, new PerAxis(kernelHeight, kernelWidth), PerAxis.both(stride), Padding.all(padding), PerAxis.ONE, 1);
    }

    /**
     * One dimension, N × C × L: {@code input} is C × 1 × L, {@code padding} is on both sides.
     *
     * @param input C × 1 × L
     * @param outputChannels K
     * @param kernel taps
     * @param stride values between two windows
     * @param padding zeros before the first value and as many behind the last
     * @return the geometry, whose height is 1
     */
    public static Conv2dGeometry conv1d(Shape input, int outputChannels, int kernel, int stride, int padding) {
        Given.notNull(input, "conv1d: input", "C × 1 × L of an image");
        if (input.height() != 1) {
            throw new IllegalArgumentException("conv1d: the input is " + input + ", expected C × 1 × L");
        }
        return new Conv2dGeometry(input, outputChannels, new PerAxis(1, kernel), new PerAxis(1, stride),
                Padding.horizontal(padding, padding), PerAxis.ONE, 1);
    }

    /**
     * {@return the same with other groups}
     *
     * @param number of groups; divides C and K
     */
    public Conv2dGeometry withGroups(int number) {
        return new Conv2dGeometry(input, outputChannels, kernel, stride, padding, dilation, number);
    }

    /**
     * {@return the same with another dilation}
     *
     * @param other pixels between two taps of a window
     */
    public Conv2dGeometry withDilation(PerAxis other) {
        return new Conv2dGeometry(input, outputChannels, kernel, stride, padding, other, groups);
    }

    private static Axis axis(int input, int kernel, int stride, int dilation, int before, int after) {
        return new Axis(input, kernel, stride, dilation, before, after);
    }

    /** {@return what happens along H} */
    public Axis vertical() {
        return axis(input.height(), kernel.height(), stride.height(), dilation.height(), padding.top(), padding.bottom());
    }

    /** {@return what happens along W} */
    public Axis horizontal() {
        return axis(input.width(), kernel.width(), stride.width(), dilation.width(), padding.left(), padding.right());
    }

    /** {@return R, the kernel's height} */
    public int kernelHeight() {
        return kernel.height();
    }

    /** {@return S, the kernel's width} */
    public int kernelWidth() {
        return kernel.width();
    }

    /** {@return P, the output's height; allocates nothing, so a step may ask for it} */
    public int outputHeight() {
        return Axis.outputs(input.height(), kernel.height(), stride.height(), dilation.height(), padding.top(), padding.bottom());
    }

    /** {@return Q, the output's width; allocates nothing, so a step may ask for it} */
    public int outputWidth() {
        return Axis.outputs(input.width(), kernel.width(), stride.width(), dilation.width(), padding.left(), padding.right());
    }

    /** {@return k × P × Q} */
    public Shape output() {
        return new Shape(outputChannels, outputHeight(), outputWidth());
    }

    /** {@return R·S} */
    public int taps() {
        return kernel.height() * kernel.width();
    }

    /** {@return c / groups: input channels that an output channel reads} */
    public int groupInputs() {
        return input.channels() / groups;
    }

    /** {@return k / groups: output channels that read an input channel} */
    public int groupOutputs() {
        return outputChannels / groups;
    }

    /** {@return whether every output channel reads one of several input channels: as many groups as these} */
    public boolean isDepthwise() {
        return groups > 1 && groups == input.channels();
    }

    /** {@return columns of the weight matrix: C/groups·R·S} */
    public int columns() {
        return groupInputs() * taps();
    }

    /** {@return positions of the weight tensor: K·C/groups·R·S} */
    public int weights() {
        return outputChannels * columns();
    }
}
