package dev.fedtiny.engine.tensor;

import dev.fedtiny.engine.internal.check.Given;

/**
 * The windows of a two-dimensional pooling. Padding only moves them: its positions take part in no maximum, and in a mean as the pooling
 * says. With {@code ceilMode} the number of windows is rounded up, and a last one that would begin in the padding below or on the right is
 * dropped, as PyTorch does.
 *
 * <pre>{@code
 * new Pool2dGeometry(new Shape(64, 32, 32), 2, 2)                                                          // 2×2 squares side by side
 * new Pool2dGeometry(new Shape(64, 112, 112), PerAxis.both(3), PerAxis.both(2), Padding.all(1), false)      // ResNet's
 * Pool2dGeometry.whole(new Shape(64, 7, 7))                                                                 // one window, the map
 * }</pre>
 *
 * @param input C × H × W
 * @param kernel height and width of a window
 * @param stride pixels between two windows
 * @param padding around the input, on every side less than the kernel
 * @param ceilMode whether windows may reach beyond input and padding
 */
public record Pool2dGeometry(Shape input, PerAxis kernel, PerAxis stride, Padding padding, boolean ceilMode) {
    /**
     * Checks that at least one window fits and that every window holds a pixel.
     *
     * @throws IllegalArgumentException naming the numbers and the rule
     */
    public Pool2dGeometry {
        Given.notNull(input, "pool: input", "C × H × W of an image");
        Given.notNull(kernel, "pool: kernel", "height and width of a window");
        Given.notNull(stride, "pool: stride", "pixels between two windows");
        Given.notNull(padding, "pool: padding", "Padding.NONE, or how far windows begin outside the input");
        if (padding.top() >= kernel.height() || padding.bottom() >= kernel.height() || padding.left() >= kernel.width()
                || padding.right() >= kernel.width()) {
            throw new IllegalArgumentException("pool: padding " + padding + " with a kernel of " + kernel.height() + "×" + kernel.width()
                    + "; padding must be smaller than the kernel on every side, or windows would hold nothing");
        }
        if (outputs(input.height(), kernel.height(), stride.height(), padding.top(), padding.bottom(), ceilMode) < 1
                || outputs(input.width(), kernel.width(), stride.width(), padding.left(), padding.right(), ceilMode) < 1) {
            throw new IllegalArgumentException("pool: a kernel of " + kernel.height() + "×" + kernel.width() + " does not fit into "
                    + input + " with padding " + padding);
        }
    }

    /**
     * Square windows without padding; an edge that no whole window covers is dropped.
     *
     * @param input C × H × W
     * @param kernel rows and columns of a window
     * @param stride pixels between two windows
     */
    public Pool2dGeometry(Shape input, int kernel, int stride) {
        this(input, PerAxis.both(kernel), PerAxis.both(stride), Padding.NONE, false);
    }

    /**
     * {@return one window: the whole map}
     *
     * @param input C × H × W
     */
    public static Pool2dGeometry whole(Shape input) {
        Given.notNull(input, "pool: input", "C × H × W of an image");
        PerAxis all = new PerAxis(input.height(), input.width());
        return new Pool2dGeometry(input, all, all, Padding.NONE, false);
    }

    private static int outputs(int input, int kernel, int stride, int before, int after, boolean ceilMode) {
        long room = (long) input + before + after - kernel;
        if (room < 0 && !(ceilMode && room > -stride)) {
            return 0;
        }
        long last = Math.floorDiv(ceilMode ? room + stride - 1 : room, stride);
        return (int) (ceilMode && last * stride >= (long) input + before ? last : last + 1);
    }

    /** {@return rows of the output} */
    public int outputHeight() {
        return outputs(input.height(), kernel.height(), stride.height(), padding.top(), padding.bottom(), ceilMode);
    }

    /** {@return columns of the output} */
    public int outputWidth() {
        return outputs(input.width(), kernel.width(), stride.width(), padding.left(), padding.right(), ceilMode);
    }

    /** {@return c × P × Q} */
    public Shape output() {
        return new Shape(input.channels(), outputHeight(), outputWidth());
    }
}
