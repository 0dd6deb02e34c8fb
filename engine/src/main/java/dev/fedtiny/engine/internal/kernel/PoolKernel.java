package dev.fedtiny.engine.internal.kernel;

/**
 * Pooling and its reverse over contiguous maps {@code [channel][row][column][8]} of one image group. A NaN counts as larger than every
 * number, so a window that holds one gives NaN, and its gradient goes to the last of them.
 */
public interface PoolKernel {
    /** Largest value of each window. */
    void maxForward(float[] x, int xBase, int channels, PoolWindows windows, float[] y, int yBase);

    /**
     * Adds dy to dx at the place of each window's first largest value (row-major within the window), windows in row-major order. The
     * caller has cleared dx, or wants the sum.
     */
    void maxBackward(float[] x, int xBase, int channels, PoolWindows windows, float[] dy, int dyBase, float[] dx, int dxBase);

    /**
     * Mean of each window, its values added in row-major order to 0.
     *
     * @param padded whether values on padding count as zeros, or not at all
     */
    void meanForward(float[] x, int xBase, int channels, PoolWindows windows, boolean padded, float[] y, int yBase);

    /** Adds dy, divided as in {@link #meanForward}, to dx at all places of each window, windows in row-major order. */
    void meanBackward(float[] dy, int dyBase, int channels, PoolWindows windows, boolean padded, float[] dx, int dxBase);

    /** Mean of each channel: four accumulators as in {@link ElementwiseKernel}, joined (0 + 2) + (1 + 3), divided by the pixels. */
    void averageForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase);

    /** {@code dx ← [dx +] dy / pixels} at every pixel. */
    void averageBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add);

    /** Every channel's single pixel repeated {@code pixels} times. */
    void repeatForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase);

    /** {@code dx ← [dx +] Σ dy} over the pixels, summed as in {@link #averageForward}. */
    void repeatBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add);

    /**
     * Every pixel of x as a rectangle of y, {@code down} rows of {@code across} pixels.
     *
     * @param rows of all channels of x together
     */
    void enlargeForward(float[] x, int xBase, int rows, int columns, int down, int across, float[] y, int yBase);

    /** {@code dx ← [dx +] Σ dy} over each pixel's rectangle, in row-major order. */
    void enlargeBackward(float[] dy, int dyBase, int rows, int columns, int down, int across, float[] dx, int dxBase, boolean add);
}
