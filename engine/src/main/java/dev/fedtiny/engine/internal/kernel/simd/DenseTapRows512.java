// Generated from engine/src/templates/DenseTapRows512.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;

import dev.fedtiny.engine.internal.kernel.Alignment;
import jdk.incubator.vector.FloatVector;

/**
 * The dense convolution on vectors of two pixels where columns come in threes that read pixels beside each other, as the rows of 3×3 taps
 * do at stride 1, forward in ascending order and backward in descending order, and maps are a multiple of four pixels wide. A tile is four
 * output rows by two fours of pixels; what both pairs of a four read of x in three columns is five vectors, and one index. So 48
 * multiply-adds need 91 instructions, not 132: a core that two threads share is held back by their number.
 *
 * <p>Where x is read for a tile stands in a list, for all rows to use. In the loop its sums would need more general registers than there
 * are; C2 keeps the surplus in vector registers, and fetching it from there waits behind the multiply-adds.
 */
final class DenseTapRows512 {
    private static final int TILE_ROWS = 4;
    /** Threes of a block of columns. */
    private static final int BLOCK = DenseConvolution.BLOCK_COLUMNS / 3;

    /** Where the threes of a block read x, one a thread: for the first four pixels, then for the second. */
    private static final ThreadLocal<int[]> PLACES = ThreadLocal.withInitial(() -> new int[2 * BLOCK]);

    private DenseTapRows512() {
    }

    /** Floats from each column of a three to the next, 8 or -8; 0: these columns do not come in such threes. */
    static int step(int[] offsets, int columns) {
        if (columns == 0 || columns % 3 != 0) {
            return 0;
        }
        int step = offsets[1] - offsets[0];
        if (Math.abs(step) != 8) {
            return 0;
        }
        for (int j = 0; j < columns; j += 3) {
            if (offsets[j + 1] - offsets[j] != step || offsets[j + 2] - offsets[j + 1] != step) {
                return 0;
            }
        }
        return step;
    }

    /** Columns {@code [first, last)} of rows {@code [from, to)} on the pairs of a band; without a start they add to y. */
    static void block(float[] x, int in, int xPitch, int[] offsets, int columns, int first, int last, int step, float[] values,
            int valuesBase, float[] start, float[] tile, float[] y, int out, int yChannel, int yPitch, int yStep, int pairs, int width,
            int from, int to) {
        int[] places = PLACES.get();
        int threes = (last - first) / 3;
        int lowest = step > 0 ? first : first + 2;
        for (int i = 0; i < pairs; i += 4) {
            // A last four without a partner is computed twice.
            int other = Math.min(i + 2, pairs - 2);
            int in0 = in + i / width * xPitch + i % width * 16;
            int in1 = in + other / width * xPitch + other % width * 16;
            for (int j = 0; j < threes; j++) {
                int offset = offsets[lowest + 3 * j];
                places[j] = in0 + offset;
                places[BLOCK + j] = in1 + offset;
            }
            int out0 = out + i / width * yPitch + i % width * 2 * yStep;
            int out1 = out + other / width * yPitch + other % width * 2 * yStep;
            for (int k = from; k < to; k += TILE_ROWS) {
                if (start != null) {
                    fill(start, k, tile);
                } else {
                    gather(y, out0 + k * yChannel, out1 + k * yChannel, yChannel, yStep, tile);
                }
                int pack = valuesBase + (k - from) * columns + 4 * first;
                if (step > 0) {
                    ascending(x, places, threes, values, pack, tile);
                } else {
                    descending(x, places, threes, values, pack, tile);
                }
                scatter(tile, y, out0 + k * yChannel, out1 + k * yChannel, yChannel, yStep);
            }
        }
    }

    private static void fill(float[] start, int k, float[] tile) {
        for (int row = 0; row < TILE_ROWS; row++) {
            Tile512.fill(start[k + row], tile, Alignment.ORIGIN + 64 * row, 4);
        }
    }

    private static void gather(float[] y, int out0, int out1, int yChannel, int yStep, float[] tile) {
        for (int row = 0; row < TILE_ROWS; row++) {
            int to = Alignment.ORIGIN + 64 * row;
            int from0 = out0 + row * yChannel;
            int from1 = out1 + row * yChannel;
            Tile512.load(y, from0, yStep, tile, to);
            Tile512.load(y, from0 + 2 * yStep, yStep, tile, to + 16);
            Tile512.load(y, from1, yStep, tile, to + 32);
            Tile512.load(y, from1 + 2 * yStep, yStep, tile, to + 48);
        }
    }

    private static void scatter(float[] tile, float[] y, int out0, int out1, int yChannel, int yStep) {
        for (int row = 0; row < TILE_ROWS; row++) {
            int from = Alignment.ORIGIN + 64 * row;
            int to0 = out0 + row * yChannel;
            int to1 = out1 + row * yChannel;
            Tile512.store(tile, from, y, to0, yStep);
            Tile512.store(tile, from + 16, y, to0 + 2 * yStep, yStep);
            Tile512.store(tile, from + 32, y, to1, yStep);
            Tile512.store(tile, from + 48, y, to1 + 2 * yStep, yStep);
        }
    }

