package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import dev.fedtiny.engine.internal.kernel.LaneTree;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of all columns of some rows: tiles of three rows by three columns of accumulators stay in registers over a segment of the
 * batch that fits the first-level cache, then wait in memory for the next segment. Two pixels are unrolled where the output's width is
 * even: with four, C2 gives up inlining at its fixed number of nodes a method, and every vector operation after that makes objects. Where
 * rows or columns are left over, the last one stands in for the missing ones and the copies are dropped.
 */
final class DenseWeightGradient {
    private static final int TILE = 3;
    /** Bytes of dz and x that a tile walks in one segment. */
    private static final int SEGMENT_BYTES = 32 << 10;

    private DenseWeightGradient() {
    }

    static void run(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
            int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase, float[] lanes,
            int lanesBase, int from, int to) {
        int tiles = Math.ceilDiv(columns, TILE);
        int fitting = Math.max(1, SEGMENT_BYTES / ((4 * outputColumns + 2) * 32));
        int segmentGroups = Math.max(1, fitting / outputRows);
        int segmentRows = Math.min(outputRows, fitting);
        for (int k = from; k < to; k += TILE) {
            int rows = Math.min(TILE, to - k);
            int row0 = dzBase + k * dzChannel;
            int row1 = row0 + Math.min(1, rows - 1) * dzChannel;
            int row2 = row0 + (rows - 1) * dzChannel;
            java.util.Arrays.fill(lanes, lanesBase, lanesBase + tiles * 72, 0);
            for (int g = 0; g < groups; g += segmentGroups) {
                int count = Math.min(segmentGroups, groups - g);
                for (int p = 0; p < outputRows; p += segmentRows) {
                    int dzAt = g * dzGroup + p * dzPitch;
                    segment(x, xBase + g * xGroup + p * xPitch, xGroup, xPitch, dz, row0 + dzAt, row1 + dzAt, row2 + dzAt, dzGroup, dzPitch,
                            count, Math.min(segmentRows, outputRows - p), outputColumns, offsets, columns, lanes, lanesBase);
                }
            }
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    gradient[gradientBase + (k - from + i) * columns + j] =
                            LaneTree.sum(lanes, lanesBase + j / TILE * 72 + (i * TILE + j % TILE) * 8);
                }
            }
        }
    }

    private static void segment(float[] x, int in, int xGroup, int xPitch, float[] dz, int row0, int row1, int row2, int dzGroup,
            int dzPitch, int groups, int rows, int pixels, int[] offsets, int columns, float[] lanes, int lanesBase) {
        for (int lane = 0; lane < 8; lane += Species.LENGTH) {
            int tile = lanesBase + lane;
            for (int j = 0; j < columns; j += TILE, tile += 72) {
                int count = Math.min(TILE, columns - j);
                int in0 = in + lane + offsets[j];
                int in1 = in + lane + offsets[j + Math.min(1, count - 1)];
                int in2 = in + lane + offsets[j + count - 1];
                if (pixels % 2 != 0) {
                    pixels(x, in0, in1, in2, xGroup, xPitch, dz, row0 + lane, row1 + lane, row2 + lane, dzGroup, dzPitch, groups, rows,
                            pixels, lanes, tile);
                } else if (in1 == in0 + 8 && in2 == in0 + 16) {
                    adjacent(x, in0, xGroup, xPitch, dz, row0 + lane, row1 + lane, row2 + lane, dzGroup, dzPitch, groups, rows, pixels,
                            lanes, tile);
                } else {
                    pairs(x, in0, in1, in2, xGroup, xPitch, dz, row0 + lane, row1 + lane, row2 + lane, dzGroup, dzPitch, groups, rows,
                            pixels, lanes, tile);
                }
            }
        }
    }

    /** Three columns beside each other, which share their loads; pairs of pixels. */
    private static void adjacent(float[] x, int in0, int xGroup, int xPitch, float[] dz, int row0, int row1, int row2,
            int dzGroup, int dzPitch, int groups, int rows, int pixels, float[] lanes, int lanesAt) {
        FloatVector a00 = FloatVector.fromArray(FLOATS, lanes, lanesAt);
        FloatVector a01 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 8);
        FloatVector a02 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 16);
        FloatVector a10 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 24);
        FloatVector a11 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 32);
        FloatVector a12 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 40);
        FloatVector a20 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 48);
        FloatVector a21 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 56);
        FloatVector a22 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 64);
        for (int g = 0; g < groups; g++) {
            for (int p = 0; p < rows; p++) {
                int xAt = g * xGroup + p * xPitch;
                int dzAt = g * dzGroup + p * dzPitch;
                int i0 = in0 + xAt;
                int o0 = row0 + dzAt;
                int o1 = row1 + dzAt;
                int o2 = row2 + dzAt;
                for (int s = 0; s < 8 * pixels; s += 16) {
                    FloatVector x0 = FloatVector.fromArray(FLOATS, x, i0 + s);
                    FloatVector x1 = FloatVector.fromArray(FLOATS, x, i0 + s + 8);
                    FloatVector x2 = FloatVector.fromArray(FLOATS, x, i0 + s + 16);
                    FloatVector x3 = FloatVector.fromArray(FLOATS, x, i0 + s + 24);
                    FloatVector d00 = FloatVector.fromArray(FLOATS, dz, o0 + s);
                    a00 = multiplyAdd(x0, d00, a00);
                    a01 = multiplyAdd(x1, d00, a01);
                    a02 = multiplyAdd(x2, d00, a02);
                    FloatVector d10 = FloatVector.fromArray(FLOATS, dz, o1 + s);
                    a10 = multiplyAdd(x0, d10, a10);
                    a11 = multiplyAdd(x1, d10, a11);
                    a12 = multiplyAdd(x2, d10, a12);
                    FloatVector d20 = FloatVector.fromArray(FLOATS, dz, o2 + s);
                    a20 = multiplyAdd(x0, d20, a20);
                    a21 = multiplyAdd(x1, d20, a21);
                    a22 = multiplyAdd(x2, d20, a22);
                    FloatVector d01 = FloatVector.fromArray(FLOATS, dz, o0 + s + 8);
                    a00 = multiplyAdd(x1, d01, a00);
                    a01 = multiplyAdd(x2, d01, a01);
                    a02 = multiplyAdd(x3, d01, a02);
                    FloatVector d11 = FloatVector.fromArray(FLOATS, dz, o1 + s + 8);
                    a10 = multiplyAdd(x1, d11, a10);
                    a11 = multiplyAdd(x2, d11, a11);
                    a12 = multiplyAdd(x3, d11, a12);
                    FloatVector d21 = FloatVector.fromArray(FLOATS, dz, o2 + s + 8);
                    a20 = multiplyAdd(x1, d21, a20);
                    a21 = multiplyAdd(x2, d21, a21);
                    a22 = multiplyAdd(x3, d21, a22);
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

    /** Any three columns, pairs of pixels. */
    private static void pairs(float[] x, int in0, int in1, int in2, int xGroup, int xPitch, float[] dz, int row0, int row1, int row2,
            int dzGroup, int dzPitch, int groups, int rows, int pixels, float[] lanes, int lanesAt) {
        FloatVector a00 = FloatVector.fromArray(FLOATS, lanes, lanesAt);
        FloatVector a01 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 8);
        FloatVector a02 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 16);
        FloatVector a10 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 24);
        FloatVector a11 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 32);
        FloatVector a12 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 40);
        FloatVector a20 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 48);
        FloatVector a21 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 56);
        FloatVector a22 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 64);
        for (int g = 0; g < groups; g++) {
            for (int p = 0; p < rows; p++) {
                int xAt = g * xGroup + p * xPitch;
                int dzAt = g * dzGroup + p * dzPitch;
                int i0 = in0 + xAt;
                int i1 = in1 + xAt;
                int i2 = in2 + xAt;
                int o0 = row0 + dzAt;
                int o1 = row1 + dzAt;
                int o2 = row2 + dzAt;
                for (int s = 0; s < 8 * pixels; s += 16) {
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

    /** Any three columns, pixel by pixel. */
    private static void pixels(float[] x, int in0, int in1, int in2, int xGroup, int xPitch, float[] dz, int row0, int row1, int row2,
            int dzGroup, int dzPitch, int groups, int rows, int pixels, float[] lanes, int lanesAt) {
        FloatVector a00 = FloatVector.fromArray(FLOATS, lanes, lanesAt);
        FloatVector a01 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 8);
        FloatVector a02 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 16);
        FloatVector a10 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 24);
        FloatVector a11 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 32);
        FloatVector a12 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 40);
        FloatVector a20 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 48);
        FloatVector a21 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 56);
        FloatVector a22 = FloatVector.fromArray(FLOATS, lanes, lanesAt + 64);
        for (int g = 0; g < groups; g++) {
            for (int p = 0; p < rows; p++) {
                int xAt = g * xGroup + p * xPitch;
                int dzAt = g * dzGroup + p * dzPitch;
                int i0 = in0 + xAt;
                int i1 = in1 + xAt;
                int i2 = in2 + xAt;
                int o0 = row0 + dzAt;
                int o1 = row1 + dzAt;
                int o2 = row2 + dzAt;
                for (int s = 0; s < 8 * pixels; s += 8) {
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
