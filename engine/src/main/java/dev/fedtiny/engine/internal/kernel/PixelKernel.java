package dev.fedtiny.engine.internal.kernel;

/**
 * What moves maps whose neighbouring pixels lie in the lanes ({@link dev.fedtiny.engine.tensor.Layout#PIXELS}): between rows end to end and
 * planes that windows slide over, and between pixels and channels in the lanes. On the way values become what a {@link ChannelFunction}
 * says. All positions and strides are in floats.
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
     * @param function of the channels, the first of which is its channel {@code first}
     */
    void planes(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yPitch, int before,
            int behind, int channels, int rows, int columns, ChannelFunction function, int first);

    /**
     * Rows end to end, of rows that lie apart.
     *
     * @param xPitch floats between rows of x; {@code xStep}: between pixels of them that are taken
     * @param yFloats floats of a channel of y that may be written: what of them lies behind the last row may hold anything afterwards
     * @param function of the channels, the first of which is its channel {@code first}
     */
    void rows(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yFloats, int channels,
            int rows, int columns, ChannelFunction function, int first);

    /**
     * Values in their place become what a function says.
     *
     * @param channels how many, {@code yChannel} floats apart
     * @param floats of each, in whole sixteens
     * @param function of the channels, the first of which is its channel {@code first}
     */
    void finish(float[] y, int yBase, int yChannel, int channels, int floats, ChannelFunction function, int first);

    /**
     * Depthwise windows over maps as they lie: {@code function(start[k] + Σ_t values[k, t] · x[pixel + reach(t)])} in ascending order
     * of taps; what a tap reads beyond the image is 0. Of each channel the sixteens of windows follow each other; what belongs to no window
     * that is wanted may hold anything afterwards.
     *
     * @param xBase first pixel of the first of all channels of x, {@code xChannel} floats apart
     * @param multiplier channels of y that read one of x
     * @param values one a channel of y and tap
     * @param function of the channels of y
     * @param yBase first window of the first of all channels of y, {@code yChannel} floats apart
     * @param from first channel of y that is computed; {@code to}: behind the last
     */
    void windows(float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start,
            ChannelFunction function, float[] y, int yBase, int yChannel, int from, int to);

    /**
     * Channels into the lanes: {@code y[pixel][lane] ← x[lane][pixel]} of eight channels.
     *
     * @param xChannel floats between channels, each of which holds a multiple of eight floats
     * @param channels how many there are, at most 8; lanes beyond get anything
     * @param pixels of a channel, rounded up to a multiple of 8: so many vectors of y are written
     */
    void channelsToLanes(float[] x, int xBase, int xChannel, float[] y, int yBase, int channels, int pixels);
}
