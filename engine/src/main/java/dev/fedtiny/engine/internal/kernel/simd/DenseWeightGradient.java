package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import dev.fedtiny.engine.internal.kernel.LaneTree;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of all columns of some rows: three rows by three columns of accumulators stay in registers over the whole batch, two
 * pixels unrolled where the output's width is even. With four, or with both loops in one method, C2 gives up inlining at its fixed number
 * of nodes a method, and every vector operation after that makes objects. Where rows or columns are left over, the last one stands in
 * for the missing ones and the copies are dropped.
 */
final class DenseWeightGradient {
    private static final int TILE = 3;

    private DenseWeightGradient() {
    }

    static void run(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
            int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase, float[] lanes,
            int lanesBase, int from, int to) {
        for (int k = from; k < to; k += TILE) {
            int rows = Math.min(TILE, to - k);
            int row0 = dzBase + k * dzChannel;
            int row1 = row0 + Math.min(1, rows - 1) * dzChannel;
            int row2 = row0 + (rows - 1) * dzChannel;
            for (int j = 0; j < columns; j += TILE) {
                int count = Math.min(TILE, columns - j);
                int in0 = xBase + offsets[j];
                int in1 = xBase + offsets[j + Math.min(1, count - 1)];
                int in2 = xBase + offsets[j + count - 1];
                for (int lane = 0; lane < 8; lane += Species.LENGTH) {
                    tile(x, in0 + lane, in1 + lane, in2 + lane, xGroup, xPitch, dz, row0 + lane, row1 + lane, row2 + lane, dzGroup, dzPitch,
                            groups, outputRows, outputColumns, lanes, lanesBase + lane);
                }
                for (int i = 0; i < rows; i++) {
                    for (int c = 0; c < count; c++) {
                        gradient[gradientBase + (k - from + i) * columns + j + c] = LaneTree.sum(lanes, lanesBase + (i * TILE + c) * 8);
                    }
                }
            }
        }
    }

    private static void tile(float[] x, int in0, int in1, int in2, int xGroup, int xPitch, float[] dz, int row0, int row1, int row2,
            int dzGroup, int dzPitch, int groups, int outputRows, int outputColumns, float[] lanes, int lanesAt) {
        if (outputColumns % 2 == 0) {
            pairs(x, in0, in1, in2, xGroup, xPitch, dz, row0, row1, row2, dzGroup, dzPitch, groups, outputRows, outputColumns,
                    lanes, lanesAt);
        } else {
            pixels(x, in0, in1, in2, xGroup, xPitch, dz, row0, row1, row2, dzGroup, dzPitch, groups, outputRows, outputColumns,
                    lanes, lanesAt);
        }
    }

