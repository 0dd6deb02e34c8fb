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
 * fast. Where all nine taps of a window are there, tiles of 4 × 4 or 2 × 2 pixels are computed together: a loaded vector of x serves
 * all taps of the tile that read it.
 *
 * <p>Loops call {@link FloatVector#fma} themselves: a method of ours C2 does not inline where it is seldom called, as it is on small maps
 * and for few non-zeros, and vectors would be objects there. Where a machine has no such instruction, the scalar twin runs.
 */
final class DepthwiseConvolution {
    /** Non-zeros that are added together at most: the taps of a window of 3 × 3. */
    private static final int MOST = 9;
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
            int way = begins && end - j == MOST && outputRows > 1 && even > 0 ? way(offsets, j, xPitch) : 0;
            if (way != 0) {
                window(way, wide && yStep == LANES && fillsTiles(outputRows, outputColumns), x,
                        xBase + offsets[way > 0 ? j : end - 1], xPitch, values, j, begin, y, out, yPitch, yStep, outputRows, outputColumns);
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

    /**
     * The way from a window's first tap to its last, if nine non-zeros read places beside each other in image rows below each other: 1 to
     * the right and down, −1 to the left and up; 0 if they do not.
     */
    static int way(int[] offsets, int j, int xPitch) {
        int first = offsets[j];
        int way = offsets[j + 1] > first ? 1 : -1;
        for (int t = 1; t < MOST; t++) {
            if (offsets[j + t] != first + way * (t / 3 * xPitch + t % 3 * LANES)) {
                return 0;
            }
        }
        return way;
    }

    /** Whether tiles of 4 × 4 pixels compute few more than those of 2 × 2, which take a fifth more time a pixel. */
    private static boolean fillsTiles(int rows, int columns) {
        return rows >= 4 && columns >= 4 && 5 * (rows + 3 & -4) * (columns + 3 & -4) <= 6 * (rows + 1 & -2) * (columns + 1 & -2);
    }

    private static void window(int way, boolean fours, float[] x, int in, int xPitch, float[] values, int j, float start, float[] y,
            int out, int yPitch, int yStep, int rows, int columns) {
        if (fours && way > 0) {
            foursDown(x, in, xPitch, values, j, start, y, out, yPitch, yStep, rows, columns, 4);
        } else if (fours) {
            foursUp(x, in, xPitch, values, j, start, y, out, yPitch, yStep, rows, columns, 4);
        } else {
            for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                if (way > 0) {
                    twosDown(x, in + lane, xPitch, values, j, start, y, out + lane, yPitch, yStep, rows, columns, 2);
                } else {
                    twosUp(x, in + lane, xPitch, values, j, start, y, out + lane, yPitch, yStep, rows, columns, 2);
                }
            }
        }
    }

    /**
     * All taps of 3 × 3, tile by tile of 4 image rows × 4 pixels; the last ones overlap those before, and what so
     * comes twice is written twice.
     *
     * @param in place of the first tile's upper left tap
     * @param step pixels from tile to tile. C2 must not know: before a loop whose step it knows it tests all its indices, which takes as
     *     long as the few tiles of a row
     */
    private static void foursDown(float[] x, int in, int xPitch, float[] values, int j, float start, float[] y, int out, int yPitch,
            int yStep, int rows, int columns, int step) {
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
        for (int p = 0; p < rows; p += 4) {
            int row = Math.min(p, rows - 4);
            for (int q = 0; q < columns; q += step) {
                int column = Math.min(q, columns - 4);
                int i = in + row * xPitch + LANES * column;
                int at = out + row * yPitch + column * yStep;
                FloatVector a00 = begin;
                FloatVector a01 = begin;
                FloatVector a10 = begin;
                FloatVector a11 = begin;
                FloatVector a20 = begin;
                FloatVector a21 = begin;
                FloatVector a30 = begin;
                FloatVector a31 = begin;
                FloatVector x00 = FloatVector.fromArray(FLOATS512, x, i);
                FloatVector x01 = FloatVector.fromArray(FLOATS512, x, i + 8);
                FloatVector x02 = FloatVector.fromArray(FLOATS512, x, i + 16);
                FloatVector x03 = FloatVector.fromArray(FLOATS512, x, i + 24);
                FloatVector x04 = FloatVector.fromArray(FLOATS512, x, i + 32);
                a00 = w0.fma(x00, a00);
                a01 = w0.fma(x02, a01);
                a00 = w1.fma(x01, a00);
                a01 = w1.fma(x03, a01);
                a00 = w2.fma(x02, a00);
                a01 = w2.fma(x04, a01);
                FloatVector x10 = FloatVector.fromArray(FLOATS512, x, i + xPitch);
                FloatVector x11 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 8);
                FloatVector x12 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 16);
                FloatVector x13 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 24);
                FloatVector x14 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 32);
                a00 = w3.fma(x10, a00);
                a01 = w3.fma(x12, a01);
                a10 = w0.fma(x10, a10);
                a11 = w0.fma(x12, a11);
                a00 = w4.fma(x11, a00);
                a01 = w4.fma(x13, a01);
                a10 = w1.fma(x11, a10);
                a11 = w1.fma(x13, a11);
                a00 = w5.fma(x12, a00);
                a01 = w5.fma(x14, a01);
                a10 = w2.fma(x12, a10);
                a11 = w2.fma(x14, a11);
                FloatVector x20 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch);
                FloatVector x21 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 8);
                FloatVector x22 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 16);
                FloatVector x23 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 24);
                FloatVector x24 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 32);
                a00 = w6.fma(x20, a00);
                a01 = w6.fma(x22, a01);
                a10 = w3.fma(x20, a10);
                a11 = w3.fma(x22, a11);
                a20 = w0.fma(x20, a20);
                a21 = w0.fma(x22, a21);
                a00 = w7.fma(x21, a00);
                a01 = w7.fma(x23, a01);
                a10 = w4.fma(x21, a10);
                a11 = w4.fma(x23, a11);
                a20 = w1.fma(x21, a20);
                a21 = w1.fma(x23, a21);
                a00 = w8.fma(x22, a00);
                a01 = w8.fma(x24, a01);
                a10 = w5.fma(x22, a10);
                a11 = w5.fma(x24, a11);
                a20 = w2.fma(x22, a20);
                a21 = w2.fma(x24, a21);
                FloatVector x30 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch);
                FloatVector x31 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 8);
                FloatVector x32 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 16);
                FloatVector x33 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 24);
                FloatVector x34 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 32);
                a10 = w6.fma(x30, a10);
                a11 = w6.fma(x32, a11);
                a20 = w3.fma(x30, a20);
                a21 = w3.fma(x32, a21);
                a30 = w0.fma(x30, a30);
                a31 = w0.fma(x32, a31);
                a10 = w7.fma(x31, a10);
                a11 = w7.fma(x33, a11);
                a20 = w4.fma(x31, a20);
                a21 = w4.fma(x33, a21);
                a30 = w1.fma(x31, a30);
                a31 = w1.fma(x33, a31);
                a10 = w8.fma(x32, a10);
                a11 = w8.fma(x34, a11);
                a20 = w5.fma(x32, a20);
                a21 = w5.fma(x34, a21);
                a30 = w2.fma(x32, a30);
                a31 = w2.fma(x34, a31);
                FloatVector x40 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch);
                FloatVector x41 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 8);
                FloatVector x42 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 16);
                FloatVector x43 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 24);
                FloatVector x44 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 32);
                a20 = w6.fma(x40, a20);
                a21 = w6.fma(x42, a21);
                a30 = w3.fma(x40, a30);
                a31 = w3.fma(x42, a31);
                a20 = w7.fma(x41, a20);
                a21 = w7.fma(x43, a21);
                a30 = w4.fma(x41, a30);
                a31 = w4.fma(x43, a31);
                a20 = w8.fma(x42, a20);
                a21 = w8.fma(x44, a21);
                a30 = w5.fma(x42, a30);
                a31 = w5.fma(x44, a31);
                FloatVector x50 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch);
                FloatVector x51 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 8);
                FloatVector x52 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 16);
                FloatVector x53 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 24);
                FloatVector x54 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 32);
                a30 = w6.fma(x50, a30);
                a31 = w6.fma(x52, a31);
                a30 = w7.fma(x51, a30);
                a31 = w7.fma(x53, a31);
                a30 = w8.fma(x52, a30);
                a31 = w8.fma(x54, a31);
                EXACT512.cast(a00).intoArray(y, at);
                EXACT512.cast(a01).intoArray(y, at + 16);
                EXACT512.cast(a10).intoArray(y, at + yPitch);
                EXACT512.cast(a11).intoArray(y, at + yPitch + 16);
                EXACT512.cast(a20).intoArray(y, at + 2 * yPitch);
                EXACT512.cast(a21).intoArray(y, at + 2 * yPitch + 16);
                EXACT512.cast(a30).intoArray(y, at + 3 * yPitch);
                EXACT512.cast(a31).intoArray(y, at + 3 * yPitch + 16);
            }
        }
    }

    /** The same with taps that go to the left and up, so that the order of the sums is that from the tile's lower right. */
    private static void foursUp(float[] x, int in, int xPitch, float[] values, int j, float start, float[] y, int out, int yPitch,
            int yStep, int rows, int columns, int step) {
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
        for (int p = 0; p < rows; p += 4) {
            int row = Math.min(p, rows - 4);
            for (int q = 0; q < columns; q += step) {
                int column = Math.min(q, columns - 4);
                int i = in + row * xPitch + LANES * column;
                int at = out + row * yPitch + column * yStep;
                FloatVector a00 = begin;
                FloatVector a01 = begin;
                FloatVector a10 = begin;
                FloatVector a11 = begin;
                FloatVector a20 = begin;
                FloatVector a21 = begin;
                FloatVector a30 = begin;
                FloatVector a31 = begin;
                FloatVector x00 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 32);
                FloatVector x01 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 24);
                FloatVector x02 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 16);
                FloatVector x03 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch + 8);
                FloatVector x04 = FloatVector.fromArray(FLOATS512, x, i + 5 * xPitch);
                a00 = w0.fma(x00, a00);
                a01 = w0.fma(x02, a01);
                a00 = w1.fma(x01, a00);
                a01 = w1.fma(x03, a01);
                a00 = w2.fma(x02, a00);
                a01 = w2.fma(x04, a01);
                FloatVector x10 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 32);
                FloatVector x11 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 24);
                FloatVector x12 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 16);
                FloatVector x13 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch + 8);
                FloatVector x14 = FloatVector.fromArray(FLOATS512, x, i + 4 * xPitch);
                a00 = w3.fma(x10, a00);
                a01 = w3.fma(x12, a01);
                a10 = w0.fma(x10, a10);
                a11 = w0.fma(x12, a11);
                a00 = w4.fma(x11, a00);
                a01 = w4.fma(x13, a01);
                a10 = w1.fma(x11, a10);
                a11 = w1.fma(x13, a11);
                a00 = w5.fma(x12, a00);
                a01 = w5.fma(x14, a01);
                a10 = w2.fma(x12, a10);
                a11 = w2.fma(x14, a11);
                FloatVector x20 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 32);
                FloatVector x21 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 24);
                FloatVector x22 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 16);
                FloatVector x23 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch + 8);
                FloatVector x24 = FloatVector.fromArray(FLOATS512, x, i + 3 * xPitch);
                a00 = w6.fma(x20, a00);
                a01 = w6.fma(x22, a01);
                a10 = w3.fma(x20, a10);
                a11 = w3.fma(x22, a11);
                a20 = w0.fma(x20, a20);
                a21 = w0.fma(x22, a21);
                a00 = w7.fma(x21, a00);
                a01 = w7.fma(x23, a01);
                a10 = w4.fma(x21, a10);
                a11 = w4.fma(x23, a11);
                a20 = w1.fma(x21, a20);
                a21 = w1.fma(x23, a21);
                a00 = w8.fma(x22, a00);
                a01 = w8.fma(x24, a01);
                a10 = w5.fma(x22, a10);
                a11 = w5.fma(x24, a11);
                a20 = w2.fma(x22, a20);
                a21 = w2.fma(x24, a21);
                FloatVector x30 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 32);
                FloatVector x31 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 24);
                FloatVector x32 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 16);
                FloatVector x33 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch + 8);
                FloatVector x34 = FloatVector.fromArray(FLOATS512, x, i + 2 * xPitch);
                a10 = w6.fma(x30, a10);
                a11 = w6.fma(x32, a11);
                a20 = w3.fma(x30, a20);
                a21 = w3.fma(x32, a21);
                a30 = w0.fma(x30, a30);
                a31 = w0.fma(x32, a31);
                a10 = w7.fma(x31, a10);
                a11 = w7.fma(x33, a11);
                a20 = w4.fma(x31, a20);
                a21 = w4.fma(x33, a21);
                a30 = w1.fma(x31, a30);
                a31 = w1.fma(x33, a31);
                a10 = w8.fma(x32, a10);
                a11 = w8.fma(x34, a11);
                a20 = w5.fma(x32, a20);
                a21 = w5.fma(x34, a21);
                a30 = w2.fma(x32, a30);
                a31 = w2.fma(x34, a31);
                FloatVector x40 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 32);
                FloatVector x41 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 24);
                FloatVector x42 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 16);
                FloatVector x43 = FloatVector.fromArray(FLOATS512, x, i + xPitch + 8);
                FloatVector x44 = FloatVector.fromArray(FLOATS512, x, i + xPitch);
                a20 = w6.fma(x40, a20);
                a21 = w6.fma(x42, a21);
                a30 = w3.fma(x40, a30);
                a31 = w3.fma(x42, a31);
                a20 = w7.fma(x41, a20);
                a21 = w7.fma(x43, a21);
                a30 = w4.fma(x41, a30);
                a31 = w4.fma(x43, a31);
                a20 = w8.fma(x42, a20);
                a21 = w8.fma(x44, a21);
                a30 = w5.fma(x42, a30);
                a31 = w5.fma(x44, a31);
                FloatVector x50 = FloatVector.fromArray(FLOATS512, x, i + 32);
                FloatVector x51 = FloatVector.fromArray(FLOATS512, x, i + 24);
                FloatVector x52 = FloatVector.fromArray(FLOATS512, x, i + 16);
                FloatVector x53 = FloatVector.fromArray(FLOATS512, x, i + 8);
                FloatVector x54 = FloatVector.fromArray(FLOATS512, x, i);
                a30 = w6.fma(x50, a30);
                a31 = w6.fma(x52, a31);
                a30 = w7.fma(x51, a30);
                a31 = w7.fma(x53, a31);
                a30 = w8.fma(x52, a30);
                a31 = w8.fma(x54, a31);
                EXACT512.cast(a00).intoArray(y, at + 3 * yPitch + 16);
                EXACT512.cast(a01).intoArray(y, at + 3 * yPitch);
                EXACT512.cast(a10).intoArray(y, at + 2 * yPitch + 16);
                EXACT512.cast(a11).intoArray(y, at + 2 * yPitch);
                EXACT512.cast(a20).intoArray(y, at + yPitch + 16);
                EXACT512.cast(a21).intoArray(y, at + yPitch);
                EXACT512.cast(a30).intoArray(y, at + 16);
                EXACT512.cast(a31).intoArray(y, at);
            }
        }
    }

    /**
     * All taps of 3 × 3, tile by tile of 2 image rows × 2 pixels; the last ones overlap those before, and what so
     * comes twice is written twice.
     *
     * @param in place of the first tile's upper left tap
     * @param step pixels from tile to tile. C2 must not know: before a loop whose step it knows it tests all its indices, which takes as
     *     long as the few tiles of a row
     */
    private static void twosDown(float[] x, int in, int xPitch, float[] values, int j, float start, float[] y, int out, int yPitch,
            int yStep, int rows, int columns, int step) {
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
        for (int p = 0; p < rows; p += 2) {
            int row = Math.min(p, rows - 2);
            for (int q = 0; q < columns; q += step) {
                int column = Math.min(q, columns - 2);
                int i = in + row * xPitch + LANES * column;
                int at = out + row * yPitch + column * yStep;
                FloatVector a00 = begin;
                FloatVector a01 = begin;
                FloatVector a10 = begin;
                FloatVector a11 = begin;
                FloatVector x00 = FloatVector.fromArray(FLOATS, x, i);
                FloatVector x01 = FloatVector.fromArray(FLOATS, x, i + 8);
                FloatVector x02 = FloatVector.fromArray(FLOATS, x, i + 16);
                FloatVector x03 = FloatVector.fromArray(FLOATS, x, i + 24);
                a00 = w0.fma(x00, a00);
                a01 = w0.fma(x01, a01);
                a00 = w1.fma(x01, a00);
                a01 = w1.fma(x02, a01);
                a00 = w2.fma(x02, a00);
                a01 = w2.fma(x03, a01);
                FloatVector x10 = FloatVector.fromArray(FLOATS, x, i + xPitch);
                FloatVector x11 = FloatVector.fromArray(FLOATS, x, i + xPitch + 8);
                FloatVector x12 = FloatVector.fromArray(FLOATS, x, i + xPitch + 16);
                FloatVector x13 = FloatVector.fromArray(FLOATS, x, i + xPitch + 24);
                a00 = w3.fma(x10, a00);
                a01 = w3.fma(x11, a01);
                a10 = w0.fma(x10, a10);
                a11 = w0.fma(x11, a11);
                a00 = w4.fma(x11, a00);
                a01 = w4.fma(x12, a01);
                a10 = w1.fma(x11, a10);
                a11 = w1.fma(x12, a11);
                a00 = w5.fma(x12, a00);
                a01 = w5.fma(x13, a01);
                a10 = w2.fma(x12, a10);
                a11 = w2.fma(x13, a11);
                FloatVector x20 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch);
                FloatVector x21 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 8);
                FloatVector x22 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 16);
                FloatVector x23 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 24);
                a00 = w6.fma(x20, a00);
                a01 = w6.fma(x21, a01);
                a10 = w3.fma(x20, a10);
                a11 = w3.fma(x21, a11);
                a00 = w7.fma(x21, a00);
                a01 = w7.fma(x22, a01);
                a10 = w4.fma(x21, a10);
                a11 = w4.fma(x22, a11);
                a00 = w8.fma(x22, a00);
                a01 = w8.fma(x23, a01);
                a10 = w5.fma(x22, a10);
                a11 = w5.fma(x23, a11);
                FloatVector x30 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch);
                FloatVector x31 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch + 8);
                FloatVector x32 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch + 16);
                FloatVector x33 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch + 24);
                a10 = w6.fma(x30, a10);
                a11 = w6.fma(x31, a11);
                a10 = w7.fma(x31, a10);
                a11 = w7.fma(x32, a11);
                a10 = w8.fma(x32, a10);
                a11 = w8.fma(x33, a11);
                EXACT.cast(a00).intoArray(y, at);
                EXACT.cast(a01).intoArray(y, at + yStep);
                EXACT.cast(a10).intoArray(y, at + yPitch);
                EXACT.cast(a11).intoArray(y, at + yPitch + yStep);
            }
        }
    }

    /** The same with taps that go to the left and up, so that the order of the sums is that from the tile's lower right. */
    private static void twosUp(float[] x, int in, int xPitch, float[] values, int j, float start, float[] y, int out, int yPitch,
            int yStep, int rows, int columns, int step) {
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
        for (int p = 0; p < rows; p += 2) {
            int row = Math.min(p, rows - 2);
            for (int q = 0; q < columns; q += step) {
                int column = Math.min(q, columns - 2);
                int i = in + row * xPitch + LANES * column;
                int at = out + row * yPitch + column * yStep;
                FloatVector a00 = begin;
                FloatVector a01 = begin;
                FloatVector a10 = begin;
                FloatVector a11 = begin;
                FloatVector x00 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch + 24);
                FloatVector x01 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch + 16);
                FloatVector x02 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch + 8);
                FloatVector x03 = FloatVector.fromArray(FLOATS, x, i + 3 * xPitch);
                a00 = w0.fma(x00, a00);
                a01 = w0.fma(x01, a01);
                a00 = w1.fma(x01, a00);
                a01 = w1.fma(x02, a01);
                a00 = w2.fma(x02, a00);
                a01 = w2.fma(x03, a01);
                FloatVector x10 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 24);
                FloatVector x11 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 16);
                FloatVector x12 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 8);
                FloatVector x13 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch);
                a00 = w3.fma(x10, a00);
                a01 = w3.fma(x11, a01);
                a10 = w0.fma(x10, a10);
                a11 = w0.fma(x11, a11);
                a00 = w4.fma(x11, a00);
                a01 = w4.fma(x12, a01);
                a10 = w1.fma(x11, a10);
                a11 = w1.fma(x12, a11);
                a00 = w5.fma(x12, a00);
                a01 = w5.fma(x13, a01);
                a10 = w2.fma(x12, a10);
                a11 = w2.fma(x13, a11);
                FloatVector x20 = FloatVector.fromArray(FLOATS, x, i + xPitch + 24);
                FloatVector x21 = FloatVector.fromArray(FLOATS, x, i + xPitch + 16);
                FloatVector x22 = FloatVector.fromArray(FLOATS, x, i + xPitch + 8);
                FloatVector x23 = FloatVector.fromArray(FLOATS, x, i + xPitch);
                a00 = w6.fma(x20, a00);
                a01 = w6.fma(x21, a01);
                a10 = w3.fma(x20, a10);
                a11 = w3.fma(x21, a11);
                a00 = w7.fma(x21, a00);
                a01 = w7.fma(x22, a01);
                a10 = w4.fma(x21, a10);
                a11 = w4.fma(x22, a11);
                a00 = w8.fma(x22, a00);
                a01 = w8.fma(x23, a01);
                a10 = w5.fma(x22, a10);
                a11 = w5.fma(x23, a11);
                FloatVector x30 = FloatVector.fromArray(FLOATS, x, i + 24);
                FloatVector x31 = FloatVector.fromArray(FLOATS, x, i + 16);
                FloatVector x32 = FloatVector.fromArray(FLOATS, x, i + 8);
                FloatVector x33 = FloatVector.fromArray(FLOATS, x, i);
                a10 = w6.fma(x30, a10);
                a11 = w6.fma(x31, a11);
                a10 = w7.fma(x31, a10);
                a11 = w7.fma(x32, a11);
                a10 = w8.fma(x32, a10);
                a11 = w8.fma(x33, a11);
                EXACT.cast(a00).intoArray(y, at + yPitch + yStep);
                EXACT.cast(a01).intoArray(y, at + yPitch);
                EXACT.cast(a10).intoArray(y, at + yStep);
                EXACT.cast(a11).intoArray(y, at);
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
