package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;
import jdk.incubator.vector.FloatVector;

/**
 * The sparse convolution on vectors of two pixels where pixels lie beside each other in x, but apart in y: the gradient of a strided
 * convolution's input, phase by phase. A tile is computed in scratch, in as many matrix rows as that holds, and then put in its places.
 * With few pairs a row, which go over a plane from end to end, that takes longer than narrower vectors do.
 */
final class SparsePolyphase512 {
    /** Floats of a tile of 1 × 16, 2 × 8 or 4 × 4 pixels. */
    private static final int TILE = 128;
    private static final int ROWS = ConvolutionKernel.SPARSE_SCRATCH / TILE;
    /** Pairs a row from which on a tile is worth its way through scratch. */
    private static final int LEAST_PAIRS = 24;

    private SparsePolyphase512() {
    }

    /**
     * Whether pixels of y lie apart and maps are cut into tiles without a rest.
     *
     * @param pairs of the matrix
     */
    static boolean covers(int xPitch, int yStep, int outputRows, int outputColumns, boolean tilesFirst, int pairs, int rows) {
        return yStep > LANES && tilesFirst && pairs >= LEAST_PAIRS * rows
                && SparseConvolution512.covers(xPitch, 8, outputRows, outputColumns);
    }

    /** As {@link SparseConvolution#run}, where {@link #covers} says so. */
    static void run(float[] x, int xBase, int xPitch, int[] segments, int rows, int blocks, int[] offsets, float[] values,
            float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to,
            float[] scratch, int scratchBase) {
        int tileColumns = Math.min(16, outputColumns);
        int tileRows = 16 / tileColumns;
        int pitch = 8 * tileColumns;
        for (int k = from; k < to; k += ROWS) {
            int end = Math.min(to, k + ROWS);
            for (int p = 0; p < outputRows; p += tileRows) {
                for (int q = 0; q < outputColumns; q += tileColumns) {
                    int out = yBase + k * yChannel + p * yPitch + q * yStep;
                    if (start == null) {
                        move(y, out, yChannel, yPitch, yStep, scratch, scratchBase, TILE, pitch, LANES, tileRows, tileColumns, end - k);
                    }
                    SparseConvolution512.run(x, xBase + p * xPitch + LANES * q, xPitch, segments, rows, blocks, true, offsets, values,
                            start, scratch, scratchBase - k * TILE, TILE, pitch, tileRows, tileColumns, k, end);
                    move(scratch, scratchBase, TILE, pitch, LANES, y, out, yChannel, yPitch, yStep, tileRows, tileColumns, end - k);
                }
            }
        }
    }

    private static void move(float[] a, int aBase, int aChannel, int aPitch, int aStep, float[] b, int bBase, int bChannel, int bPitch,
            int bStep, int rows, int columns, int channels) {
        for (int k = 0; k < channels; k++) {
            for (int p = 0; p < rows; p++) {
                pixels(a, aBase + k * aChannel + p * aPitch, aStep, b, bBase + k * bChannel + p * bPitch, bStep, columns);
            }
        }
    }

    private static void pixels(float[] a, int from, int aStep, float[] b, int to, int bStep, int count) {
        for (int i = 0; i < count; i++) {
            FloatVector.fromArray(FLOATS, a, from + i * aStep).intoArray(b, to + i * bStep);
        }
    }
}