    private static void pairs(float[] x, int in0, int in1, int in2, int xGroup, int xPitch, float[] dz, int row0, int row1, int row2,
            int dzGroup, int dzPitch, int groups, int outputRows, int outputColumns, float[] lanes, int lanesAt) {
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a21 = FloatVector.zero(FLOATS);
        FloatVector a22 = FloatVector.zero(FLOATS);
        for (int g = 0; g < groups; g++) {
            for (int p = 0; p < outputRows; p++) {
                int xAt = g * xGroup + p * xPitch;
                int dzAt = g * dzGroup + p * dzPitch;
                int i0 = in0 + xAt;
                int i1 = in1 + xAt;
                int i2 = in2 + xAt;
                int o0 = row0 + dzAt;
                int o1 = row1 + dzAt;
                int o2 = row2 + dzAt;
                for (int q = 0; q < outputColumns; q += 2) {
                    int s = 8 * q;
                    FloatVector x00 = FloatVector.fromArray(FLOATS, x, i0 + s);
                    FloatVector x10 = FloatVector.fromArray(FLOATS, x, i1 + s);
                    FloatVector x20 = FloatVector.fromArray(FLOATS, x, i2 + s);
                    FloatVector d00 = FloatVector.fromArray(FLOATS, dz, o0 + s);
                    a00 = multiplyAdd(x00, d00, a00);
                    a01 = multiplyAdd(x10, d00, a01);
                    a02 = multiplyAdd(x20, d00, a02);
                    FloatVector d10 = FloatVector.fromArray(FLOATS, dz, o1 + s);
                    a10 = multiplyAdd(x00, d10, a10);
                    a11 = multiplyAdd(x10, d10, a11);
                    a12 = multiplyAdd(x20, d10, a12);
                    FloatVector d20 = FloatVector.fromArray(FLOATS, dz, o2 + s);
                    a20 = multiplyAdd(x00, d20, a20);
                    a21 = multiplyAdd(x10, d20, a21);
                    a22 = multiplyAdd(x20, d20, a22);
                    FloatVector x01 = FloatVector.fromArray(FLOATS, x, i0 + s + 8);
                    FloatVector x11 = FloatVector.fromArray(FLOATS, x, i1 + s + 8);
                    FloatVector x21 = FloatVector.fromArray(FLOATS, x, i2 + s + 8);
                    FloatVector d01 = FloatVector.fromArray(FLOATS, dz, o0 + s + 8);
                    a00 = multiplyAdd(x01, d01, a00);
                    a01 = multiplyAdd(x11, d01, a01);
                    a02 = multiplyAdd(x21, d01, a02);
                    FloatVector d11 = FloatVector.fromArray(FLOATS, dz, o1 + s + 8);
                    a10 = multiplyAdd(x01, d11, a10);
                    a11 = multiplyAdd(x11, d11, a11);
                    a12 = multiplyAdd(x21, d11, a12);
                    FloatVector d21 = FloatVector.fromArray(FLOATS, dz, o2 + s + 8);
                    a20 = multiplyAdd(x01, d21, a20);
                    a21 = multiplyAdd(x11, d21, a21);
                    a22 = multiplyAdd(x21, d21, a22);
                }
            }
        }
        a00.intoArray(lanes, lanesAt);
        a01.intoArray(lanes, lanesAt + 8);
        a02.intoArray(lanes, lanesAt + 16);
        a10.intoArray(lanes, lanesAt + 24);
        a11.intoArray(lanes, lanesAt + 32);
        a12.intoArray(lanes, lanesAt + 40);
        a20.intoArray(lanes, lanesAt + 48);
        a21.intoArray(lanes, lanesAt + 56);
        a22.intoArray(lanes, lanesAt + 64);
    }

    private static void pixels(float[] x, int in0, int in1, int in2, int xGroup, int xPitch, float[] dz, int row0, int row1, int row2,
            int dzGroup, int dzPitch, int groups, int outputRows, int outputColumns, float[] lanes, int lanesAt) {
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a21 = FloatVector.zero(FLOATS);
        FloatVector a22 = FloatVector.zero(FLOATS);
        for (int g = 0; g < groups; g++) {
            for (int p = 0; p < outputRows; p++) {
                int xAt = g * xGroup + p * xPitch;
                int dzAt = g * dzGroup + p * dzPitch;
                int i0 = in0 + xAt;
                int i1 = in1 + xAt;
                int i2 = in2 + xAt;
                int o0 = row0 + dzAt;
                int o1 = row1 + dzAt;
                int o2 = row2 + dzAt;
                for (int q = 0; q < outputColumns; q++) {
                    int s = 8 * q;
                    FloatVector x0 = FloatVector.fromArray(FLOATS, x, i0 + s);
                    FloatVector x1 = FloatVector.fromArray(FLOATS, x, i1 + s);
                    FloatVector x2 = FloatVector.fromArray(FLOATS, x, i2 + s);
                    FloatVector d0 = FloatVector.fromArray(FLOATS, dz, o0 + s);
                    a00 = multiplyAdd(x0, d0, a00);
                    a01 = multiplyAdd(x1, d0, a01);
                    a02 = multiplyAdd(x2, d0, a02);
                    FloatVector d1 = FloatVector.fromArray(FLOATS, dz, o1 + s);
                    a10 = multiplyAdd(x0, d1, a10);
                    a11 = multiplyAdd(x1, d1, a11);
                    a12 = multiplyAdd(x2, d1, a12);
                    FloatVector d2 = FloatVector.fromArray(FLOATS, dz, o2 + s);
                    a20 = multiplyAdd(x0, d2, a20);
                    a21 = multiplyAdd(x1, d2, a21);
                    a22 = multiplyAdd(x2, d2, a22);
                }
            }
        }
        a00.intoArray(lanes, lanesAt);
        a01.intoArray(lanes, lanesAt + 8);
        a02.intoArray(lanes, lanesAt + 16);
        a10.intoArray(lanes, lanesAt + 24);
        a11.intoArray(lanes, lanesAt + 32);
        a12.intoArray(lanes, lanesAt + 40);
        a20.intoArray(lanes, lanesAt + 48);
        a21.intoArray(lanes, lanesAt + 56);
        a22.intoArray(lanes, lanesAt + 64);
    }
}
