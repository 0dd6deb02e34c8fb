// Generated from engine/src/templates/SparseWeightGradient.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.Alignment;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients at the non-zeros: {@code g[k, j] = Σ_pq dz[k, p, q] · x[p, q + offsets[j]]}. A tile of dz stays in registers while the
 * non-zeros of a row run by, each with one accumulator of a vector in memory. Chains of different non-zeros are independent, so the
 * processor overlaps them.
 */
final class SparseWeightGradient {
    /**
     * Floats between rows of x on maps four pixels wide under a 3×3 window, as the last ones of ResNet18: four pixels and a halo of one on
     * both sides. Where the pitch is this constant, one address a non-zero serves all image rows of a tile.
     */
    static final int PITCH = 48;

    private SparseWeightGradient() {
    }

    /**
     * Whether {@link #runTiles4x4} can take the work: maps four pixels wide. A processor should have the 32 vector registers of those with
     * 512 bits, so that sixteen pixels of dz stay in them and accumulators are loaded and stored half as often. On wider maps such tiles
     * gain nothing, and vectors of two pixels would not keep the order in which a gradient's pixels are added.
     */
    static boolean coversTiles4x4(int xPitch, int outputRows, int outputColumns) {
        return outputColumns == 4 && outputRows % 4 == 0 && xPitch == PITCH;
    }

    /** As {@link #run}, where {@link #coversTiles4x4} says so. */
    static void runTiles4x4(float[] x, int xBase, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows, int[] segments,
            int rows, int blocks, int[] offsets, float[] accumulators, int from, int to) {
        for (int b = 0; b < blocks; b++) {
            for (int p = 0; p < outputRows; p += 4) {
                tile4x4(x, xBase + p * PITCH, dz, dzBase + p * dzPitch, dzChannel, dzPitch, segments, b * rows, (b + 1) * rows, offsets,
                        accumulators, from, to);
            }
        }
    }

