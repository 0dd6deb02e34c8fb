// Generated from engine/src/templates/SparseConvolution512.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The sparse convolution on vectors of two pixels: {@code y[k, p, q] = start[k] + Σ_j values[j] · x[p, q + offsets[j]]}. Tiles are of
 * 1 × 16, 2 × 8 or 4 × 4 pixels, so that every non-zero feeds as many accumulators as in {@link SparseConvolution} and pays for its
 * offset and broadcast half as often. One tap of three, or two, by where x begins, reads across the edge of a cache line: wider vectors
 * gain less here than in dense kernels, which load less.
 */
final class SparseConvolution512 {
    /** Floats between image rows of maps four pixels wide: a constant, which costs no second address. */
    private static final int PITCH = SparseWeightGradient.PITCH;

    private SparseConvolution512() {
    }

    /** Whether maps are cut into tiles without a rest. */
    static boolean covers(int xPitch, int yStep, int outputRows, int outputColumns) {
        return yStep == LANES && (outputColumns % 16 == 0 || outputColumns == 8 && outputRows % 2 == 0
                || outputColumns == 4 && outputRows % 4 == 0 && xPitch == PITCH);
    }

    /** As {@link SparseConvolution#run}, where {@link #covers} says so. */
    static void run(float[] x, int xBase, int xPitch, int[] segments, int rows, int blocks, boolean tilesFirst, int[] offsets,
            float[] values, float[] start, float[] y, int yBase, int yChannel, int yPitch, int outputRows, int outputColumns, int from,
            int to) {
        if (outputColumns == 4) {
            for (int p = 0; p < outputRows; p += 4) {
                convolve4x4(x, xBase + p * xPitch, segments, rows, blocks, offsets, values, start, y, yBase + p * yPitch, yChannel, yPitch,
                        from, to);
            }
            return;
        }
        boolean wide = outputColumns >= 16;
        int lines = wide ? outputRows : outputRows / 2;
        int xLine = wide ? xPitch : 2 * xPitch;
        int yLine = wide ? yPitch : 2 * yPitch;
        int xSecond = wide ? 64 : xPitch;
        int ySecond = wide ? 64 : yPitch;
        int width = wide ? 8 * outputColumns : 128;
        if (!tilesFirst) {
            int last = blocks * rows;
            if (start != null) {
                planeStart(x, xBase, xLine, xSecond, segments, last, offsets, values, start, y, yBase, yChannel, yLine, ySecond, lines,
                        width, from, to);
            } else {
                planeAdd(x, xBase, xLine, xSecond, segments, last, offsets, values, y, yBase, yChannel, yLine, ySecond, lines, width, from,
                        to);
            }
            return;
        }
        for (int line = 0; line < lines; line++) {
            for (int q = 0; q < width; q += 128) {
                int in = xBase + line * xLine + q;
                int out = yBase + line * yLine + q;
                int first = 0;
                if (start != null) {
                    tileStart(x, in, xSecond, segments, 0, rows, offsets, values, start, y, out, yChannel, ySecond, from, to);
                    first = 1;
                }
                for (int b = first; b < blocks; b++) {
                    tileAdd(x, in, xSecond, segments, b * rows, (b + 1) * rows, offsets, values, y, out, yChannel, ySecond, from, to);
                }
            }
        }
    }

    private static void convolve4x4(float[] x, int in, int[] segments, int rows, int blocks, int[] offsets, float[] values, float[] start,
            float[] y, int out, int yChannel, int yPitch, int from, int to) {
        int first = 0;
        if (start != null) {
            tile4x4Start(x, in, segments, 0, rows, offsets, values, start, y, out, yChannel, yPitch, from, to);
            first = 1;
        }
        for (int b = first; b < blocks; b++) {
            tile4x4Add(x, in, segments, b * rows, (b + 1) * rows, offsets, values, y, out, yChannel, yPitch, from, to);
        }
    }

