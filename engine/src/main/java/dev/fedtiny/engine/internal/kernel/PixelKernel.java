package dev.fedtiny.engine.internal.kernel;

/**
 * What moves maps whose neighbouring pixels lie in the lanes ({@link dev.fedtiny.engine.tensor.Layout#PIXELS}): between rows end to end and
 * planes that windows slide over, and between pixels and channels in the lanes. Values are normalised and clamped on the way where wanted,
 * {@code y ← [clamp] (scale·x + shift)}, as {@link ElementwiseKernel#apply} computes it. All positions and strides are in floats.
 */
public interface PixelKernel {
    /** Floats behind a plane that may be written, so that vectors need not end with it. */
    int SLACK = 16;

    /**
     * Planes: image rows with zeros around them. A plane is {@code before} zeros, rows of {@code columns} pixels and
     * {@code yPitch - columns} zeros each, and {@code behind} zeros; {@link #SLACK} floats behind these may hold anything afterwards.
     *
     * @param xPitch floats between rows of x that are taken; {@code xStep}: between pixels of them
     * @param yBase first float of the first plane; planes lie {@code yChannel} floats apart
     * @param channels how many channels, starting at the bases
     * @param scale one factor a channel, indexed by {@code coefficients + channel}; null for x itself
     * @param shift one summand a channel; null with {@code scale}
     * @param lower lower bound, −∞ for none; {@code upper}: upper bound, ∞ for none
     */
    void planes(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yPitch, int before,
            int behind, int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, float lower, float upper);

    /**
     * Rows end to end, of rows that lie apart.
     *
     * @param xPitch floats between rows of x; {@code xStep}: between pixels of them that are taken
     * @param yFloats floats of a channel of y that may be written: what of them lies behind the last row may hold anything afterwards
     */
    void rows(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yFloats, int channels,
            int rows, int columns, float[] scale, float[] shift, int coefficients, float lower, float upper);

    /**
     * Depthwise windows over maps as they lie: {@code y[k, pixel] = start[k] + Σ_t values[k, t] · x[pixel + reach(t)]} in ascending order
     * of taps, of each channel's every pixel; what a tap reads beyond the image is 0.
     *
     * @param xBase first pixel of the first of all channels of x, {@code xChannel} floats apart
     * @param multiplier channels of y that read one of x
     * @param values one a channel of y and tap
     * @param yBase first pixel of the first of all channels of y, {@code yChannel} floats apart, of which whole sixteens are written
     * @param from first channel of y that is computed; {@code to}: behind the last
     */
    void windows(float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start, float[] y,
            int yBase, int yChannel, int from, int to);

    /**
     * Channels into the lanes: {@code y[pixel][lane] ← x[lane][pixel]} of eight channels.
     *
     * @param xChannel floats between channels, each of which holds a multiple of eight floats
     * @param channels how many there are, at most 8; lanes beyond get anything
     * @param pixels of a channel, rounded up to a multiple of 8: so many vectors of y are written
     */
    void channelsToLanes(float[] x, int xBase, int xChannel, float[] y, int yBase, int channels, int pixels);
}
