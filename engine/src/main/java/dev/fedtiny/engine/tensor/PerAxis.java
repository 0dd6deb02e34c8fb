package dev.fedtiny.engine.tensor;

/**
 * One positive number for each spatial axis: a kernel's extents, a stride, a dilation.
 *
 * @param height along H, from one row to the next
 * @param width along W
 */
public record PerAxis(int height, int width) {
    /** 1 along both axes: no stride, no dilation, a kernel of one tap. */
    public static final PerAxis ONE = new PerAxis(1, 1);

    /** Checks that both are at least 1. */
    public PerAxis {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("kernel, stride and dilation must be at least 1 along both axes, got " + height + "×" + width
                    + " (height × width)");
        }
    }

    /**
     * {@return the same number along both axes}
     *
     * @param number at least 1
     */
    public static PerAxis both(int number) {
        return new PerAxis(number, number);
    }

    /** The number where both are one, else {@code height×width}. */
    @Override
    public String toString() {
        return height == width ? Integer.toString(height) : height + "×" + width;
    }
}
