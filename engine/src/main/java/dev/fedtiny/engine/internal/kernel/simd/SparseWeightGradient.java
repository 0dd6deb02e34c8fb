package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import dev.fedtiny.engine.internal.kernel.Alignment;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients at stored positions: a tile of dz stays in registers while the stored positions of a row run by, each with one 8-lane
 * accumulator in memory. Chains of different positions are independent, so the processor overlaps them.
 */
final class SparseWeightGradient {
    private SparseWeightGradient() {
    }

    static void run(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int blocks, int[] offsets, float[] accumulators, int from, int to) {
        for (int b = 0; b < blocks; b++) {
            for (int lane = 0; lane < 8; lane += Species.LENGTH) {
                block(x, xBase + lane, xPitch, dz, dzBase + lane, dzChannel, dzPitch, outputRows, outputColumns, segments, b * rows,
                        (b + 1) * rows, offsets, accumulators, Alignment.ORIGIN + lane, from, to);
            }
        }
    }

    private static void block(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
        int p = 0;
        if (outputColumns == 4 && xPitch == SparseQuads.PITCH) {
            p = outputRows & -2;
            SparseQuads.gradient(x, xBase, dz, dzBase, dzChannel, dzPitch, p / 2, segments, first, last, offsets, accumulators, origin,
                    from, to);
        } else if (outputColumns == 4) {
            for (; p + 2 <= outputRows; p += 2) {
                tile2x4(x, xBase + p * xPitch, xPitch, dz, dzBase + p * dzPitch, dzChannel, dzPitch, segments, first, last, offsets,
                        accumulators, origin, from, to);
            }
        }
        if (outputColumns == 2) {
            for (; p + 2 <= outputRows; p += 2) {
                SparseSquares.gradient(x, xBase + p * xPitch, xPitch, dz, dzBase + p * dzPitch, dzChannel, dzPitch, segments, first, last,
                        offsets, accumulators, origin, from, to);
            }
        }
        for (; p < outputRows; p++) {
            int in = xBase + p * xPitch;
            int out = dzBase + p * dzPitch;
            int q = 0;
            for (; q + 8 <= outputColumns; q += 8) {
                tile8(x, in + 8 * q, dz, out + 8 * q, dzChannel, segments, first, last, offsets, accumulators, origin, from, to);
            }
            for (; q + 4 <= outputColumns; q += 4) {
                tile4(x, in + 8 * q, dz, out + 8 * q, dzChannel, segments, first, last, offsets, accumulators, origin, from, to);
            }
            for (; q < outputColumns; q++) {
                tile1(x, in + 8 * q, dz, out + 8 * q, dzChannel, segments, first, last, offsets, accumulators, origin, from, to);
            }
        }
    }

    /** Eight pixels of a row. */
    private static void tile8(float[] x, int in, float[] dz, int out, int dzChannel, int[] segments, int first, int last,
            int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int j = segments[first + k];
            if (j == end) {
                continue;
            }
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
            FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
            FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
            FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + 32);
            FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + 40);
            FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + 48);
            FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + 56);
            for (; j < end; j++) {
                int o = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, 8 * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 16), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 24), d3, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 32), d4, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 40), d5, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 48), d6, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 56), d7, a);
                EXACT.cast(a).intoArray(accumulators, 8 * j + origin);
            }
        }
    }

    /** Four pixels of a row. */
    private static void tile4(float[] x, int in, float[] dz, int out, int dzChannel, int[] segments, int first, int last,
            int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int j = segments[first + k];
            if (j == end) {
                continue;
            }
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
            FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
            FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
            for (; j < end; j++) {
                int o = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, 8 * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 16), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 24), d3, a);
                EXACT.cast(a).intoArray(accumulators, 8 * j + origin);
            }
        }
    }

    /** One pixel. */
    private static void tile1(float[] x, int in, float[] dz, int out, int dzChannel, int[] segments, int first, int last,
            int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int j = segments[first + k];
            if (j == end) {
                continue;
            }
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            for (; j < end; j++) {
                int o = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, 8 * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o), d0, a);
                EXACT.cast(a).intoArray(accumulators, 8 * j + origin);
            }
        }
    }

    /** Two rows of four pixels. */
    private static void tile2x4(float[] x, int in, int xPitch, float[] dz, int out, int dzChannel, int dzPitch, int[] segments, int first,
            int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int j = segments[first + k];
            if (j == end) {
                continue;
            }
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
            FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
            FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
            FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
            FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
            FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 16);
            FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 24);
            for (; j < end; j++) {
                int o = in + offsets[j];
                int o2 = o + xPitch;
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, 8 * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 16), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 24), d3, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o2), d4, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o2 + 8), d5, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o2 + 16), d6, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o2 + 24), d7, a);
                EXACT.cast(a).intoArray(accumulators, 8 * j + origin);
            }
        }
    }
}
