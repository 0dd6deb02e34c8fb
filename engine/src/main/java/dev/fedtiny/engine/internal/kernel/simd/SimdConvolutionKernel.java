package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;

/**
 * The vector kernels behind the interface; each form is a class of its own, so that C2 compiles and profiles it alone. Image rows that lie
 * end to end, as those of 1 × 1 convolutions do, are taken as one long row, of which less is left over by the widest tiles.
 */
public final class SimdConvolutionKernel implements ConvolutionKernel {
    private final boolean wide;

    /** As wide as this JVM prefers. */
    public SimdConvolutionKernel() {
        this(Species512.PREFERRED);
    }

    /** With loops of 512 bits, which only a JVM that prefers them should ask for, or without. */
    public SimdConvolutionKernel(boolean wide) {
        this.wide = wide;
    }

    @Override
    public void sparse(float[] x, int xBase, int xPitch, int[] segments, int rows, int blocks, boolean tilesFirst, int[] offsets,
            float[] values, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns,
            int from, int to,
            float[] scratch, int scratchBase) {
        if (outputRows > 1 && isOneRow(xPitch, yPitch, yStep, outputColumns)) {
            sparse(x, xBase, xPitch, segments, rows, blocks, tilesFirst, offsets, values, start, y, yBase, yChannel, yPitch, yStep, 1,
                    outputRows * outputColumns, from, to, scratch, scratchBase);
            return;
        }
        if (wide && outputRows == 1 && yStep == LANES) {
            sparseRow(x, xBase, segments, rows, blocks, tilesFirst, offsets, values, start, y, yBase, yChannel, outputColumns, from, to);
            return;
        }
        if (wide && SparseConvolution512.covers(xPitch, yStep, outputRows, outputColumns)) {
            SparseConvolution512.run(x, xBase, xPitch, segments, rows, blocks, tilesFirst, offsets, values, start, y, yBase, yChannel,
                    yPitch, outputRows, outputColumns, from, to);
            return;
        }
        int pairs = segments[(blocks + 1) * rows - 1] - segments[0];
        if (wide && SparsePolyphase512.covers(xPitch, yStep, outputRows, outputColumns, tilesFirst, pairs, rows)) {
            SparsePolyphase512.run(x, xBase, xPitch, segments, rows, blocks, offsets, values, start, y, yBase, yChannel, yPitch, yStep,
                    outputRows,
                    outputColumns, from, to, scratch, scratchBase);
            return;
        }
        SparseConvolution.run(x, xBase, xPitch, segments, rows, blocks, tilesFirst, offsets, values, start, y, yBase, yChannel, yPitch,
                yStep, outputRows, outputColumns, from, to);
    }

    private static boolean isOneRow(int xPitch, int yPitch, int yStep, int columns) {
        return xPitch == LANES * columns && yPitch == yStep * columns;
    }

    /** A row of pixels: as many as possible in tiles of 16, then 8, then a few pairs, then one. */
    private void sparseRow(float[] x, int xBase, int[] segments, int rows, int blocks, boolean tilesFirst, int[] offsets, float[] values,
            float[] start, float[] y, int yBase, int yChannel, int pixels, int from, int to) {
        int q = pixels & -16;
        if (q > 0) {
            SparseConvolution512.run(x, xBase, 0, segments, rows, blocks, tilesFirst, offsets, values, start, y, yBase, yChannel, 0, 1, q,
                    from, to);
        }
        if (pixels - q >= 8) {
            SparseConvolution.run(x, xBase + LANES * q, 0, segments, rows, blocks, tilesFirst, offsets, values, start, y,
                    yBase + LANES * q, yChannel, 0, LANES, 1, 8, from, to);
            q += 8;
        }
        int pairs = (pixels - q) / 2;
        if (pairs > 0) {
            SparseFewPairs512.convolve(x, xBase + LANES * q, segments, rows * blocks, offsets, values, start, y, yBase + LANES * q,
                    yChannel, pairs, from, to);
            q += 2 * pairs;
        }
        if (q < pixels) {
            SparseFewPixels.convolve(x, xBase + LANES * q, segments, rows * blocks, offsets, values, start, y, yBase + LANES * q, yChannel,
                    LANES, 1, from, to);
        }
    }

    @Override
    public void dense(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start,
            float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        boolean oneRow = outputColumns % 2 != 0 && isOneRow(xPitch, yPitch, yStep, outputColumns);
        int lines = oneRow ? 1 : outputRows;
        int pixels = oneRow ? outputRows * outputColumns : outputColumns;
        int covered = wide && DenseConvolution512.covers(columns, start, pixels) ? pixels : wide && lines == 1 ? pixels & -2 : 0;
        int rest = from;
        if (covered > 0) {
            rest = to - (to - from) % DenseConvolution512.TILE_ROWS;
            DenseConvolution512.run(x, xBase, xPitch, offsets, columns, values, valuesBase, start, y, yBase, yChannel, yPitch, yStep, lines,
                    covered, from, rest);
            if (covered < pixels && from < rest) {
                DenseConvolution.run(x, xBase + LANES * covered, xPitch, offsets, columns, values, valuesBase, start, y,
                        yBase + covered * yStep, yChannel, yPitch, yStep, lines, 1, from, rest);
            }
        }
        if (rest < to) {
            DenseConvolution.run(x, xBase, xPitch, offsets, columns, values, valuesBase + (rest - from) * columns, start, y, yBase,
                    yChannel, yPitch, yStep, lines, pixels, rest, to);
        }
    }

    @Override
    public void bitmask(float[] x, int xBase, int xPitch, int[] offsets, int columns, long[] bits, int[] rowStart, float[] values,
            float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        BitmaskConvolution.run(x, xBase, xPitch, offsets, columns, bits, rowStart, values, start, y, yBase, yChannel, yPitch, yStep,
                outputRows, outputColumns, from, to);
    }
}
