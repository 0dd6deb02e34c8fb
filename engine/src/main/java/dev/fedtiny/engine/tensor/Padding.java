package dev.fedtiny.engine.tensor;

/**
 * Rows and columns added around a map, in the order of ONNX's {@code pads}.
 *
 * @param top rows above
 * @param left columns before
 * @param bottom rows below
 * @param right columns behind
 */
public record Padding(int top, int left, int bottom, int right) {
    /** No padding. */
    public static final Padding NONE = new Padding(0, 0, 0, 0);

    /** Checks that no side is negative. */
    public Padding {
        if (top < 0 || left < 0 || bottom < 0 || right < 0) {
            throw new IllegalArgumentException("padding must be at least 0 on every side, got " + sides(top, left, bottom, right));
        }
    }

    /**
     * {@return the same on all four sides}
     *
     * @param number of zeros, at least 0
     */
    public static Padding all(int number) {
        return new Padding(number, number, number, number);
    }

    /**
     * {@return the same above and below, and the same before and behind: PyTorch's {@code padding=(height, width)}}
     *
     * @param height rows of zeros, at least 0
     * @param width columns of zeros, at least 0
     */
    public static Padding of(int height, int width) {
        return new Padding(height, width, height, width);
    }

    /**
     * {@return columns before and behind: the padding of one dimension}
     *
     * @param left columns of zeros before, at least 0
     * @param right columns of zeros behind, at least 0
     */
    public static Padding horizontal(int left, int right) {
        return new Padding(0, left, 0, right);
    }

    private static String sides(int top, int left, int bottom, int right) {
        return top + "," + left + "," + bottom + "," + right + " (top, left, bottom, right)";
    }

    /** The number where all sides have one, else the four sides. */
    @Override
    public String toString() {
        return top == left && top == bottom && top == right ? Integer.toString(top) : sides(top, left, bottom, right);
    }
}
