package dev.fedtiny.engine.internal.kernel;

/**
 * What happens to activations and their gradients as a session stores them, one kernel a form: what is read becomes float32 in registers,
 * all arithmetic and all sums are float32, and what is written is rounded in registers. A stored map is {@code [group][C][H][W][8]} in an
 * array of floats, whose words hold one value each in {@code float32} and two each in {@code bfloat16} ({@link Bfloat16}); positions and
 * strides of stored maps are counted in values, those of other arrays in floats.
 *
 * <p>Every sum over pixels uses four 8-lane accumulators, pixel i (row-major) going to accumulator i mod 4, joined lane by lane as
 * (0 + 2) + (1 + 3); lanes are then added in the tree of {@link LaneTree}, lanes that hold no image cleared before. Sums are float32 up to
 * the tree's result.
 */
public interface StorageKernel {
    /** Values that one float of an array holds: 1 or 2. */
    int valuesAWord();

    /** {@code z ← x}, rounded to the form, over {@code count} consecutive values, a multiple of 8. */
    void write(float[] x, int xBase, float[] z, int zBase, int count);

    /** {@code x ← z} over {@code count} consecutive values, a multiple of 8. */
    void read(float[] z, int zBase, float[] x, int xBase, int count);

    /** {@code y ← y + z}, both stored, over {@code count} consecutive values, a multiple of 8. */
    void accumulate(float[] z, int zBase, float[] y, int yBase, int count);

    /**
     * The links of a chain of sums, one after the other: {@code y ← [clamp] ([y +] (scale·z + shift))}, product and shift fused as
     * {@link FusedMultiply} says, then the sum with what the links before it gave; what is below the lower bound becomes it, what is above
     * the upper bound becomes that, so that ReLU, of bounds 0 and ∞, leaves −0 and NaN. The y is float32.
     *
     * @param chain its maps are stored, with the same strides; a link without scale and shift is the map itself
     * @param offset added to where each map's first wanted channel lies
     * @param zPitch between rows; {@code zStep}: between pixels of a row; the same of y
     * @param channels how many channels, starting at the bases
     * @param coefficients the first channel's place in scales and shifts
     * @param add whether the old y is added to the first link
     */
    void sum(ResidualChain chain, int offset, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch,
            int yStep, int channels, int rows, int columns, int coefficients, boolean add);

    /**
     * Mean and sum of squared deviations of every channel over the pixels of a group and its first {@code lanes} lanes: with the float
     * sum s of the values and m = (float) (s / n), a second pass sums e = Σ (z − m) and q = Σ (z − m)² (fused); the results are
     * m + e/n and max(0, q − e²/n) in double.
     *
     * @param zBase position of the first channel's first pixel; channels lie {@code 8·pixels} apart
     * @param mean receives {@code mean[out + channel]}
     * @param squares receives the sums of squared deviations at {@code out + channel}
     */
    void moments(float[] z, int zBase, int channels, int pixels, int lanes, double[] mean, double[] squares, int out);

    /**
     * Σ du and Σ du·(z − mean) of every channel over the pixels of a group and its first {@code lanes} lanes, du and z stored.
     *
     * @param mean one value a channel at {@code coefficients + channel}
     * @param sum receives Σ du at {@code out + channel}
     * @param product receives Σ du·(z − mean) (fused) at {@code out + channel}
     */
    void reduce(float[] du, int duBase, float[] z, int zBase, int channels, int pixels, int lanes, float[] mean, int coefficients,
            double[] sum, double[] product, int out);

    /**
     * Backward of a batch normalisation: {@code y ← a·du + (b·z + c)} (both fused) at the first {@code lanes} lanes, 0 at the others. With
     * {@code a} null: {@code y ← du}. The sources du and z are stored, contiguous; y is float32.
     *
     * @param y receives the result, channels {@code yChannel} and rows {@code yPitch} apart, pixels {@code yStep}
     * @param a one factor a channel at {@code coefficients + channel}, as {@code b} and {@code c}
     */
    void combine(float[] du, int duBase, float[] z, int zBase, float[] y, int yBase, int yChannel, int yPitch, int yStep, int channels,
            int rows, int columns, float[] a, float[] b, float[] c, int coefficients, int lanes);
}
