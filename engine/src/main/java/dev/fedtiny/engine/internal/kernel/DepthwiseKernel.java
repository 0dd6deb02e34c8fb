package dev.fedtiny.engine.internal.kernel;

/**
 * Convolutions in which a row of weights reads one plane, so that there is no sum over channels and nothing to share between rows: a plane
 * is read and written about once, and the speed is that of memory. Sums, their order and where things lie are those of
 * {@link ConvolutionKernel#sparse} and {@link WeightGradientKernel#sparse}, with one block of columns: the same bits.
 */
public interface DepthwiseKernel {
    /**
     * Sums of weighted, shifted planes, forward or back to the data: channel k, pixel (p, q) of y is start[k], or its old value where
     * {@code start} is null, + Σ values[j] · x[{@code xBase + p·xPitch + 8·q + offsets[j]}].
     *
     * @param segments row k has the pairs {@code [segments[k], segments[rows + k])}
     * @param rows rows of the whole matrix
     */
    void planes(float[] x, int xBase, int xPitch, int[] segments, int rows, int[] offsets, float[] values, float[] start, float[] y,
            int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to);

    /**
     * Adds one image group to the accumulators of the pairs of rows {@code [from, to)}, as {@link WeightGradientKernel#sparse}.
     *
     * @param segments as for {@link #planes}
     * @param accumulators eight floats a pair, those of pair j at {@code accumulatorsBase + 8·j}
     */
    void gradients(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int[] offsets, float[] accumulators, int accumulatorsBase, int from, int to);
}
