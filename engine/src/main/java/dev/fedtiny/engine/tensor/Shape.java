package dev.fedtiny.engine.tensor;

/**
 * The shape of one image or feature map: C × H × W. The batch size belongs to the tensor.
 *
 * @param channels C
 * @param height H, pixels
 * @param width W, pixels
 */
public record Shape(int channels, int height, int width) {
    /** Checks that every extent is positive and that the product is an {@code int}. */
    public Shape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("shape " + channels + "×" + height + "×" + width + ": every extent must be at least 1");
        }
        // One product at a time: the three of them may not even fit 64 bits.
        if ((long) channels * height > Integer.MAX_VALUE || (long) channels * height * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("shape " + channels + "×" + height + "×" + width + " has more than 2^31 - 1 elements");
        }
    }

    /**
     * {@return a vector of features: C × 1 × 1}
     *
     * @param count C, at least 1
     */
    public static Shape features(int count) {
        return new Shape(count, 1, 1);
    }

    /** {@return C·H·W} */
    public int size() {
        return channels * height * width;
    }

    /** {@return H·W} */
    public int pixels() {
        return height * width;
    }

    @Override
    public String toString() {
        return channels + "×" + height + "×" + width;
    }
}
