// Generated from engine/src/templates/DepthwiseConvolution.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The depthwise convolution: {@code y[k, p, q] = start[k] + Σ_j w[j] · x[p, q + offsets[j]]} over the few non-zeros j of row k. The weights
 * of nine, four, two or one of them stay in registers while a plane runs by, so that a multiply-add costs one load and nothing else; more
 * are added in turn, to what y holds. Nothing is shared between rows: a plane is read and written once, and memory decides how fast.
 *
 * <p>Loops call {@link FloatVector#fma} themselves: a method of ours C2 does not inline where it is seldom called, as it is on small maps
 * and for few non-zeros, and vectors would be objects there. Where a machine has no such instruction, the scalar twin runs.
 */
final class DepthwiseConvolution {
    /** Non-zeros that are added together at most: the taps of a window of 3 × 3. */
    private static final int MOST = 9;

    private DepthwiseConvolution() {
    }

    /** How many of so many non-zeros are added together. */
    static int together(int rest) {
        return rest >= MOST ? MOST : Math.min(4, Integer.highestOneBit(rest));
    }

    /** Rows {@code [from, to)}; {@code wide}: with vectors of two pixels where these lie beside each other in y. */
    static void run(boolean wide, float[] x, int xBase, int xPitch, int[] segments, int rows, int[] offsets, float[] values, float[] start,
            float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        int even = outputColumns & -2;
        for (int k = from; k < to; k++) {
            int out = yBase + k * yChannel;
            int j = segments[k];
            int end = segments[rows + k];
            boolean begins = start != null;
            float begin = begins ? start[k] : 0;
            if (begins && j == end) {
                fill(begin, y, out, yPitch, yStep, outputRows, outputColumns);
            }
            while (j < end) {
                int count = together(end - j);
                // Never for nothing: C2 takes a loop that mostly does not run for cold, and makes objects of its vectors.
                if (even > 0 && wide && yStep == LANES) {
                    pairs(count, begins, x, xBase, xPitch, offsets, values, j, begin, y, out, yPitch, yStep, outputRows, even);
                }
                for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                    if (even > 0 && (!wide || yStep != LANES)) {
                        twos(count, begins, x, xBase + lane, xPitch, offsets, values, j, begin, y, out + lane, yPitch, yStep, outputRows,
                                even);
                    }
                    if (even < outputColumns) {
                        ones(count, begins, x, xBase + LANES * even + lane, xPitch, offsets, values, j, begin, y, out + even * yStep + lane,
                                yPitch, yStep, outputRows, 1);
                    }
                }
                j += count;
                begins = false;
            }
        }
    }

    private static void fill(float start, float[] y, int out, int yPitch, int yStep, int rows, int columns) {
        for (int p = 0; p < rows; p++) {
            for (int q = 0; q < columns; q++) {
                int at = out + p * yPitch + q * yStep;
                java.util.Arrays.fill(y, at, at + 8, start);
            }
        }
    }

    private static void pairs(int count, boolean begins, float[] x, int in, int xPitch, int[] offsets, float[] values, int j,
            float start, float[] y, int out, int yPitch, int yStep, int rows, int columns) {
        switch (begins ? count : -count) {
            case 1 -> pairsStart1(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 2 -> pairsStart2(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 4 -> pairsStart4(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 9 -> pairsStart9(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case -1 -> pairsAdd1(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            case -2 -> pairsAdd2(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            case -4 -> pairsAdd4(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            default -> pairsAdd9(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
        }
    }

    /** 1 non-zeros from j on, pixels in pairs, beginning at a number. */
    private static void pairsStart1(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS512, start);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 2 non-zeros from j on, pixels in pairs, beginning at a number. */
    private static void pairsStart2(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS512, values[j + 1]);
        int o1 = in + offsets[j + 1];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS512, start);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = Species512.EXACT.cast(w1).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 4 non-zeros from j on, pixels in pairs, beginning at a number. */
    private static void pairsStart4(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS512, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS512, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS512, values[j + 3]);
        int o3 = in + offsets[j + 3];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS512, start);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = Species512.EXACT.cast(w1).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = Species512.EXACT.cast(w2).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = Species512.EXACT.cast(w3).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 9 non-zeros from j on, pixels in pairs, beginning at a number. */
    private static void pairsStart9(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS512, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS512, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS512, values[j + 3]);
        int o3 = in + offsets[j + 3];
        FloatVector w4 = FloatVector.broadcast(FLOATS512, values[j + 4]);
        int o4 = in + offsets[j + 4];
        FloatVector w5 = FloatVector.broadcast(FLOATS512, values[j + 5]);
        int o5 = in + offsets[j + 5];
        FloatVector w6 = FloatVector.broadcast(FLOATS512, values[j + 6]);
        int o6 = in + offsets[j + 6];
        FloatVector w7 = FloatVector.broadcast(FLOATS512, values[j + 7]);
        int o7 = in + offsets[j + 7];
        FloatVector w8 = FloatVector.broadcast(FLOATS512, values[j + 8]);
        int o8 = in + offsets[j + 8];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS512, start);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = Species512.EXACT.cast(w1).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = Species512.EXACT.cast(w2).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = Species512.EXACT.cast(w3).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                a0 = Species512.EXACT.cast(w4).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o4)), a0);
                a0 = Species512.EXACT.cast(w5).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o5)), a0);
                a0 = Species512.EXACT.cast(w6).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o6)), a0);
                a0 = Species512.EXACT.cast(w7).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o7)), a0);
                a0 = Species512.EXACT.cast(w8).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o8)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 1 non-zeros from j on, pixels in pairs, adding to what y holds. */
    private static void pairsAdd1(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS512, y, at);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 2 non-zeros from j on, pixels in pairs, adding to what y holds. */
    private static void pairsAdd2(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS512, values[j + 1]);
        int o1 = in + offsets[j + 1];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS512, y, at);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = Species512.EXACT.cast(w1).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 4 non-zeros from j on, pixels in pairs, adding to what y holds. */
    private static void pairsAdd4(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS512, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS512, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS512, values[j + 3]);
        int o3 = in + offsets[j + 3];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS512, y, at);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = Species512.EXACT.cast(w1).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = Species512.EXACT.cast(w2).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = Species512.EXACT.cast(w3).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 9 non-zeros from j on, pixels in pairs, adding to what y holds. */
    private static void pairsAdd9(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS512, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS512, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS512, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS512, values[j + 3]);
        int o3 = in + offsets[j + 3];
        FloatVector w4 = FloatVector.broadcast(FLOATS512, values[j + 4]);
        int o4 = in + offsets[j + 4];
        FloatVector w5 = FloatVector.broadcast(FLOATS512, values[j + 5]);
        int o5 = in + offsets[j + 5];
        FloatVector w6 = FloatVector.broadcast(FLOATS512, values[j + 6]);
        int o6 = in + offsets[j + 6];
        FloatVector w7 = FloatVector.broadcast(FLOATS512, values[j + 7]);
        int o7 = in + offsets[j + 7];
        FloatVector w8 = FloatVector.broadcast(FLOATS512, values[j + 8]);
        int o8 = in + offsets[j + 8];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS512, y, at);
                a0 = Species512.EXACT.cast(w0).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = Species512.EXACT.cast(w1).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = Species512.EXACT.cast(w2).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = Species512.EXACT.cast(w3).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                a0 = Species512.EXACT.cast(w4).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o4)), a0);
                a0 = Species512.EXACT.cast(w5).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o5)), a0);
                a0 = Species512.EXACT.cast(w6).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o6)), a0);
                a0 = Species512.EXACT.cast(w7).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o7)), a0);
                a0 = Species512.EXACT.cast(w8).fma(Species512.EXACT.cast(FloatVector.fromArray(FLOATS512, x, i + o8)), a0);
                Species512.EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    private static void twos(int count, boolean begins, float[] x, int in, int xPitch, int[] offsets, float[] values, int j,
            float start, float[] y, int out, int yPitch, int yStep, int rows, int columns) {
        switch (begins ? count : -count) {
            case 1 -> twosStart1(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 2 -> twosStart2(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 4 -> twosStart4(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 9 -> twosStart9(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case -1 -> twosAdd1(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            case -2 -> twosAdd2(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            case -4 -> twosAdd4(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            default -> twosAdd9(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
        }
    }

    /** 1 non-zeros from j on, pixels in twos, beginning at a number. */
    private static void twosStart1(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                FloatVector a1 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    /** 2 non-zeros from j on, pixels in twos, beginning at a number. */
    private static void twosStart2(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                FloatVector a1 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a1 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    /** 4 non-zeros from j on, pixels in twos, beginning at a number. */
    private static void twosStart4(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                FloatVector a1 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a1 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1 + 8), a1);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a1 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2 + 8), a1);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                a1 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    /** 9 non-zeros from j on, pixels in twos, beginning at a number. */
    private static void twosStart9(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        FloatVector w4 = FloatVector.broadcast(FLOATS, values[j + 4]);
        int o4 = in + offsets[j + 4];
        FloatVector w5 = FloatVector.broadcast(FLOATS, values[j + 5]);
        int o5 = in + offsets[j + 5];
        FloatVector w6 = FloatVector.broadcast(FLOATS, values[j + 6]);
        int o6 = in + offsets[j + 6];
        FloatVector w7 = FloatVector.broadcast(FLOATS, values[j + 7]);
        int o7 = in + offsets[j + 7];
        FloatVector w8 = FloatVector.broadcast(FLOATS, values[j + 8]);
        int o8 = in + offsets[j + 8];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                FloatVector a1 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a1 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1 + 8), a1);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a1 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2 + 8), a1);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                a1 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3 + 8), a1);
                a0 = EXACT.cast(w4).fma(FloatVector.fromArray(FLOATS, x, i + o4), a0);
                a1 = EXACT.cast(w4).fma(FloatVector.fromArray(FLOATS, x, i + o4 + 8), a1);
                a0 = EXACT.cast(w5).fma(FloatVector.fromArray(FLOATS, x, i + o5), a0);
                a1 = EXACT.cast(w5).fma(FloatVector.fromArray(FLOATS, x, i + o5 + 8), a1);
                a0 = EXACT.cast(w6).fma(FloatVector.fromArray(FLOATS, x, i + o6), a0);
                a1 = EXACT.cast(w6).fma(FloatVector.fromArray(FLOATS, x, i + o6 + 8), a1);
                a0 = EXACT.cast(w7).fma(FloatVector.fromArray(FLOATS, x, i + o7), a0);
                a1 = EXACT.cast(w7).fma(FloatVector.fromArray(FLOATS, x, i + o7 + 8), a1);
                a0 = EXACT.cast(w8).fma(FloatVector.fromArray(FLOATS, x, i + o8), a0);
                a1 = EXACT.cast(w8).fma(FloatVector.fromArray(FLOATS, x, i + o8 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    /** 1 non-zeros from j on, pixels in twos, adding to what y holds. */
    private static void twosAdd1(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                FloatVector a1 = FloatVector.fromArray(FLOATS, y, at + yStep);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    /** 2 non-zeros from j on, pixels in twos, adding to what y holds. */
    private static void twosAdd2(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                FloatVector a1 = FloatVector.fromArray(FLOATS, y, at + yStep);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a1 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    /** 4 non-zeros from j on, pixels in twos, adding to what y holds. */
    private static void twosAdd4(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                FloatVector a1 = FloatVector.fromArray(FLOATS, y, at + yStep);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a1 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1 + 8), a1);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a1 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2 + 8), a1);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                a1 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    /** 9 non-zeros from j on, pixels in twos, adding to what y holds. */
    private static void twosAdd9(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        FloatVector w4 = FloatVector.broadcast(FLOATS, values[j + 4]);
        int o4 = in + offsets[j + 4];
        FloatVector w5 = FloatVector.broadcast(FLOATS, values[j + 5]);
        int o5 = in + offsets[j + 5];
        FloatVector w6 = FloatVector.broadcast(FLOATS, values[j + 6]);
        int o6 = in + offsets[j + 6];
        FloatVector w7 = FloatVector.broadcast(FLOATS, values[j + 7]);
        int o7 = in + offsets[j + 7];
        FloatVector w8 = FloatVector.broadcast(FLOATS, values[j + 8]);
        int o8 = in + offsets[j + 8];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 2) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                FloatVector a1 = FloatVector.fromArray(FLOATS, y, at + yStep);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a1 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0 + 8), a1);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a1 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1 + 8), a1);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a1 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2 + 8), a1);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                a1 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3 + 8), a1);
                a0 = EXACT.cast(w4).fma(FloatVector.fromArray(FLOATS, x, i + o4), a0);
                a1 = EXACT.cast(w4).fma(FloatVector.fromArray(FLOATS, x, i + o4 + 8), a1);
                a0 = EXACT.cast(w5).fma(FloatVector.fromArray(FLOATS, x, i + o5), a0);
                a1 = EXACT.cast(w5).fma(FloatVector.fromArray(FLOATS, x, i + o5 + 8), a1);
                a0 = EXACT.cast(w6).fma(FloatVector.fromArray(FLOATS, x, i + o6), a0);
                a1 = EXACT.cast(w6).fma(FloatVector.fromArray(FLOATS, x, i + o6 + 8), a1);
                a0 = EXACT.cast(w7).fma(FloatVector.fromArray(FLOATS, x, i + o7), a0);
                a1 = EXACT.cast(w7).fma(FloatVector.fromArray(FLOATS, x, i + o7 + 8), a1);
                a0 = EXACT.cast(w8).fma(FloatVector.fromArray(FLOATS, x, i + o8), a0);
                a1 = EXACT.cast(w8).fma(FloatVector.fromArray(FLOATS, x, i + o8 + 8), a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + yStep);
            }
        }
    }

    private static void ones(int count, boolean begins, float[] x, int in, int xPitch, int[] offsets, float[] values, int j,
            float start, float[] y, int out, int yPitch, int yStep, int rows, int columns) {
        switch (begins ? count : -count) {
            case 1 -> onesStart1(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 2 -> onesStart2(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 4 -> onesStart4(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case 9 -> onesStart9(x, in, xPitch, offsets, values, j, start, y, out, yPitch, yStep, rows, columns);
            case -1 -> onesAdd1(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            case -2 -> onesAdd2(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            case -4 -> onesAdd4(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
            default -> onesAdd9(x, in, xPitch, offsets, values, j, y, out, yPitch, yStep, rows, columns);
        }
    }

    /** 1 non-zeros from j on, pixels in ones, beginning at a number. */
    private static void onesStart1(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 2 non-zeros from j on, pixels in ones, beginning at a number. */
    private static void onesStart2(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 4 non-zeros from j on, pixels in ones, beginning at a number. */
    private static void onesStart4(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 9 non-zeros from j on, pixels in ones, beginning at a number. */
    private static void onesStart9(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        FloatVector w4 = FloatVector.broadcast(FLOATS, values[j + 4]);
        int o4 = in + offsets[j + 4];
        FloatVector w5 = FloatVector.broadcast(FLOATS, values[j + 5]);
        int o5 = in + offsets[j + 5];
        FloatVector w6 = FloatVector.broadcast(FLOATS, values[j + 6]);
        int o6 = in + offsets[j + 6];
        FloatVector w7 = FloatVector.broadcast(FLOATS, values[j + 7]);
        int o7 = in + offsets[j + 7];
        FloatVector w8 = FloatVector.broadcast(FLOATS, values[j + 8]);
        int o8 = in + offsets[j + 8];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.broadcast(FLOATS, start);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                a0 = EXACT.cast(w4).fma(FloatVector.fromArray(FLOATS, x, i + o4), a0);
                a0 = EXACT.cast(w5).fma(FloatVector.fromArray(FLOATS, x, i + o5), a0);
                a0 = EXACT.cast(w6).fma(FloatVector.fromArray(FLOATS, x, i + o6), a0);
                a0 = EXACT.cast(w7).fma(FloatVector.fromArray(FLOATS, x, i + o7), a0);
                a0 = EXACT.cast(w8).fma(FloatVector.fromArray(FLOATS, x, i + o8), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 1 non-zeros from j on, pixels in ones, adding to what y holds. */
    private static void onesAdd1(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 2 non-zeros from j on, pixels in ones, adding to what y holds. */
    private static void onesAdd2(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 4 non-zeros from j on, pixels in ones, adding to what y holds. */
    private static void onesAdd4(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }

    /** 9 non-zeros from j on, pixels in ones, adding to what y holds. */
    private static void onesAdd9(float[] x, int in, int xPitch, int[] offsets, float[] values, int j, float[] y, int out,
            int yPitch, int yStep, int rows, int columns) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, values[j]);
        int o0 = in + offsets[j];
        FloatVector w1 = FloatVector.broadcast(FLOATS, values[j + 1]);
        int o1 = in + offsets[j + 1];
        FloatVector w2 = FloatVector.broadcast(FLOATS, values[j + 2]);
        int o2 = in + offsets[j + 2];
        FloatVector w3 = FloatVector.broadcast(FLOATS, values[j + 3]);
        int o3 = in + offsets[j + 3];
        FloatVector w4 = FloatVector.broadcast(FLOATS, values[j + 4]);
        int o4 = in + offsets[j + 4];
        FloatVector w5 = FloatVector.broadcast(FLOATS, values[j + 5]);
        int o5 = in + offsets[j + 5];
        FloatVector w6 = FloatVector.broadcast(FLOATS, values[j + 6]);
        int o6 = in + offsets[j + 6];
        FloatVector w7 = FloatVector.broadcast(FLOATS, values[j + 7]);
        int o7 = in + offsets[j + 7];
        FloatVector w8 = FloatVector.broadcast(FLOATS, values[j + 8]);
        int o8 = in + offsets[j + 8];
        for (int p = 0; p < rows; p++) {
            int row = p * xPitch;
            int line = out + p * yPitch;
            for (int q = 0; q < columns; q += 1) {
                int i = row + LANES * q;
                int at = line + q * yStep;
                FloatVector a0 = FloatVector.fromArray(FLOATS, y, at);
                a0 = EXACT.cast(w0).fma(FloatVector.fromArray(FLOATS, x, i + o0), a0);
                a0 = EXACT.cast(w1).fma(FloatVector.fromArray(FLOATS, x, i + o1), a0);
                a0 = EXACT.cast(w2).fma(FloatVector.fromArray(FLOATS, x, i + o2), a0);
                a0 = EXACT.cast(w3).fma(FloatVector.fromArray(FLOATS, x, i + o3), a0);
                a0 = EXACT.cast(w4).fma(FloatVector.fromArray(FLOATS, x, i + o4), a0);
                a0 = EXACT.cast(w5).fma(FloatVector.fromArray(FLOATS, x, i + o5), a0);
                a0 = EXACT.cast(w6).fma(FloatVector.fromArray(FLOATS, x, i + o6), a0);
                a0 = EXACT.cast(w7).fma(FloatVector.fromArray(FLOATS, x, i + o7), a0);
                a0 = EXACT.cast(w8).fma(FloatVector.fromArray(FLOATS, x, i + o8), a0);
                EXACT.cast(a0).intoArray(y, at);
            }
        }
    }
}