    /** Four rows and two fours of pixels; the second column of a three reads one pixel further right than the first. */
    private static void ascending(float[] x, int[] places, int threes, float[] values, int pack, float[] tile) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 16));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 32));
        FloatVector a03 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 48));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 64));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 80));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 96));
        FloatVector a13 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 112));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 128));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 144));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 160));
        FloatVector a23 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 176));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 192));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 208));
        FloatVector a32 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 224));
        FloatVector a33 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 240));
        int v = pack;
        for (int j = 0; j < threes; j++) {
            int p = places[j];
            int q = places[BLOCK + j];
            FloatVector p0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p));
            FloatVector p1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 8));
            FloatVector p2 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 16));
            FloatVector p3 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 24));
            FloatVector p4 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 32));
            FloatVector q0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q));
            FloatVector q1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 8));
            FloatVector q2 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 16));
            FloatVector q3 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 24));
            FloatVector q4 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 32));
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v]));
            a00 = w0.fma(p0, a00);
            a01 = w0.fma(p2, a01);
            a02 = w0.fma(q0, a02);
            a03 = w0.fma(q2, a03);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 1]));
            a10 = w1.fma(p0, a10);
            a11 = w1.fma(p2, a11);
            a12 = w1.fma(q0, a12);
            a13 = w1.fma(q2, a13);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 2]));
            a20 = w2.fma(p0, a20);
            a21 = w2.fma(p2, a21);
            a22 = w2.fma(q0, a22);
            a23 = w2.fma(q2, a23);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 3]));
            a30 = w3.fma(p0, a30);
            a31 = w3.fma(p2, a31);
            a32 = w3.fma(q0, a32);
            a33 = w3.fma(q2, a33);
            FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 4]));
            a00 = w4.fma(p1, a00);
            a01 = w4.fma(p3, a01);
            a02 = w4.fma(q1, a02);
            a03 = w4.fma(q3, a03);
            FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 5]));
            a10 = w5.fma(p1, a10);
            a11 = w5.fma(p3, a11);
            a12 = w5.fma(q1, a12);
            a13 = w5.fma(q3, a13);
            FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 6]));
            a20 = w6.fma(p1, a20);
            a21 = w6.fma(p3, a21);
            a22 = w6.fma(q1, a22);
            a23 = w6.fma(q3, a23);
            FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 7]));
            a30 = w7.fma(p1, a30);
            a31 = w7.fma(p3, a31);
            a32 = w7.fma(q1, a32);
            a33 = w7.fma(q3, a33);
            FloatVector w8 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 8]));
            a00 = w8.fma(p2, a00);
            a01 = w8.fma(p4, a01);
            a02 = w8.fma(q2, a02);
            a03 = w8.fma(q4, a03);
            FloatVector w9 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 9]));
            a10 = w9.fma(p2, a10);
            a11 = w9.fma(p4, a11);
            a12 = w9.fma(q2, a12);
            a13 = w9.fma(q4, a13);
            FloatVector w10 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 10]));
            a20 = w10.fma(p2, a20);
            a21 = w10.fma(p4, a21);
            a22 = w10.fma(q2, a22);
            a23 = w10.fma(q4, a23);
            FloatVector w11 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 11]));
            a30 = w11.fma(p2, a30);
            a31 = w11.fma(p4, a31);
            a32 = w11.fma(q2, a32);
            a33 = w11.fma(q4, a33);
            v += 12;
        }
        EXACT.cast(a00).intoArray(tile, Alignment.ORIGIN);
        EXACT.cast(a01).intoArray(tile, Alignment.ORIGIN + 16);
        EXACT.cast(a02).intoArray(tile, Alignment.ORIGIN + 32);
        EXACT.cast(a03).intoArray(tile, Alignment.ORIGIN + 48);
        EXACT.cast(a10).intoArray(tile, Alignment.ORIGIN + 64);
        EXACT.cast(a11).intoArray(tile, Alignment.ORIGIN + 80);
        EXACT.cast(a12).intoArray(tile, Alignment.ORIGIN + 96);
        EXACT.cast(a13).intoArray(tile, Alignment.ORIGIN + 112);
        EXACT.cast(a20).intoArray(tile, Alignment.ORIGIN + 128);
        EXACT.cast(a21).intoArray(tile, Alignment.ORIGIN + 144);
        EXACT.cast(a22).intoArray(tile, Alignment.ORIGIN + 160);
        EXACT.cast(a23).intoArray(tile, Alignment.ORIGIN + 176);
        EXACT.cast(a30).intoArray(tile, Alignment.ORIGIN + 192);
        EXACT.cast(a31).intoArray(tile, Alignment.ORIGIN + 208);
        EXACT.cast(a32).intoArray(tile, Alignment.ORIGIN + 224);
        EXACT.cast(a33).intoArray(tile, Alignment.ORIGIN + 240);
    }

    /** The same for threes that read from right to left. A body of its own: a branch in the loop costs most of what threes save. */
    private static void descending(float[] x, int[] places, int threes, float[] values, int pack, float[] tile) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 16));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 32));
        FloatVector a03 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 48));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 64));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 80));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 96));
        FloatVector a13 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 112));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 128));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 144));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 160));
        FloatVector a23 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 176));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 192));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 208));
        FloatVector a32 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 224));
        FloatVector a33 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 240));
        int v = pack;
        for (int j = 0; j < threes; j++) {
            int p = places[j];
            int q = places[BLOCK + j];
            FloatVector p0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p));
            FloatVector p1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 8));
            FloatVector p2 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 16));
            FloatVector p3 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 24));
            FloatVector p4 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, p + 32));
            FloatVector q0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q));
            FloatVector q1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 8));
            FloatVector q2 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 16));
            FloatVector q3 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 24));
            FloatVector q4 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, q + 32));
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v]));
            a00 = w0.fma(p2, a00);
            a01 = w0.fma(p4, a01);
            a02 = w0.fma(q2, a02);
            a03 = w0.fma(q4, a03);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 1]));
            a10 = w1.fma(p2, a10);
            a11 = w1.fma(p4, a11);
            a12 = w1.fma(q2, a12);
            a13 = w1.fma(q4, a13);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 2]));
            a20 = w2.fma(p2, a20);
            a21 = w2.fma(p4, a21);
            a22 = w2.fma(q2, a22);
            a23 = w2.fma(q4, a23);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 3]));
            a30 = w3.fma(p2, a30);
            a31 = w3.fma(p4, a31);
            a32 = w3.fma(q2, a32);
            a33 = w3.fma(q4, a33);
            FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 4]));
            a00 = w4.fma(p1, a00);
            a01 = w4.fma(p3, a01);
            a02 = w4.fma(q1, a02);
            a03 = w4.fma(q3, a03);
            FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 5]));
            a10 = w5.fma(p1, a10);
            a11 = w5.fma(p3, a11);
            a12 = w5.fma(q1, a12);
            a13 = w5.fma(q3, a13);
            FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 6]));
            a20 = w6.fma(p1, a20);
            a21 = w6.fma(p3, a21);
            a22 = w6.fma(q1, a22);
            a23 = w6.fma(q3, a23);
            FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 7]));
            a30 = w7.fma(p1, a30);
            a31 = w7.fma(p3, a31);
            a32 = w7.fma(q1, a32);
            a33 = w7.fma(q3, a33);
            FloatVector w8 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 8]));
            a00 = w8.fma(p0, a00);
            a01 = w8.fma(p2, a01);
            a02 = w8.fma(q0, a02);
            a03 = w8.fma(q2, a03);
            FloatVector w9 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 9]));
            a10 = w9.fma(p0, a10);
            a11 = w9.fma(p2, a11);
            a12 = w9.fma(q0, a12);
            a13 = w9.fma(q2, a13);
            FloatVector w10 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 10]));
            a20 = w10.fma(p0, a20);
            a21 = w10.fma(p2, a21);
            a22 = w10.fma(q0, a22);
            a23 = w10.fma(q2, a23);
            FloatVector w11 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 11]));
            a30 = w11.fma(p0, a30);
            a31 = w11.fma(p2, a31);
            a32 = w11.fma(q0, a32);
            a33 = w11.fma(q2, a33);
            v += 12;
        }
        EXACT.cast(a00).intoArray(tile, Alignment.ORIGIN);
        EXACT.cast(a01).intoArray(tile, Alignment.ORIGIN + 16);
        EXACT.cast(a02).intoArray(tile, Alignment.ORIGIN + 32);
        EXACT.cast(a03).intoArray(tile, Alignment.ORIGIN + 48);
        EXACT.cast(a10).intoArray(tile, Alignment.ORIGIN + 64);
        EXACT.cast(a11).intoArray(tile, Alignment.ORIGIN + 80);
        EXACT.cast(a12).intoArray(tile, Alignment.ORIGIN + 96);
        EXACT.cast(a13).intoArray(tile, Alignment.ORIGIN + 112);
        EXACT.cast(a20).intoArray(tile, Alignment.ORIGIN + 128);
        EXACT.cast(a21).intoArray(tile, Alignment.ORIGIN + 144);
        EXACT.cast(a22).intoArray(tile, Alignment.ORIGIN + 160);
        EXACT.cast(a23).intoArray(tile, Alignment.ORIGIN + 176);
        EXACT.cast(a30).intoArray(tile, Alignment.ORIGIN + 192);
        EXACT.cast(a31).intoArray(tile, Alignment.ORIGIN + 208);
        EXACT.cast(a32).intoArray(tile, Alignment.ORIGIN + 224);
        EXACT.cast(a33).intoArray(tile, Alignment.ORIGIN + 240);
    }
}
