package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.tensor.Layout;

/**
 * Gradients of weights: for the weight of row k with an offset, Σ x[pixel + offset] · dz[k, pixel] over pixels and lanes. Each weight has
 * eight accumulators, one a lane; pixels are added in the order (group, row, column), fused as {@link FusedMultiply} says, and the
 * lanes at the very end in the tree ((0+4)+(2+6))+((1+5)+(3+7)). So all forms, blockings and widths give the same bits.
 *
 * <p>Pixel (p, q) of row k of dz lies at {@code dzBase + k·dzChannel + p·dzPitch + 8·q}, of x at {@code xBase + p·xPitch + 8·q}.
 */
public interface WeightGradientKernel {
    /**
     * Adds one image group to the accumulators of stored pairs, rows {@code [from, to)}.
     *
     * @param segments rows and column blocks as in {@link ConvolutionKernel#sparse}
     * @param accumulators eight floats a pair of these rows, from {@code accumulatorsBase} on, in the order in which they are added to:
     *     block by block, in each of them row by row. So memory is gone over from end to end
     */
    void sparse(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows, int outputColumns,
            int[] segments, int rows, int blocks, int[] offsets, float[] accumulators, int accumulatorsBase, int from, int to);

    /**
     * Adds one image group to the accumulators of set bits of rows {@code [from, to)}, eight floats each from {@code accumulatorsBase} on;
     * forms as in {@link ConvolutionKernel#bitmask}.
     */
    void bitmask(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int columns, long[] bits, int[] rowStart, float[] accumulators, int accumulatorsBase, int from, int to);

    /** Joins the lanes of accumulators: {@code gradient[j]}, j in {@code [from, to)}, from eight floats each, the first at {@code at}. */
    void join(float[] accumulators, int at, float[] gradient, int from, int to);

    /**
     * Gradients of all columns of the rows {@code [from, to)} over all groups at once, at most {@link #denseRows} rows.
     *
     * @param xGroup floats between groups of x; {@code dzGroup}: of dz
     * @param gradient receives row k, column j at {@code (k - from)·columns + j + gradientBase}
     * @param lanes scratch of {@link #denseLanes} floats from {@code lanesBase} on, one such piece a thread
     */
    void dense(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch, int groups,
            int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase, float[] lanes,
            int lanesBase, int from, int to);

    /** Rows that a call of {@link #dense} should have: they share what is read of x. Threads' shares are multiples of a quarter of it. */
    default int denseRows() {
        return 12;
    }

    /** Pixels whose dz is packed at a time: what a tile of rows has of them leaves a first-level cache some room. */
    int SEGMENT_PIXELS = 64;
    /** Columns whose accumulators are held at a time: 18 KB a row. */
    int BLOCK_COLUMNS = 576;

    /** Floats of scratch that {@link #dense} needs for up to {@link #denseRows} rows: accumulators of a block, and a segment's dz. */
    default int denseLanes(int columns) {
        return denseRows() * (Math.ceilDiv(Math.min(columns, BLOCK_COLUMNS), 3) * (3 * Layout.LANES) + SEGMENT_PIXELS * Layout.LANES);
    }
}
