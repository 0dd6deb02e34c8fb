package dev.fedtiny.engine.internal.kernel;

/**
 * What happens to float32 maps in scratch, value by value or channel by channel. Sums over pixels are taken in the order of
 * {@link StorageKernel}, which does the same for maps as they are stored.
 */
public interface ElementwiseKernel {
    /**
     * A copy, scaled and clamped where wanted: {@code y ← [clamp] ([y +] (scale·z + shift))}, product and shift fused as
     * {@link FusedMultiply} says, then the sum with the old y; what is below the lower bound becomes it, what is above the upper bound
     * becomes that, so that ReLU, of bounds 0 and ∞, leaves −0 and NaN.
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
     * Copies vectors, cleared lanes getting the border value whatever x holds there: {@code y[lane] ← x[lane]}. Vectors of x may begin at
     * any lane. x and y may be one array, where what is read as a lane that is not cleared is not written.
     *
     * @param xOuter floats between what the outer loop reads, {@code xMiddle} and {@code xInner} likewise; the same for y
     * @param cleared a bit a lane
     */
    void copyLanes(float[] x, int xBase, int xOuter, int xMiddle, int xInner, float[] y, int yBase, int yOuter, int yMiddle, int yInner,
            int outer, int middle, int inner, int cleared, float border);

    /**
     * Σ of every channel over {@code pixels} consecutive pixels and all lanes.
     *
     * @param channel floats between channels
     * @param sum receives the sums at {@code out + channel}
     */
    void sums(float[] x, int base, int channel, int channels, int pixels, double[] sum, int out);

    /**
     * The same over rows of pixels with gaps between them, which are not looked at: to the bit what {@link #sums} gives of the rows end to
     * end.
     *
     * @param pitch floats between rows; pixels of a row are 8 apart
     */
    void sumsOfRows(float[] x, int base, int channel, int pitch, int channels, int rows, int columns, double[] sum, int out);

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
