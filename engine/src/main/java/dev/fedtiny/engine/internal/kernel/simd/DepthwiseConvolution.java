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
 * are added in turn, to what y holds. Nothing is shared between matrix rows: a plane is read and written once, and memory decides how
 * fast. Where all nine taps of a window are there, and image rows below each other are, two rows of y are computed together, which read
 * two of three rows of x both.
 *
 * <p>Loops call {@link FloatVector#fma} themselves: a method of ours C2 does not inline where it is seldom called, as it is on small maps
 * and for few non-zeros, and vectors would be objects there. Where a machine has no such instruction, the scalar twin runs.
 */
final class DepthwiseConvolution {
    /** Non-zeros that are added together at most: the taps of a window of 3 × 3. */
    private static final int MOST = 9;
    /** Fewer vectors than this beside each other are not worth a loop of their own: rows are walked inside, columns outside. */
    private static final int NARROW = 4;
    private static final Class<? extends FloatVector> EXACT512 = Species512.EXACT;

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
            if (begins && end - j == MOST && outputRows > 1 && isWindow(offsets, j, xPitch)) {
                window(wide && yStep == LANES && even > 0, x, xBase, xPitch, offsets, values, j, begin, y, out, yPitch, yStep, outputRows,
                        outputColumns);
                continue;
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

    /** Whether nine non-zeros read three places beside each other in each of three image rows below each other, or above. */
    private static boolean isWindow(int[] offsets, int j, int xPitch) {
        int first = offsets[j];
        int step = offsets[j + 1] - first;
        int down = offsets[j + 3] - first;
        if (Math.abs(down) != xPitch) {
            return false;
        }
        for (int t = 2; t < MOST; t++) {
            if (offsets[j + t] != first + t / 3 * down + t % 3 * step) {
                return false;
            }
        }
        return true;
    }

    /**
     * A plane of nine taps: two image rows after the other two, and where their number is odd, the last two; likewise pairs of columns.
     * What so comes twice is written twice.
     */
    private static void window(boolean pairs, float[] x, int xBase, int xPitch, int[] offsets, float[] values, int j, float start,
            float[] y, int out, int yPitch, int yStep, int rows, int columns) {
        int step = offsets[j + 1] - offsets[j];
        int down = offsets[j + 3] - offsets[j];
        // The first of two rows is the one whose taps come first: the lower one where taps go upwards.
        int in = xBase + offsets[j] + (down < 0 ? xPitch : 0);
        int at = out + (down < 0 ? yPitch : 0);
        int second = down < 0 ? -yPitch : yPitch;
        int width = pairs ? 2 : 1;
        int across = (columns + width - 1) / width;
        boolean rowsInside = across < NARROW;
        int outer = rowsInside ? across : (rows + 1) / 2;
        int inner = rowsInside ? (rows + 1) / 2 : across;
        int outerStep = rowsInside ? width : 2;
        int innerStep = rowsInside ? 2 : width;
        int outerLast = rowsInside ? columns - width : rows - 2;
        int innerLast = rowsInside ? rows - 2 : columns - width;
        int xOuter = rowsInside ? LANES : xPitch;
        int xInner = rowsInside ? xPitch : LANES;
        int yOuter = rowsInside ? yStep : yPitch;
        int yInner = rowsInside ? yPitch : yStep;
        if (pairs) {
            pairsWindow(x, in, step, down, values, j, start, y, at, second, outer, outerStep, outerLast, xOuter, yOuter, inner, innerStep,
                    innerLast, xInner, yInner);
            return;
        }
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            onesWindow(x, in + lane, step, down, values, j, start, y, at + lane, second, outer, outerStep, outerLast, xOuter, yOuter, inner,
                    innerStep, innerLast, xInner, yInner);
        }
    }

    /** Two rows at a time, pairs of pixels: {@code second} floats lie between them in y. */
    private static void pairsWindow(float[] x, int in, int step, int down, float[] values, int j, float start, float[] y, int out,
            int second, int outer, int outerStep, int outerLast, int xOuter, int yOuter, int inner, int innerStep, int innerLast,
            int xInner, int yInner) {
        FloatVector w0 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j]));
        FloatVector w1 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 1]));
        FloatVector w2 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 2]));
        FloatVector w3 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 3]));
        FloatVector w4 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 4]));
        FloatVector w5 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 5]));
        FloatVector w6 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 6]));
        FloatVector w7 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 7]));
        FloatVector w8 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 8]));
        FloatVector begin = FloatVector.broadcast(FLOATS512, start);
        for (int a = 0; a < outer; a++) {
            int far = Math.min(a * outerStep, outerLast);
            for (int b = 0; b < inner; b++) {
                int near = Math.min(b * innerStep, innerLast);
                int i = in + far * xOuter + near * xInner;
                int at = out + far * yOuter + near * yInner;
                FloatVector a0 = begin;
                FloatVector a1 = begin;
                FloatVector x00 = FloatVector.fromArray(FLOATS512, x, i);
                a0 = w0.fma(x00, a0);
                FloatVector x01 = FloatVector.fromArray(FLOATS512, x, i + step);
                a0 = w1.fma(x01, a0);
                FloatVector x02 = FloatVector.fromArray(FLOATS512, x, i + 2 * step);
                a0 = w2.fma(x02, a0);
                FloatVector x10 = FloatVector.fromArray(FLOATS512, x, i + down);
                a0 = w3.fma(x10, a0);
                a1 = w0.fma(x10, a1);
                FloatVector x11 = FloatVector.fromArray(FLOATS512, x, i + down + step);
                a0 = w4.fma(x11, a0);
                a1 = w1.fma(x11, a1);
                FloatVector x12 = FloatVector.fromArray(FLOATS512, x, i + down + 2 * step);
                a0 = w5.fma(x12, a0);
                a1 = w2.fma(x12, a1);
                FloatVector x20 = FloatVector.fromArray(FLOATS512, x, i + 2 * down);
                a0 = w6.fma(x20, a0);
                a1 = w3.fma(x20, a1);
                FloatVector x21 = FloatVector.fromArray(FLOATS512, x, i + 2 * down + step);
                a0 = w7.fma(x21, a0);
                a1 = w4.fma(x21, a1);
                FloatVector x22 = FloatVector.fromArray(FLOATS512, x, i + 2 * down + 2 * step);
                a0 = w8.fma(x22, a0);
                a1 = w5.fma(x22, a1);
                FloatVector x30 = FloatVector.fromArray(FLOATS512, x, i + 3 * down);
                a1 = w6.fma(x30, a1);
                FloatVector x31 = FloatVector.fromArray(FLOATS512, x, i + 3 * down + step);
                a1 = w7.fma(x31, a1);
                FloatVector x32 = FloatVector.fromArray(FLOATS512, x, i + 3 * down + 2 * step);
                a1 = w8.fma(x32, a1);
                EXACT512.cast(a0).intoArray(y, at);
                EXACT512.cast(a1).intoArray(y, at + second);
            }
        }
    }

    /** Two rows at a time, ones of pixels: {@code second} floats lie between them in y. */
    private static void onesWindow(float[] x, int in, int step, int down, float[] values, int j, float start, float[] y, int out,
            int second, int outer, int outerStep, int outerLast, int xOuter, int yOuter, int inner, int innerStep, int innerLast,
            int xInner, int yInner) {
        FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j]));
        FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 1]));
        FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 2]));
        FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 3]));
        FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 4]));
        FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 5]));
        FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 6]));
        FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 7]));
        FloatVector w8 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 8]));
        FloatVector begin = FloatVector.broadcast(FLOATS, start);
        for (int a = 0; a < outer; a++) {
            int far = Math.min(a * outerStep, outerLast);
            for (int b = 0; b < inner; b++) {
                int near = Math.min(b * innerStep, innerLast);
                int i = in + far * xOuter + near * xInner;
                int at = out + far * yOuter + near * yInner;
                FloatVector a0 = begin;
                FloatVector a1 = begin;
                FloatVector x00 = FloatVector.fromArray(FLOATS, x, i);
                a0 = w0.fma(x00, a0);
                FloatVector x01 = FloatVector.fromArray(FLOATS, x, i + step);
                a0 = w1.fma(x01, a0);
                FloatVector x02 = FloatVector.fromArray(FLOATS, x, i + 2 * step);
                a0 = w2.fma(x02, a0);
                FloatVector x10 = FloatVector.fromArray(FLOATS, x, i + down);
                a0 = w3.fma(x10, a0);
                a1 = w0.fma(x10, a1);
                FloatVector x11 = FloatVector.fromArray(FLOATS, x, i + down + step);
                a0 = w4.fma(x11, a0);
                a1 = w1.fma(x11, a1);
                FloatVector x12 = FloatVector.fromArray(FLOATS, x, i + down + 2 * step);
                a0 = w5.fma(x12, a0);
                a1 = w2.fma(x12, a1);
                FloatVector x20 = FloatVector.fromArray(FLOATS, x, i + 2 * down);
                a0 = w6.fma(x20, a0);
                a1 = w3.fma(x20, a1);
                FloatVector x21 = FloatVector.fromArray(FLOATS, x, i + 2 * down + step);
                a0 = w7.fma(x21, a0);
                a1 = w4.fma(x21, a1);
                FloatVector x22 = FloatVector.fromArray(FLOATS, x, i + 2 * down + 2 * step);
                a0 = w8.fma(x22, a0);
                a1 = w5.fma(x22, a1);
                FloatVector x30 = FloatVector.fromArray(FLOATS, x, i + 3 * down);
                a1 = w6.fma(x30, a1);
                FloatVector x31 = FloatVector.fromArray(FLOATS, x, i + 3 * down + step);
                a1 = w7.fma(x31, a1);
                FloatVector x32 = FloatVector.fromArray(FLOATS, x, i + 3 * down + 2 * step);
                a1 = w8.fma(x32, a1);
                EXACT.cast(a0).intoArray(y, at);
                EXACT.cast(a1).intoArray(y, at + second);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = EXACT512.cast(w1).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = EXACT512.cast(w1).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = EXACT512.cast(w2).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = EXACT512.cast(w3).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = EXACT512.cast(w1).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = EXACT512.cast(w2).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = EXACT512.cast(w3).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                a0 = EXACT512.cast(w4).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o4)), a0);
                a0 = EXACT512.cast(w5).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o5)), a0);
                a0 = EXACT512.cast(w6).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o6)), a0);
                a0 = EXACT512.cast(w7).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o7)), a0);
                a0 = EXACT512.cast(w8).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o8)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = EXACT512.cast(w1).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = EXACT512.cast(w1).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = EXACT512.cast(w2).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = EXACT512.cast(w3).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
                a0 = EXACT512.cast(w0).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o0)), a0);
                a0 = EXACT512.cast(w1).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o1)), a0);
                a0 = EXACT512.cast(w2).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o2)), a0);
                a0 = EXACT512.cast(w3).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o3)), a0);
                a0 = EXACT512.cast(w4).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o4)), a0);
                a0 = EXACT512.cast(w5).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o5)), a0);
                a0 = EXACT512.cast(w6).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o6)), a0);
                a0 = EXACT512.cast(w7).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o7)), a0);
                a0 = EXACT512.cast(w8).fma(EXACT512.cast(FloatVector.fromArray(FLOATS512, x, i + o8)), a0);
                EXACT512.cast(a0).intoArray(y, at);
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
