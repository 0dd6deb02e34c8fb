package dev.fedtiny.engine.internal.kernel;

/**
 * Pooling over contiguous maps {@code [channel][row][column][8]} of one image group. A NaN counts as larger than every number, so a
 * window that holds one gives NaN, and its gradient goes to the last of them.
 */
public interface PoolKernel {
    /** Largest value of each {@code window × window} square, squares {@code stride} apart, without padding. */
    void maxForward(float[] x, int xBase, int channels, int height, int width, int window, int stride, float[] y, int yBase,
            int outputHeight, int outputWidth);

    /**
     * Adds dy to dx at the place of each window's first largest value (row-major within the window), windows in row-major order. The
     * caller has cleared dx, or wants the sum.
     */
    void maxBackward(float[] x, int xBase, int channels, int height, int width, int window, int stride, float[] dy, int dyBase,
            int outputHeight, int outputWidth, float[] dx, int dxBase);

    /** Mean of each channel: four accumulators as in {@link ElementwiseKernel}, joined (0 + 2) + (1 + 3), divided by the pixels. */
    void averageForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase);

    /** {@code dx ← [dx +] dy / pixels} at every pixel. */
    void averageBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add);

    /** Every channel's single pixel repeated {@code pixels} times. */
    void repeatForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase);

    /** {@code dx ← [dx +] Σ dy} over the pixels, summed as in {@link #averageForward}. */
    void repeatBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add);
}
