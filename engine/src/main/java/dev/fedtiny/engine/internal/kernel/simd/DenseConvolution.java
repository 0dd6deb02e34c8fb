// Generated from engine/src/templates/DenseConvolution.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.Alignment;
import jdk.incubator.vector.FloatVector;

/**
 * The dense convolution: {@code y[k, p, q] = start[k] + Σ_j w[k, j] · x[p, q + offsets[j]]} over all columns j. Four output rows by two
 * pixels stay in registers, which measured best of all tiles by far. Columns go in blocks:
 * what two pixels read of x in one stays in the first-level cache while the rows of a panel run by, whose weights lie one after the other.
 */
final class DenseConvolution {
    /** Pixels of a band, as whole image rows: what a panel adds to of y stays in the second-level cache over all blocks. */
    static final int BAND_PIXELS = 64;
    /** Columns of a block, 32 channels of 3×3 taps: 12 KB of x for two pixels, and 4.6 KB of weights for four rows. */
    static final int BLOCK_COLUMNS = 288;
    /** Rows of a panel: a block of their weights stays in the second-level cache for a whole band. */
    static final int PANEL_ROWS = 64;
    /**
     * What y held, for the tile that adds to it, one a thread: kernels allocate nothing. Read from y itself, its eight addresses would
     * stay alive over the loop and push the loop's own base addresses out of their registers.
     */
    private static final ThreadLocal<float[]> OLD = ThreadLocal.withInitial(() -> new float[Alignment.ORIGIN + 64]);

    private DenseConvolution() {
    }