    static void run(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int blocks, int[] offsets, float[] accumulators, int from, int to) {
        for (int b = 0; b < blocks; b++) {
            for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                block(x, xBase + lane, xPitch, dz, dzBase + lane, dzChannel, dzPitch, outputRows, outputColumns, segments, b * rows,
                        (b + 1) * rows, offsets, accumulators, Alignment.ORIGIN + lane, from, to);
            }
        }
    }

    private static void block(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
        int p = 0;
        if (outputColumns == 4 && xPitch == PITCH) {
            p = outputRows & -2;
            tiles2x4(x, xBase, dz, dzBase, dzChannel, dzPitch, p / 2, segments, first, last, offsets, accumulators, origin,
                    from, to);
        } else if (outputColumns == 4) {
            for (; p + 2 <= outputRows; p += 2) {
                tile2x4(x, xBase + p * xPitch, xPitch, dz, dzBase + p * dzPitch, dzChannel, dzPitch, segments, first, last, offsets,
                        accumulators, origin, from, to);
            }
        }
        if (outputColumns == 2) {
            for (; p + 2 <= outputRows; p += 2) {
                tile2x2(x, xBase + p * xPitch, xPitch, dz, dzBase + p * dzPitch, dzChannel, dzPitch, segments, first, last,
                        offsets, accumulators, origin, from, to);
            }
        }
        for (; p < outputRows; p++) {
            int in = xBase + p * xPitch;
            int out = dzBase + p * dzPitch;
            int q = 0;
            for (; q + 8 <= outputColumns; q += 8) {
                tile1x8(x, in + LANES * q, xPitch, dz, out + LANES * q, dzChannel, dzPitch, segments, first, last, offsets, accumulators,
                        origin, from, to);
            }
            for (; q + 4 <= outputColumns; q += 4) {
                tile1x4(x, in + LANES * q, xPitch, dz, out + LANES * q, dzChannel, dzPitch, segments, first, last, offsets, accumulators,
                        origin, from, to);
            }
            for (; q < outputColumns; q++) {
                tile1x1(x, in + LANES * q, xPitch, dz, out + LANES * q, dzChannel, dzPitch, segments, first, last, offsets, accumulators,
                        origin, from, to);
            }
        }
    }

    /** 1 × 8 pixels. */
    private static void tile1x8(float[] x, int in, int xPitch, float[] dz, int out, int dzChannel, int dzPitch,
            int[] segments, int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
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
                int o0 = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 16), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 24), d3, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 32), d4, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 40), d5, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 48), d6, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 56), d7, a);
                EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
            }
        }
    }

    /** 1 × 4 pixels. */
    private static void tile1x4(float[] x, int in, int xPitch, float[] dz, int out, int dzChannel, int dzPitch,
            int[] segments, int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
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
                int o0 = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 16), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 24), d3, a);
                EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
            }
        }
    }

    /** 1 × 1 pixels. */
    private static void tile1x1(float[] x, int in, int xPitch, float[] dz, int out, int dzChannel, int dzPitch,
            int[] segments, int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int j = segments[first + k];
            if (j == end) {
                continue;
            }
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            for (; j < end; j++) {
                int o0 = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0), d0, a);
                EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
            }
        }
    }

    /** 2 × 4 pixels. */
    private static void tile2x4(float[] x, int in, int xPitch, float[] dz, int out, int dzChannel, int dzPitch,
            int[] segments, int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
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
                int o0 = in + offsets[j];
                int o1 = o0 + xPitch;
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 16), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 24), d3, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o1), d4, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o1 + 8), d5, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o1 + 16), d6, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o1 + 24), d7, a);
                EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
            }
        }
    }

    /** 2 × 2 pixels. */
    private static void tile2x2(float[] x, int in, int xPitch, float[] dz, int out, int dzChannel, int dzPitch,
            int[] segments, int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int j = segments[first + k];
            if (j == end) {
                continue;
            }
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
            FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
            FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
            for (; j < end; j++) {
                int o0 = in + offsets[j];
                int o1 = o0 + xPitch;
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o1), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o1 + 8), d3, a);
                EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
            }
        }
    }

    /**
     * So many tiles of 2 × 4 pixels below each other, at the constant pitch: a matrix row takes all of them one after the other, while its
     * accumulators, which are many there, are still in the first-level cache.
     */
    private static void tiles2x4(float[] x, int in, float[] dz, int out, int dzChannel, int dzPitch, int tiles, int[] segments, int first,
            int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[first + k];
            int end = segments[last + k];
            if (begin == end) {
                continue;
            }
            int at = out + k * dzChannel;
            int top = in;
            for (int tile = 0; tile < tiles; tile++) {
                FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
                FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
                FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
                FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
                FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
                FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
                FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 16);
                FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 24);
                for (int j = begin; j < end; j++) {
                    int o = top + offsets[j];
                    FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o), d0, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 8), d1, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 16), d2, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 24), d3, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH), d4, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH + 8), d5, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH + 16), d6, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH + 24), d7, a);
                    EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
                }
                at += 2 * dzPitch;
                top += 2 * PITCH;
            }
        }
    }

    /** 4 × 4 pixels at the constant pitch; without {@code multiplyAdd}, since C2 inlines our methods only up to a number of nodes. */
    private static void tile4x4(float[] x, int in, float[] dz, int out, int dzChannel, int dzPitch, int[] segments, int first,
            int last, int[] offsets, float[] accumulators, int from, int to) {
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
            FloatVector d8 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch);
            FloatVector d9 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch + 8);
            FloatVector d10 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch + 16);
            FloatVector d11 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch + 24);
            FloatVector d12 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch);
            FloatVector d13 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch + 8);
            FloatVector d14 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch + 16);
            FloatVector d15 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch + 24);
            for (; j < end; j++) {
                int o = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, Alignment.ORIGIN + LANES * j));
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o)).fma(d0, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 8)).fma(d1, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 16)).fma(d2, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 24)).fma(d3, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH)).fma(d4, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH + 8)).fma(d5, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH + 16)).fma(d6, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH + 24)).fma(d7, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH)).fma(d8, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH + 8)).fma(d9, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH + 16)).fma(d10, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH + 24)).fma(d11, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH)).fma(d12, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH + 8)).fma(d13, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH + 16)).fma(d14, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH + 24)).fma(d15, a);
                EXACT.cast(a).intoArray(accumulators, Alignment.ORIGIN + LANES * j);
            }
        }
    }
}