    /** All tiles of a plane for one matrix row after the other, beginning at start[k]: y is written from end to end. */
    private static void planeStart(float[] x, int base, int xLine, int xSecond, int[] segments, int last, int[] offsets, float[] values,
            float[] start, float[] y, int out, int yChannel, int yLine, int ySecond, int lines, int width, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[k];
            int end = segments[last + k];
            for (int line = 0; line < lines; line++) {
                for (int q = 0; q < width; q += 128) {
                    rowStart(x, base + line * xLine + q, xSecond, begin, end, offsets, values, start[k], y,
                            out + k * yChannel + line * yLine + q, ySecond);
                }
            }
        }
    }

    /** All tiles of a plane for one matrix row after the other, adding to what y holds. */
    private static void planeAdd(float[] x, int base, int xLine, int xSecond, int[] segments, int last, int[] offsets, float[] values,
            float[] y, int out, int yChannel, int yLine, int ySecond, int lines, int width, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[k];
            int end = segments[last + k];
            if (begin == end) {
                continue;
            }
            for (int line = 0; line < lines; line++) {
                for (int q = 0; q < width; q += 128) {
                    rowAdd(x, base + line * xLine + q, xSecond, begin, end, offsets, values, y,
                            out + k * yChannel + line * yLine + q, ySecond);
                }
            }
        }
    }

    /** One tile of one matrix row. A method of its own: with three loops around it C2 gives up inlining, and vectors become objects. */
    private static void rowStart(float[] x, int in, int xSecond, int begin, int end, int[] offsets, float[] values, float start, float[] y,
            int at, int ySecond) {
        FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS512, start));
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        for (int j = begin; j < end; j++) {
            FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
            int o = in + offsets[j];
            int u = o + xSecond;
            a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
            a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
            a2 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 32), a2);
            a3 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 48), a3);
            a4 = w.fma(FloatVector.fromArray(FLOATS512, x, u), a4);
            a5 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 16), a5);
            a6 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 32), a6);
            a7 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 48), a7);
        }
        EXACT.cast(a0).intoArray(y, at);
        EXACT.cast(a1).intoArray(y, at + 16);
        EXACT.cast(a2).intoArray(y, at + 32);
        EXACT.cast(a3).intoArray(y, at + 48);
        EXACT.cast(a4).intoArray(y, at + ySecond);
        EXACT.cast(a5).intoArray(y, at + ySecond + 16);
        EXACT.cast(a6).intoArray(y, at + ySecond + 32);
        EXACT.cast(a7).intoArray(y, at + ySecond + 48);
    }

    /** One tile of one matrix row, adding to what y holds. */
    private static void rowAdd(float[] x, int in, int xSecond, int begin, int end, int[] offsets, float[] values, float[] y,
            int at, int ySecond) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at));
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 16));
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 32));
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 48));
        FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond));
        FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond + 16));
        FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond + 32));
        FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond + 48));
        for (int j = begin; j < end; j++) {
            FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
            int o = in + offsets[j];
            int u = o + xSecond;
            a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
            a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
            a2 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 32), a2);
            a3 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 48), a3);
            a4 = w.fma(FloatVector.fromArray(FLOATS512, x, u), a4);
            a5 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 16), a5);
            a6 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 32), a6);
            a7 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 48), a7);
        }
        EXACT.cast(a0).intoArray(y, at);
        EXACT.cast(a1).intoArray(y, at + 16);
        EXACT.cast(a2).intoArray(y, at + 32);
        EXACT.cast(a3).intoArray(y, at + 48);
        EXACT.cast(a4).intoArray(y, at + ySecond);
        EXACT.cast(a5).intoArray(y, at + ySecond + 16);
        EXACT.cast(a6).intoArray(y, at + ySecond + 32);
        EXACT.cast(a7).intoArray(y, at + ySecond + 48);
    }

    /** One tile in all output rows, beginning at start[k]. */
    private static void tileStart(float[] x, int in, int xSecond, int[] segments, int first, int last, int[] offsets, float[] values,
            float[] start, float[] y, int out, int yChannel, int ySecond, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[first + k];
            int end = segments[last + k];
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS512, start[k]));
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            FloatVector a4 = a0;
            FloatVector a5 = a0;
            FloatVector a6 = a0;
            FloatVector a7 = a0;
            for (int j = begin; j < end; j++) {
                FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
                int o = in + offsets[j];
                int u = o + xSecond;
                a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
                a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
                a2 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 32), a2);
                a3 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 48), a3);
                a4 = w.fma(FloatVector.fromArray(FLOATS512, x, u), a4);
                a5 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 16), a5);
                a6 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 32), a6);
                a7 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 48), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + 16);
            EXACT.cast(a2).intoArray(y, at + 32);
            EXACT.cast(a3).intoArray(y, at + 48);
            EXACT.cast(a4).intoArray(y, at + ySecond);
            EXACT.cast(a5).intoArray(y, at + ySecond + 16);
            EXACT.cast(a6).intoArray(y, at + ySecond + 32);
            EXACT.cast(a7).intoArray(y, at + ySecond + 48);
        }
    }

    /** One tile in all output rows, adding to what y holds. */
    private static void tileAdd(float[] x, int in, int xSecond, int[] segments, int first, int last, int[] offsets, float[] values,
            float[] y, int out, int yChannel, int ySecond, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[first + k];
            int end = segments[last + k];
            if (begin == end) {
                continue;
            }
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at));
            FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 16));
            FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 32));
            FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 48));
            FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond));
            FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond + 16));
            FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond + 32));
            FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + ySecond + 48));
            for (int j = begin; j < end; j++) {
                FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
                int o = in + offsets[j];
                int u = o + xSecond;
                a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
                a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
                a2 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 32), a2);
                a3 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 48), a3);
                a4 = w.fma(FloatVector.fromArray(FLOATS512, x, u), a4);
                a5 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 16), a5);
                a6 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 32), a6);
                a7 = w.fma(FloatVector.fromArray(FLOATS512, x, u + 48), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + 16);
            EXACT.cast(a2).intoArray(y, at + 32);
            EXACT.cast(a3).intoArray(y, at + 48);
            EXACT.cast(a4).intoArray(y, at + ySecond);
            EXACT.cast(a5).intoArray(y, at + ySecond + 16);
            EXACT.cast(a6).intoArray(y, at + ySecond + 32);
            EXACT.cast(a7).intoArray(y, at + ySecond + 48);
        }
    }

    /** 4 × 4 pixels in all output rows, beginning at start[k]. */
    private static void tile4x4Start(float[] x, int in, int[] segments, int first, int last, int[] offsets, float[] values,
            float[] start, float[] y, int out, int yChannel, int yPitch, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[first + k];
            int end = segments[last + k];
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS512, start[k]));
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            FloatVector a4 = a0;
            FloatVector a5 = a0;
            FloatVector a6 = a0;
            FloatVector a7 = a0;
            for (int j = begin; j < end; j++) {
                FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
                int o = in + offsets[j];
                a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
                a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
                a2 = w.fma(FloatVector.fromArray(FLOATS512, x, o + PITCH), a2);
                a3 = w.fma(FloatVector.fromArray(FLOATS512, x, o + PITCH + 16), a3);
                a4 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 2 * PITCH), a4);
                a5 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 2 * PITCH + 16), a5);
                a6 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 3 * PITCH), a6);
                a7 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 3 * PITCH + 16), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + 16);
            EXACT.cast(a2).intoArray(y, at + yPitch);
            EXACT.cast(a3).intoArray(y, at + yPitch + 16);
            EXACT.cast(a4).intoArray(y, at + 2 * yPitch);
            EXACT.cast(a5).intoArray(y, at + 2 * yPitch + 16);
            EXACT.cast(a6).intoArray(y, at + 3 * yPitch);
            EXACT.cast(a7).intoArray(y, at + 3 * yPitch + 16);
        }
    }

    /** 4 × 4 pixels in all output rows, adding to what y holds. */
    private static void tile4x4Add(float[] x, int in, int[] segments, int first, int last, int[] offsets, float[] values,
            float[] y, int out, int yChannel, int yPitch, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[first + k];
            int end = segments[last + k];
            if (begin == end) {
                continue;
            }
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at));
            FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 16));
            FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + yPitch));
            FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + yPitch + 16));
            FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 2 * yPitch));
            FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 2 * yPitch + 16));
            FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 3 * yPitch));
            FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS512, y, at + 3 * yPitch + 16));
            for (int j = begin; j < end; j++) {
                FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
                int o = in + offsets[j];
                a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
                a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
                a2 = w.fma(FloatVector.fromArray(FLOATS512, x, o + PITCH), a2);
                a3 = w.fma(FloatVector.fromArray(FLOATS512, x, o + PITCH + 16), a3);
                a4 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 2 * PITCH), a4);
                a5 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 2 * PITCH + 16), a5);
                a6 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 3 * PITCH), a6);
                a7 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 3 * PITCH + 16), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + 16);
            EXACT.cast(a2).intoArray(y, at + yPitch);
            EXACT.cast(a3).intoArray(y, at + yPitch + 16);
            EXACT.cast(a4).intoArray(y, at + 2 * yPitch);
            EXACT.cast(a5).intoArray(y, at + 2 * yPitch + 16);
            EXACT.cast(a6).intoArray(y, at + 3 * yPitch);
            EXACT.cast(a7).intoArray(y, at + 3 * yPitch + 16);
        }
    }
}