    static void run(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start, float[] y,
            int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        int bandRows = Math.max(1, BAND_PIXELS / outputColumns);
        float[] old = OLD.get();
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int band = 0; band < outputRows; band += bandRows) {
                band(x, xBase + lane, xPitch, offsets, columns, values, valuesBase, start, old, y, yBase + lane, yChannel, yPitch, yStep,
                        band, Math.min(outputRows, band + bandRows), outputColumns, from, to);
            }
        }
    }

    private static void band(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start,
            float[] old, float[] y, int yBase, int yChannel, int yPitch, int yStep, int firstRow, int lastRow, int outputColumns, int from,
            int to) {
        int packs = from + (to - from & -4);
        for (int k = from; k < packs; k += PANEL_ROWS) {
            int panel = Math.min(packs, k + PANEL_ROWS);
            int first = 0;
            // Once without columns too: a phase that no tap reaches is written as start.
            do {
                int last = Math.min(columns, first + BLOCK_COLUMNS);
                for (int p = firstRow; p < lastRow; p++) {
                    block(x, xBase + p * xPitch, offsets, columns, first, last, values, valuesBase + (k - from) * columns,
                            first == 0 ? start : null, old, y, yBase + p * yPitch, yChannel, yStep, outputColumns, k, panel);
                }
                first = last;
            } while (first < columns);
        }
        for (int k = packs; k < to; k++) {
            for (int p = firstRow; p < lastRow; p++) {
                single(x, xBase + p * xPitch, offsets, columns, values, valuesBase + (packs - from) * columns + k - packs, start, y,
                        yBase + p * yPitch, yChannel, yStep, outputColumns, k);
            }
        }
    }

    /** Columns {@code [first, last)} of rows {@code [from, to)}, packs of four, on one image row; without a start they add to y. */
    private static void block(float[] x, int in, int[] offsets, int columns, int first, int last, float[] values, int valuesBase,
            float[] start, float[] old, float[] y, int out, int yChannel, int yStep, int pixels, int from, int to) {
        int q = 0;
        for (; q + 2 <= pixels; q += 2) {
            for (int k = from; k < to; k += 4) {
                int pack = valuesBase + (k - from) * columns + 4 * first;
                int at = out + k * yChannel + q * yStep;
                if (start != null) {
                    tile4x2Start(x, in + LANES * q, offsets, first, last, values, pack, start, y, at, yChannel, yStep, k);
                } else {
                    gather(y, at, yChannel, yStep, old);
                    tile4x2Add(x, in + LANES * q, offsets, first, last, values, pack, old, y, at, yChannel, yStep);
                }
            }
        }
        if (q < pixels) {
            for (int k = from; k < to; k += 4) {
                int pack = valuesBase + (k - from) * columns + 4 * first;
                int at = out + k * yChannel + q * yStep;
                if (start != null) {
                    tile4x1Start(x, in + LANES * q, offsets, first, last, values, pack, start, y, at, yChannel, yStep, k);
                } else {
                    tile4x1Add(x, in + LANES * q, offsets, first, last, values, pack, y, at, yChannel, yStep);
                }
            }
        }
    }

    private static void single(float[] x, int in, int[] offsets, int columns, float[] values, int pack, float[] start, float[] y, int out,
            int yChannel, int yStep, int pixels, int k) {
        for (int q = 0; q < pixels; q++) {
            if (start != null) {
                tile1x1Start(x, in + LANES * q, offsets, columns, values, pack, start, y, out + q * yStep, yChannel, k);
            } else {
                tile1x1Add(x, in + LANES * q, offsets, columns, values, pack, y, out + q * yStep, yChannel, k);
            }
        }
    }

    /** What y holds of four rows and two pixels, one after the other. No vectors: seldom run, they may stay objects for ever. */
    private static void gather(float[] y, int at, int yChannel, int yStep, float[] old) {
        for (int row = 0; row < 4; row++) {
            int from = at + row * yChannel;
            int to = Alignment.ORIGIN + 16 * row;
            System.arraycopy(y, from, old, to, Species.LENGTH);
            System.arraycopy(y, from + yStep, old, to + 8, Species.LENGTH);
        }
    }

    /** Four rows × 2 pixels, beginning at start[k]. */
    private static void tile4x2Start(float[] x, int in, int[] offsets, int first, int last, float[] values, int pack, float[] start,
            float[] y, int at, int yChannel, int yStep, int k) {
        FloatVector a00 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
        FloatVector a01 = a00;
        FloatVector a10 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k + 1]));
        FloatVector a11 = a10;
        FloatVector a20 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k + 2]));
        FloatVector a21 = a20;
        FloatVector a30 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k + 3]));
        FloatVector a31 = a30;
        int w = pack;
        for (int j = first; j < last; j++) {
            int o = in + offsets[j];
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, o);
            FloatVector x1 = FloatVector.fromArray(FLOATS, x, o + 8);
            FloatVector w0 = FloatVector.broadcast(FLOATS, values[w]);
            a00 = multiplyAdd(w0, x0, a00);
            a01 = multiplyAdd(w0, x1, a01);
            FloatVector w1 = FloatVector.broadcast(FLOATS, values[w + 1]);
            a10 = multiplyAdd(w1, x0, a10);
            a11 = multiplyAdd(w1, x1, a11);
            FloatVector w2 = FloatVector.broadcast(FLOATS, values[w + 2]);
            a20 = multiplyAdd(w2, x0, a20);
            a21 = multiplyAdd(w2, x1, a21);
            FloatVector w3 = FloatVector.broadcast(FLOATS, values[w + 3]);
            a30 = multiplyAdd(w3, x0, a30);
            a31 = multiplyAdd(w3, x1, a31);
            w += 4;
        }
        EXACT.cast(a00).intoArray(y, at);
        EXACT.cast(a01).intoArray(y, at + yStep);
        EXACT.cast(a10).intoArray(y, at + yChannel);
        EXACT.cast(a11).intoArray(y, at + yChannel + yStep);
        EXACT.cast(a20).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a21).intoArray(y, at + 2 * yChannel + yStep);
        EXACT.cast(a30).intoArray(y, at + 3 * yChannel);
        EXACT.cast(a31).intoArray(y, at + 3 * yChannel + yStep);
    }

    /** Four rows × 2 pixels, adding to what {@code old} holds of y. */
    private static void tile4x2Add(float[] x, int in, int[] offsets, int first, int last, float[] values, int pack, float[] old,
            float[] y, int at, int yChannel, int yStep) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN + 8));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN + 16));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN + 24));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN + 32));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN + 40));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN + 48));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(FLOATS, old, Alignment.ORIGIN + 56));
        int w = pack;
        for (int j = first; j < last; j++) {
            int o = in + offsets[j];
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, o);
            FloatVector x1 = FloatVector.fromArray(FLOATS, x, o + 8);
            FloatVector w0 = FloatVector.broadcast(FLOATS, values[w]);
            a00 = multiplyAdd(w0, x0, a00);
            a01 = multiplyAdd(w0, x1, a01);
            FloatVector w1 = FloatVector.broadcast(FLOATS, values[w + 1]);
            a10 = multiplyAdd(w1, x0, a10);
            a11 = multiplyAdd(w1, x1, a11);
            FloatVector w2 = FloatVector.broadcast(FLOATS, values[w + 2]);
            a20 = multiplyAdd(w2, x0, a20);
            a21 = multiplyAdd(w2, x1, a21);
            FloatVector w3 = FloatVector.broadcast(FLOATS, values[w + 3]);
            a30 = multiplyAdd(w3, x0, a30);
            a31 = multiplyAdd(w3, x1, a31);
            w += 4;
        }
        EXACT.cast(a00).intoArray(y, at);
        EXACT.cast(a01).intoArray(y, at + yStep);
        EXACT.cast(a10).intoArray(y, at + yChannel);
        EXACT.cast(a11).intoArray(y, at + yChannel + yStep);
        EXACT.cast(a20).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a21).intoArray(y, at + 2 * yChannel + yStep);
        EXACT.cast(a30).intoArray(y, at + 3 * yChannel);
        EXACT.cast(a31).intoArray(y, at + 3 * yChannel + yStep);
    }

    /** Four rows × 1 pixels, beginning at start[k]. */
    private static void tile4x1Start(float[] x, int in, int[] offsets, int first, int last, float[] values, int pack, float[] start,
            float[] y, int at, int yChannel, int yStep, int k) {
        FloatVector a00 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
        FloatVector a10 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k + 1]));
        FloatVector a20 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k + 2]));
        FloatVector a30 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k + 3]));
        int w = pack;
        for (int j = first; j < last; j++) {
            int o = in + offsets[j];
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, o);
            FloatVector w0 = FloatVector.broadcast(FLOATS, values[w]);
            a00 = multiplyAdd(w0, x0, a00);
            FloatVector w1 = FloatVector.broadcast(FLOATS, values[w + 1]);
            a10 = multiplyAdd(w1, x0, a10);
            FloatVector w2 = FloatVector.broadcast(FLOATS, values[w + 2]);
            a20 = multiplyAdd(w2, x0, a20);
            FloatVector w3 = FloatVector.broadcast(FLOATS, values[w + 3]);
            a30 = multiplyAdd(w3, x0, a30);
            w += 4;
        }
        EXACT.cast(a00).intoArray(y, at);
        EXACT.cast(a10).intoArray(y, at + yChannel);
        EXACT.cast(a20).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a30).intoArray(y, at + 3 * yChannel);
    }

    /** Four rows × 1 pixel, adding to what y holds. */
    private static void tile4x1Add(float[] x, int in, int[] offsets, int first, int last, float[] values, int pack, float[] y,
            int at, int yChannel, int yStep) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yChannel));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yChannel));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yChannel));
        int w = pack;
        for (int j = first; j < last; j++) {
            int o = in + offsets[j];
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, o);
            FloatVector w0 = FloatVector.broadcast(FLOATS, values[w]);
            a00 = multiplyAdd(w0, x0, a00);
            FloatVector w1 = FloatVector.broadcast(FLOATS, values[w + 1]);
            a10 = multiplyAdd(w1, x0, a10);
            FloatVector w2 = FloatVector.broadcast(FLOATS, values[w + 2]);
            a20 = multiplyAdd(w2, x0, a20);
            FloatVector w3 = FloatVector.broadcast(FLOATS, values[w + 3]);
            a30 = multiplyAdd(w3, x0, a30);
            w += 4;
        }
        EXACT.cast(a00).intoArray(y, at);
        EXACT.cast(a10).intoArray(y, at + yChannel);
        EXACT.cast(a20).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a30).intoArray(y, at + 3 * yChannel);
    }

    /** One row, one pixel: what packs of four and pairs of pixels leave over, beginning at start[k]. */
    private static void tile1x1Start(float[] x, int in, int[] offsets, int columns, float[] values, int pack, float[] start, float[] y,
            int out, int yChannel, int k) {
        int at = out + k * yChannel;
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
        int w = pack;
        for (int j = 0; j < columns; j++) {
            a = multiplyAdd(FloatVector.broadcast(FLOATS, values[w]), FloatVector.fromArray(FLOATS, x, in + offsets[j]), a);
            w += 4;
        }
        EXACT.cast(a).intoArray(y, at);
    }

    /** One row, one pixel: what packs of four and pairs of pixels leave over, adding to what y holds. */
    private static void tile1x1Add(float[] x, int in, int[] offsets, int columns, float[] values, int pack, float[] y,
            int out, int yChannel, int k) {
        int at = out + k * yChannel;
        FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
        int w = pack;
        for (int j = 0; j < columns; j++) {
            a = multiplyAdd(FloatVector.broadcast(FLOATS, values[w]), FloatVector.fromArray(FLOATS, x, in + offsets[j]), a);
            w += 4;
        }
        EXACT.cast(a).intoArray(y, at);
    }
}
