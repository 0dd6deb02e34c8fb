// Generated from engine/src/templates/SparseConvolution.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The sparse convolution on vectors of one pixel: {@code y[k, p, q] = start[k] + Σ_j values[j] · x[p, q + offsets[j]]}, j over the
 * non-zeros of matrix row k. A tile of output pixels stays in registers while the non-zeros of a row run by, one broadcast and one
 * offset each.
 * Accumulators are named locals and every method is small: both decide whether C2 keeps them in registers.
 */
final class SparseConvolution {
    private SparseConvolution() {
    }

    static void run(float[] x, int xBase, int xPitch, int[] segments, int rows, int blocks, boolean tilesFirst, int[] offsets,
            float[] values, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns,
            int from, int to) {
        int whole = outputColumns & -8;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            int p = 0;
            if (outputColumns == 4) {
                for (; p + 2 <= outputRows; p += 2) {
                    convolve2x4(x, xBase + lane + p * xPitch, xPitch, segments, rows, blocks, offsets, values, start, y,
                            yBase + lane + p * yPitch, yChannel, yPitch, yStep, from, to);
                }
            } else if (outputColumns == 2) {
                for (; p + 2 <= outputRows; p += 2) {
                    convolve2x2(x, xBase + lane + p * xPitch, xPitch, segments, blocks * rows, 1, offsets, values, start, y,
                            yBase + lane + p * yPitch, yChannel, yPitch, yStep, from, to);
                }
            }
            if (!tilesFirst && start != null) {
                planeStart(x, xBase + lane + p * xPitch, xPitch, segments, blocks * rows, offsets, values, start, y,
                        yBase + lane + p * yPitch, yChannel, yPitch, yStep, outputRows - p, whole, from, to);
            } else if (!tilesFirst) {
                planeAdd(x, xBase + lane + p * xPitch, xPitch, segments, blocks * rows, offsets, values, y, yBase + lane + p * yPitch,
                        yChannel, yPitch, yStep, outputRows - p, whole, from, to);
            }
            for (; p < outputRows; p++) {
                int in = xBase + lane + p * xPitch;
                int out = yBase + lane + p * yPitch;
                if (tilesFirst) {
                    for (int q = 0; q < whole; q += 8) {
                        convolve1x8(x, in + LANES * q, xPitch, segments, rows, blocks, offsets, values, start, y, out + q * yStep, yChannel,
                                yPitch, yStep, from, to);
                    }
                }
                if (whole < outputColumns) {
                    rest(x, in, xPitch, segments, rows * blocks, offsets, values, start, y, out, yChannel, yPitch, yStep, whole,
                            outputColumns, from, to);
                }
            }
        }
    }

    /** What remains of a row after the tiles of eight: a tile of four, then up to three pixels. A method of its own, for C2's sake. */
    private static void rest(float[] x, int in, int xPitch, int[] segments, int last, int[] offsets, float[] values, float[] start,
            float[] y, int out, int yChannel, int yPitch, int yStep, int column, int columns, int from, int to) {
        int q = column;
        if (q + 4 <= columns) {
            convolve1x4(x, in + LANES * q, xPitch, segments, last, 1, offsets, values, start, y, out + q * yStep, yChannel, yPitch, yStep,
                    from, to);
            q += 4;
        }
        for (; q < columns; q += 2) {
            SparseFewPixels.convolve(x, in + LANES * q, segments, last, offsets, values, start, y, out + q * yStep, yChannel, yStep,
                    Math.min(2, columns - q), from, to);
        }
    }

    /**
     * All tiles of eight of so many image rows for one matrix row after the other, beginning at start[k]: y is written from end to end,
     * which memory answers faster than a row here and a row there.
     */
    private static void planeStart(float[] x, int in, int xPitch, int[] segments, int last, int[] offsets, float[] values, float[] start,
            float[] y, int out, int yChannel, int yPitch, int yStep, int lines, int columns, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[k];
            int end = segments[last + k];
            for (int line = 0; line < lines; line++) {
                for (int q = 0; q < columns; q += 8) {
                    int at = out + k * yChannel + line * yPitch + q * yStep;
                    int base = in + line * xPitch + LANES * q;
                    FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
                    FloatVector a1 = a0;
                    FloatVector a2 = a0;
                    FloatVector a3 = a0;
                    FloatVector a4 = a0;
                    FloatVector a5 = a0;
                    FloatVector a6 = a0;
                    FloatVector a7 = a0;
                    for (int j = begin; j < end; j++) {
                        FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                        int o = base + offsets[j];
                        a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o), a0);
                        a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 8), a1);
                        a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 16), a2);
                        a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 24), a3);
                        a4 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 32), a4);
                        a5 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 40), a5);
                        a6 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 48), a6);
                        a7 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 56), a7);
                    }
                    EXACT.cast(a0).intoArray(y, at);
                    EXACT.cast(a1).intoArray(y, at + yStep);
                    EXACT.cast(a2).intoArray(y, at + 2 * yStep);
                    EXACT.cast(a3).intoArray(y, at + 3 * yStep);
                    EXACT.cast(a4).intoArray(y, at + 4 * yStep);
                    EXACT.cast(a5).intoArray(y, at + 5 * yStep);
                    EXACT.cast(a6).intoArray(y, at + 6 * yStep);
                    EXACT.cast(a7).intoArray(y, at + 7 * yStep);
                }
            }
        }
    }

    /** All tiles of eight of so many image rows for one matrix row after the other, adding to what y holds. */
    private static void planeAdd(float[] x, int in, int xPitch, int[] segments, int last, int[] offsets, float[] values, float[] y, int out,
            int yChannel, int yPitch, int yStep, int lines, int columns, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[k];
            int end = segments[last + k];
            if (begin == end) {
                continue;
            }
            for (int line = 0; line < lines; line++) {
                for (int q = 0; q < columns; q += 8) {
                    int at = out + k * yChannel + line * yPitch + q * yStep;
                    int base = in + line * xPitch + LANES * q;
                    FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
                    FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
                    FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yStep));
                    FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yStep));
                    FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 4 * yStep));
                    FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 5 * yStep));
                    FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 6 * yStep));
                    FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 7 * yStep));
                    for (int j = begin; j < end; j++) {
                        FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                        int o = base + offsets[j];
                        a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o), a0);
                        a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 8), a1);
                        a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 16), a2);
                        a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 24), a3);
                        a4 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 32), a4);
                        a5 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 40), a5);
                        a6 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 48), a6);
                        a7 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 56), a7);
                    }
                    EXACT.cast(a0).intoArray(y, at);
                    EXACT.cast(a1).intoArray(y, at + yStep);
                    EXACT.cast(a2).intoArray(y, at + 2 * yStep);
                    EXACT.cast(a3).intoArray(y, at + 3 * yStep);
                    EXACT.cast(a4).intoArray(y, at + 4 * yStep);
                    EXACT.cast(a5).intoArray(y, at + 5 * yStep);
                    EXACT.cast(a6).intoArray(y, at + 6 * yStep);
                    EXACT.cast(a7).intoArray(y, at + 7 * yStep);
                }
            }
        }
    }

    /** 1 × 8 pixels in all output rows, block of columns after block of columns. */
    private static void convolve1x8(float[] x, int in, int xPitch, int[] segments, int rows, int blocks, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        int first = 0;
        if (start != null) {
            tile1x8Start(x, in, xPitch, segments, 0, rows, offsets, values, start, y, out, yChannel, yPitch, yStep, from,
                    to);
            first = 1;
        }
        for (int b = first; b < blocks; b++) {
            tile1x8Add(x, in, xPitch, segments, b * rows, (b + 1) * rows, offsets, values, y, out, yChannel, yPitch, yStep,
                    from, to);
        }
    }

    /** 1 × 4 pixels in all output rows, block of columns after block of columns. */
    private static void convolve1x4(float[] x, int in, int xPitch, int[] segments, int rows, int blocks, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        int first = 0;
        if (start != null) {
            tile1x4Start(x, in, xPitch, segments, 0, rows, offsets, values, start, y, out, yChannel, yPitch, yStep, from,
                    to);
            first = 1;
        }
        for (int b = first; b < blocks; b++) {
            tile1x4Add(x, in, xPitch, segments, b * rows, (b + 1) * rows, offsets, values, y, out, yChannel, yPitch, yStep,
                    from, to);
        }
    }

    /** 2 × 4 pixels in all output rows, block of columns after block of columns. */
    private static void convolve2x4(float[] x, int in, int xPitch, int[] segments, int rows, int blocks, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        int first = 0;
        if (start != null) {
            tile2x4Start(x, in, xPitch, segments, 0, rows, offsets, values, start, y, out, yChannel, yPitch, yStep, from,
                    to);
            first = 1;
        }
        for (int b = first; b < blocks; b++) {
            tile2x4Add(x, in, xPitch, segments, b * rows, (b + 1) * rows, offsets, values, y, out, yChannel, yPitch, yStep,
                    from, to);
        }
    }

    /** 2 × 2 pixels in all output rows, block of columns after block of columns. */
    private static void convolve2x2(float[] x, int in, int xPitch, int[] segments, int rows, int blocks, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        int first = 0;
        if (start != null) {
            tile2x2Start(x, in, xPitch, segments, 0, rows, offsets, values, start, y, out, yChannel, yPitch, yStep, from,
                    to);
            first = 1;
        }
        for (int b = first; b < blocks; b++) {
            tile2x2Add(x, in, xPitch, segments, b * rows, (b + 1) * rows, offsets, values, y, out, yChannel, yPitch, yStep,
                    from, to);
        }
    }

    /** 1 × 8 pixels in all output rows, beginning at start[k]. */
    private static void tile1x8Start(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            FloatVector a4 = a0;
            FloatVector a5 = a0;
            FloatVector a6 = a0;
            FloatVector a7 = a0;
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 16), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 24), a3);
                a4 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 32), a4);
                a5 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 40), a5);
                a6 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 48), a6);
                a7 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 56), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + 2 * yStep);
            EXACT.cast(a3).intoArray(y, at + 3 * yStep);
            EXACT.cast(a4).intoArray(y, at + 4 * yStep);
            EXACT.cast(a5).intoArray(y, at + 5 * yStep);
            EXACT.cast(a6).intoArray(y, at + 6 * yStep);
            EXACT.cast(a7).intoArray(y, at + 7 * yStep);
        }
    }

    /** 1 × 8 pixels in all output rows, adding to what y holds. */
    private static void tile1x8Add(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
            FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
            FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yStep));
            FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yStep));
            FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 4 * yStep));
            FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 5 * yStep));
            FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 6 * yStep));
            FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 7 * yStep));
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 16), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 24), a3);
                a4 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 32), a4);
                a5 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 40), a5);
                a6 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 48), a6);
                a7 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 56), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + 2 * yStep);
            EXACT.cast(a3).intoArray(y, at + 3 * yStep);
            EXACT.cast(a4).intoArray(y, at + 4 * yStep);
            EXACT.cast(a5).intoArray(y, at + 5 * yStep);
            EXACT.cast(a6).intoArray(y, at + 6 * yStep);
            EXACT.cast(a7).intoArray(y, at + 7 * yStep);
        }
    }

    /** 1 × 4 pixels in all output rows, beginning at start[k]. */
    private static void tile1x4Start(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 16), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 24), a3);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + 2 * yStep);
            EXACT.cast(a3).intoArray(y, at + 3 * yStep);
        }
    }

    /** 1 × 4 pixels in all output rows, adding to what y holds. */
    private static void tile1x4Add(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
            FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
            FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yStep));
            FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yStep));
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 16), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 24), a3);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + 2 * yStep);
            EXACT.cast(a3).intoArray(y, at + 3 * yStep);
        }
    }

    /** 2 × 4 pixels in all output rows, beginning at start[k]. */
    private static void tile2x4Start(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            FloatVector a4 = a0;
            FloatVector a5 = a0;
            FloatVector a6 = a0;
            FloatVector a7 = a0;
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                int o1 = o0 + xPitch;
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 16), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 24), a3);
                a4 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1), a4);
                a5 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 8), a5);
                a6 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 16), a6);
                a7 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 24), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + 2 * yStep);
            EXACT.cast(a3).intoArray(y, at + 3 * yStep);
            EXACT.cast(a4).intoArray(y, at + yPitch);
            EXACT.cast(a5).intoArray(y, at + yPitch + yStep);
            EXACT.cast(a6).intoArray(y, at + yPitch + 2 * yStep);
            EXACT.cast(a7).intoArray(y, at + yPitch + 3 * yStep);
        }
    }

    /** 2 × 4 pixels in all output rows, adding to what y holds. */
    private static void tile2x4Add(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
            FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
            FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yStep));
            FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yStep));
            FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch));
            FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch + yStep));
            FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch + 2 * yStep));
            FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch + 3 * yStep));
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                int o1 = o0 + xPitch;
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 16), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 24), a3);
                a4 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1), a4);
                a5 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 8), a5);
                a6 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 16), a6);
                a7 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 24), a7);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + 2 * yStep);
            EXACT.cast(a3).intoArray(y, at + 3 * yStep);
            EXACT.cast(a4).intoArray(y, at + yPitch);
            EXACT.cast(a5).intoArray(y, at + yPitch + yStep);
            EXACT.cast(a6).intoArray(y, at + yPitch + 2 * yStep);
            EXACT.cast(a7).intoArray(y, at + yPitch + 3 * yStep);
        }
    }

    /** 2 × 2 pixels in all output rows, beginning at start[k]. */
    private static void tile2x2Start(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                int o1 = o0 + xPitch;
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 8), a3);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + yPitch);
            EXACT.cast(a3).intoArray(y, at + yPitch + yStep);
        }
    }

    /** 2 × 2 pixels in all output rows, adding to what y holds. */
    private static void tile2x2Add(float[] x, int in, int xPitch, int[] segments, int first, int last, int[] offsets,
            float[] values, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
            FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
            FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch));
            FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch + yStep));
            int end = segments[last + k];
            for (int j = segments[first + k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o0 = in + offsets[j];
                int o1 = o0 + xPitch;
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o0 + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o1 + 8), a3);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + yPitch);
            EXACT.cast(a3).intoArray(y, at + yPitch + yStep);
        }
    }
}
