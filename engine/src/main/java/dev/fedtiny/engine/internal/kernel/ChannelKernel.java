package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.tensor.Layout;

/**
 * What looks at several channels of an image at once: softmax, layer and group normalisation. Maps are {@code [channel][pixel][8]} of one
 * image group, contiguous in group normalisation. The others take some of a map's pixels, beside each other; in all of their maps one
 * channel begins {@code channel} floats behind the one before it.
 *
 * <p>Softmax and layer normalisation treat every pixel by itself, {@link #BLOCK} of them at a time from the first on, channels one after
 * the other, so that memory is walked as it lies; sums over channels are added in their order. Group normalisation adds all values of a
 * group, pixel by pixel and channel by channel, to four accumulators as in {@link ElementwiseKernel}. Variances are those of all values
 * (biased), from deviations. Sums for parameters are the lanes' sums over the pixels of a block or a map, lanes added in the tree of
 * {@link LaneTree}, lanes that hold no image cleared before, then in double.
 */
public interface ChannelKernel {
    /** Pixels whose sums lie side by side in scratch. */
    int BLOCK = 32;
    /** Floats of scratch that a call needs, from {@code scratchAt} on. */
    int SCRATCH = 4 * BLOCK * Layout.LANES + 16;

    /** {@code y[c] ← e^(x[c] − m) / Σ e^(x[k] − m)}, m the pixel's largest value. */
    void softmaxForward(float[] x, int xAt, int channels, int channel, int pixels, float[] y, int yAt, float[] scratch, int scratchAt);

    /** {@code dx[c] ← [dx[c] +] y[c] (dy[c] − Σ dy[k]·y[k])}. */
    void softmaxBackward(float[] y, int yAt, float[] dy, int dyAt, int channels, int channel, int pixels, float[] dx, int dxAt,
            boolean add, float[] scratch, int scratchAt);

    /** {@code y[c] ← γ[c]·(x[c] − mean) / √(variance + ε) + β[c]}, statistics of each pixel's channels. */
    void layerNormForward(float[] x, int xAt, int channels, int channel, int pixels, float[] gamma, float[] beta, float epsilon, float[] y,
            int yAt, float[] scratch, int scratchAt);

    /**
     * The gradients of {@link #layerNormForward}.
     *
     * @param lanes how many hold images
     * @param dx set, or added to; null where it is not wanted
     * @param dGamma receives the group's sums from {@code dGammaAt} on; null where they are not wanted, {@code dBeta} likewise
     */
    void layerNormBackward(float[] x, int xAt, float[] dy, int dyAt, int channels, int channel, int pixels, int lanes, float[] gamma,
            float epsilon, float[] dx, int dxAt, boolean add, double[] dGamma, int dGammaAt, double[] dBeta, int dBetaAt, float[] scratch,
            int scratchAt);

    /**
     * As {@link #layerNormForward}, statistics of each group's channels over all pixels.
     *
     * @param groups parts that channels are cut into, in order; they divide the channels
     * @param coefficients the first channel's place in γ and β
     */
    void groupNormForward(float[] x, int xAt, int channels, int pixels, int groups, float[] gamma, float[] beta, int coefficients,
            float epsilon, float[] y, int yAt, float[] scratch, int scratchAt);

    /** The gradients of {@link #groupNormForward}; for the parameters see {@link #layerNormBackward}. */
    void groupNormBackward(float[] x, int xAt, float[] dy, int dyAt, int channels, int pixels, int groups, int lanes, float[] gamma,
            int coefficients, float epsilon, float[] dx, int dxAt, boolean add, double[] dGamma, int dGammaAt, double[] dBeta, int dBetaAt,
            float[] scratch, int scratchAt);
}
