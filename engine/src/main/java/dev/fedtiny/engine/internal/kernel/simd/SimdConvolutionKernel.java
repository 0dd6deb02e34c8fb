package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;

/** The vector kernels behind the interface; each form is a class of its own, so that C2 compiles and profiles it alone. */
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

    @Override
    public void dense(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start,
            float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        int rest = from;
        if (wide && outputColumns % 2 == 0) {
            rest = to - (to - from) % DenseConvolution512.TILE_ROWS;
            DenseConvolution512.run(x, xBase, xPitch, offsets, columns, values, valuesBase, start, y, yBase, yChannel, yPitch, yStep,
                    outputRows, outputColumns, from, rest);
        }
        if (rest < to) {
            DenseConvolution.run(x, xBase, xPitch, offsets, columns, values, valuesBase + (rest - from) * columns, start, y, yBase,
                    yChannel, yPitch, yStep, outputRows, outputColumns, rest, to);
        }
    }

    @Override
    public void bitmask(float[] x, int xBase, int xPitch, int[] offsets, int columns, long[] bits, int[] rowStart, float[] values,
            float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        BitmaskConvolution.run(x, xBase, xPitch, offsets, columns, bits, rowStart, values, start, y, yBase, yChannel, yPitch, yStep,
                outputRows, outputColumns, from, to);
    }
}
