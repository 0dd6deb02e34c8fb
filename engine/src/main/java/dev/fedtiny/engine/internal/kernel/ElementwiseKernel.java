package dev.fedtiny.engine.internal.kernel;

/**
 * What happens to maps value by value and channel by channel: batch normalisation, ReLU and residual sums. Every sum over pixels uses
 * four 8-lane accumulators, pixel i (row-major) going to accumulator i mod 4, joined lane by lane as (0 + 2) + (1 + 3); lanes are then
 * added in the tree ((0+4)+(2+6))+((1+5)+(3+7)), lanes that hold no image cleared before. Sums are float32 up to the tree's result.
 */
public interface ElementwiseKernel {
    /**
     * One link of a chain of sums: {@code y ← [clamp] ([y +] (scale·z + shift))}, product and shift fused as {@link FusedMultiply} says,
     * then the sum with the old y; what is below the lower bound becomes it, what is above the upper bound becomes that, so that ReLU, of
     * bounds 0 and ∞, leaves −0 and NaN.
     *
     * @param zPitch floats between rows; {@code zStep}: between pixels of a row
     * @param scale one factor a channel, indexed by {@code coefficients + channel}; null for z itself
     * @param shift one summand a channel; null with {@code scale}
     * @param channels how many channels, starting at the bases
     * @param add whether the old y is added
     * @param lower lower bound, −∞ for none; {@code upper}: upper bound, ∞ for none
     */
    void apply(float[] z, int zBase, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, boolean add, float lower, float upper);

    /**
     * The links of a chain one after the other, each as {@link #apply} does it, where possible without a way through y: the same bits.
     *
     * @param chain its maps have the same strides
     * @param offset added to where each map's first wanted channel lies
     * @param add whether the old y is added to the first link
     */
    default void sum(ResidualChain chain, int offset, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch,
            int yStep, int channels, int rows, int columns, int coefficients, boolean add) {
        for (int i = 0; i < chain.count(); i++) {
            apply(chain.map(i), chain.at(i) + offset, zChannel, zPitch, zStep, y, yBase, yChannel, yPitch, yStep, channels, rows, columns,
                    chain.scale(i), chain.shift(i), coefficients, add || i > 0, chain.lower(i), chain.upper(i));
        }
    }

    /**
     * Copies vectors, cleared lanes getting the border value whatever x holds there: {@code y[lane] ← x[lane]}. Vectors of x may begin at
     * any lane. x and y may be one array, where what is read as a lane that is not cleared is not written.
     *
     * @param xOuter floats between what the outer loop reads, {@code xMiddle} and {@code xInner} likewise; the same for y
     * @param cleared a bit a lane
     */
    void copyLanes(float[] x, int xBase, int xOuter, int xMiddle, int xInner, float[] y, int yBase, int yOuter, int yMiddle, int yInner,
            int outer, int middle, int inner, int cleared, float border);

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
     * Σ du and Σ du·(z − mean) of every channel over the pixels of a group and its first {@code lanes} lanes.
     *
     * @param mean one value a channel at {@code coefficients + channel}
     * @param sum receives Σ du at {@code out + channel}
     * @param product receives Σ du·(z − mean) (fused) at {@code out + channel}
     */
    void reduce(float[] du, int duBase, float[] z, int zBase, int channels, int pixels, int lanes, float[] mean, int coefficients,
            double[] sum, double[] product, int out);

    /**
     * Σ of every channel over {@code pixels} consecutive pixels and all lanes.
     *
     * @param channel floats between channels
     * @param sum receives the sums at {@code out + channel}
     */
    void sums(float[] x, int base, int channel, int channels, int pixels, double[] sum, int out);

    /**
     * Backward of a batch normalisation: {@code y ← a·du + (b·z + c)} (both fused) at the first {@code lanes} lanes, 0 at the others. With
     * {@code a} null: {@code y ← du}. Source maps are contiguous.
     *
     * @param y receives the result, channels {@code yChannel} and rows {@code yPitch} apart, pixels 8
     * @param a one factor a channel at {@code coefficients + channel}, as {@code b} and {@code c}
     */
    void combine(float[] du, int duBase, float[] z, int zBase, float[] y, int yBase, int yChannel, int yPitch, int yStep, int channels,
            int rows, int columns, float[] a, float[] b, float[] c, int coefficients, int lanes);

    /**
     * Backward of a clamp: du stays where v lies between the bounds and becomes 0 elsewhere, on a bound and for NaN as well. Without an
     * upper bound infinity lies above the lower one.
     */
    void maskInside(float[] v, int vBase, int vChannel, int vPitch, int vStep, float[] du, int duBase, int duChannel, int duPitch,
            int duStep, int channels, int rows, int columns, float lower, float upper);

    /** {@code y ← y + x} over {@code count} consecutive floats, a multiple of 8. */
    void add(float[] x, int xBase, float[] y, int yBase, int count);

    /**
     * The largest magnitude among {@code count} consecutive floats, as its bits: they order as magnitudes do, infinity above every number
     * and NaN above infinity, so that anything not finite shows in the result. 0 for a count of 0.
     */
    int largestMagnitude(float[] x, int from, int count);
}
