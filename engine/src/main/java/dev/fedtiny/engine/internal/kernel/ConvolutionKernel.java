package dev.fedtiny.engine.internal.kernel;

/**
 * Sums of weighted, shifted maps: what a convolution does forward and, with transposed weights, backward to its input. Every output
 * element is {@code start + Σ_j w_j · x[pixel + offset_j]}, added one term after the other in the order the terms are stored, fused as
 * {@link FusedMultiply} says; so all forms of the same weights, all blockings and all widths give the same bits for finite values.
 *
 * <p>x holds zero halos, so no term needs a check; an output pixel (p, q) reads at {@code xBase + p·xPitch + 8·q + offset}. Output rows
 * {@code [from, to)} are channels of y: channel k, pixel (p, q) lies at {@code yBase + k·yChannel + p·yPitch + q·yStep}. An
 * element starts at {@code start[k]}, or at its old value where {@code start} is null.
 */
public interface ConvolutionKernel {
    /**
     * Rows of (offset, value) pairs, cut into column blocks.
     *
     * @param segments row k of block b is the pairs {@code [segments[b·rows + k], segments[(b+1)·rows + k])}
     * @param rows rows of the whole matrix
     * @param blocks column blocks, visited in ascending order
     * @param tilesFirst whether a tile of pixels runs through all rows before the next tile (best where its input fits the cache), or a
     *     matrix row through all tiles of an image row (best for few pairs a row)
     * @param scratch {@link #SPARSE_SCRATCH} floats from {@code scratchBase} on where {@code yStep} is above 8; else not used
     */
    void sparse(float[] x, int xBase, int xPitch, int[] segments, int rows, int blocks, boolean tilesFirst, int[] offsets, float[] values,
            float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to,
            float[] scratch, int scratchBase);

    /**
     * All weights, packed by {@link #DENSE_ROWS} rows: column j of the i-th row from {@code from} on is
     * {@code values[valuesBase + (i / 4 · columns + j) · 4 + i % 4]}, the last pack padded.
     *
     * @param offsets one a column, shared by all rows
     * @param columns terms of every row
     */
    void dense(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start, float[] y,
            int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to);

    /**
     * A bit a column, 64 a word, rows starting at a word; values of the set bits in row order.
     *
     * @param rowStart position of each row's first value
     */
    void bitmask(float[] x, int xBase, int xPitch, int[] offsets, int columns, long[] bits, int[] rowStart, float[] values, float[] start,
            float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to);

    /** Floats of scratch of a sparse convolution whose pixels lie apart in y. */
    int SPARSE_SCRATCH = 64 * 128;

    /** Rows of a dense pack. */
    int DENSE_ROWS = 4;
}
