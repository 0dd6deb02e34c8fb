// Generated from engine/src/templates/SparseWeightGradient.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Gradients at the non-zeros: {@code g[k, j] = Σ_pq dz[k, p, q] · x[p, q + offsets[j]]}. A tile of dz stays in registers while the
 * non-zeros of a row and column block run by, each with one accumulator of a vector in memory; then the row's next tile. So accumulators,
 * as many as a row has in a block, and what the block reads of x stay in the first-level cache; dz is read, and the accumulators are
 * gone over, from end to end. Chains of different non-zeros are independent, so the processor overlaps them.
 *
 * <p>Accumulators of eight non-zeros in registers, and pixel after pixel past them, took as long or longer. A tile is a method of its own:
 * with loops around it C2 gives up inlining, and vectors become objects.
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
     * Adds to the accumulators of rows {@code [from, to)}, as the interface says.
     *
     * @param wide whether the processor has the 32 vector registers of those with 512 bits, so that sixteen pixels of dz stay in them and
     *     accumulators are loaded and stored half as often. Vectors of two pixels would not keep the order in which pixels are added
     */
    static void run(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int blocks, int[] offsets, float[] accumulators, int accumulatorsBase, int from,
            int to, boolean wide) {
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            int at = accumulatorsBase + lane;
            for (int b = 0; b < blocks; b++) {
                for (int k = from; k < to; k++) {
                    int begin = segments[b * rows + k];
                    int end = segments[(b + 1) * rows + k];
                    if (begin < end) {
                        plane(x, xBase + lane, xPitch, dz, dzBase + lane + k * dzChannel, dzPitch, outputRows, outputColumns, offsets,
                                begin, end, accumulators, at - LANES * begin, wide);
                        at += LANES * (end - begin);
                    }
                }
            }
        }
    }

    /** All pixels of one row's non-zeros {@code [begin, end)}; {@code origin}: where non-zero 0 would have its accumulator. */
    private static void plane(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int begin, int end, float[] accumulators, int origin, boolean wide) {
        int p = 0;
        if (outputColumns <= 4) {
            p = narrowPlane(x, in, xPitch, dz, out, dzPitch, outputRows, outputColumns, offsets, begin, end, accumulators, origin, wide);
        } else if (wide && outputColumns == 8) {
            for (; p + 2 <= outputRows; p += 2) {
                tile2x8(x, in + p * xPitch, xPitch, dz, out + p * dzPitch, dzPitch, offsets, begin, end, accumulators, origin);
            }
        }
        for (; p < outputRows; p++) {
            int inRow = in + p * xPitch;
            int outRow = out + p * dzPitch;
            int q = 0;
            if (wide) {
                for (; q + 16 <= outputColumns; q += 16) {
                    tile1x16(x, inRow + LANES * q, xPitch, dz, outRow + LANES * q, dzPitch, offsets, begin, end, accumulators, origin);
                }
            }
            for (; q + 8 <= outputColumns; q += 8) {
                tile1x8(x, inRow + LANES * q, xPitch, dz, outRow + LANES * q, dzPitch, offsets, begin, end, accumulators, origin);
            }
            for (; q + 4 <= outputColumns; q += 4) {
                tile1x4(x, inRow + LANES * q, xPitch, dz, outRow + LANES * q, dzPitch, offsets, begin, end, accumulators, origin);
            }
            for (; q < outputColumns; q++) {
                tile1x1(x, inRow + LANES * q, xPitch, dz, outRow + LANES * q, dzPitch, offsets, begin, end, accumulators, origin);
            }
        }
    }

    /** Tiles of several image rows on maps of at most four columns. Returns the first image row that is left. */
    private static int narrowPlane(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int begin, int end, float[] accumulators, int origin, boolean wide) {
        int p = 0;
        if (outputColumns == 4) {
            if (wide && xPitch == PITCH) {
                for (; p + 4 <= outputRows; p += 4) {
                    tile4x4(x, in + p * PITCH, xPitch, dz, out + p * dzPitch, dzPitch, offsets, begin, end, accumulators, origin);
                }
            }
            for (; p + 2 <= outputRows; p += 2) {
                if (xPitch == PITCH) {
                    tile2x4AtPitch(x, in + p * PITCH, xPitch, dz, out + p * dzPitch, dzPitch, offsets, begin, end, accumulators, origin);
                } else {
                    tile2x4(x, in + p * xPitch, xPitch, dz, out + p * dzPitch, dzPitch, offsets, begin, end, accumulators, origin);
                }
            }
        } else if (outputColumns == 2) {
            for (; p + 2 <= outputRows; p += 2) {
                tile2x2(x, in + p * xPitch, xPitch, dz, out + p * dzPitch, dzPitch, offsets, begin, end, accumulators, origin);
            }
        }
        return p;
    }

    /** 1 × 16 pixels; without {@code multiplyAdd}, since C2 inlines our methods only up to a number of nodes. */
    private static void tile1x16(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
        FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
        FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
        FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + 32);
        FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + 40);
        FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + 48);
        FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + 56);
        FloatVector d8 = FloatVector.fromArray(FLOATS, dz, at + 64);
        FloatVector d9 = FloatVector.fromArray(FLOATS, dz, at + 72);
        FloatVector d10 = FloatVector.fromArray(FLOATS, dz, at + 80);
        FloatVector d11 = FloatVector.fromArray(FLOATS, dz, at + 88);
        FloatVector d12 = FloatVector.fromArray(FLOATS, dz, at + 96);
        FloatVector d13 = FloatVector.fromArray(FLOATS, dz, at + 104);
        FloatVector d14 = FloatVector.fromArray(FLOATS, dz, at + 112);
        FloatVector d15 = FloatVector.fromArray(FLOATS, dz, at + 120);
        for (int j = begin; j < end; j++) {
            int o0 = in + offsets[j];
            FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0)).fma(d0, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 8)).fma(d1, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 16)).fma(d2, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 24)).fma(d3, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 32)).fma(d4, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 40)).fma(d5, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 48)).fma(d6, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 56)).fma(d7, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 64)).fma(d8, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 72)).fma(d9, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 80)).fma(d10, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 88)).fma(d11, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 96)).fma(d12, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 104)).fma(d13, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 112)).fma(d14, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 120)).fma(d15, a);
            EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
        }
    }

    /** 1 × 8 pixels. */
    private static void tile1x8(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
        FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
        FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
        FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + 32);
        FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + 40);
        FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + 48);
        FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + 56);
        for (int j = begin; j < end; j++) {
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

    /** 1 × 4 pixels. */
    private static void tile1x4(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
        FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
        FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
        for (int j = begin; j < end; j++) {
            int o0 = in + offsets[j];
            FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
            a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0), d0, a);
            a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 8), d1, a);
            a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 16), d2, a);
            a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0 + 24), d3, a);
            EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
        }
    }

    /** 1 × 1 pixels. */
    private static void tile1x1(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        for (int j = begin; j < end; j++) {
            int o0 = in + offsets[j];
            FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
            a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o0), d0, a);
            EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
        }
    }

    /** 2 × 8 pixels; without {@code multiplyAdd}, since C2 inlines our methods only up to a number of nodes. */
    private static void tile2x8(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
        FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
        FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
        FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + 32);
        FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + 40);
        FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + 48);
        FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + 56);
        FloatVector d8 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
        FloatVector d9 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
        FloatVector d10 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 16);
        FloatVector d11 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 24);
        FloatVector d12 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 32);
        FloatVector d13 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 40);
        FloatVector d14 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 48);
        FloatVector d15 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 56);
        for (int j = begin; j < end; j++) {
            int o0 = in + offsets[j];
            int o1 = o0 + xPitch;
            FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0)).fma(d0, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 8)).fma(d1, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 16)).fma(d2, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 24)).fma(d3, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 32)).fma(d4, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 40)).fma(d5, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 48)).fma(d6, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 56)).fma(d7, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1)).fma(d8, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 8)).fma(d9, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 16)).fma(d10, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 24)).fma(d11, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 32)).fma(d12, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 40)).fma(d13, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 48)).fma(d14, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 56)).fma(d15, a);
            EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
        }
    }

    /** 2 × 4 pixels. */
    private static void tile2x4(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
        FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
        FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
        FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
        FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
        FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 16);
        FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 24);
        for (int j = begin; j < end; j++) {
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

    /** 2 × 2 pixels. */
    private static void tile2x2(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
        FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
        FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
        for (int j = begin; j < end; j++) {
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

    /** 2 × 4 pixels. */
    private static void tile2x4AtPitch(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
        FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
        FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
        FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
        FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
        FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
        FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
        FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 16);
        FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 24);
        for (int j = begin; j < end; j++) {
            int o0 = in + offsets[j];
            int o1 = o0 + PITCH;
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

    /** 4 × 4 pixels; without {@code multiplyAdd}, since C2 inlines our methods only up to a number of nodes. */
    private static void tile4x4(float[] x, int in, int xPitch, float[] dz, int at, int dzPitch, int[] offsets, int begin, int end,
            float[] accumulators, int origin) {
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
        for (int j = begin; j < end; j++) {
            int o0 = in + offsets[j];
            int o1 = o0 + PITCH;
            int o2 = o0 + 2 * PITCH;
            int o3 = o0 + 3 * PITCH;
            FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, LANES * j + origin));
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0)).fma(d0, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 8)).fma(d1, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 16)).fma(d2, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o0 + 24)).fma(d3, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1)).fma(d4, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 8)).fma(d5, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 16)).fma(d6, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o1 + 24)).fma(d7, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o2)).fma(d8, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o2 + 8)).fma(d9, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o2 + 16)).fma(d10, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o2 + 24)).fma(d11, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o3)).fma(d12, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o3 + 8)).fma(d13, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o3 + 16)).fma(d14, a);
            a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o3 + 24)).fma(d15, a);
            EXACT.cast(a).intoArray(accumulators, LANES * j + origin);
        }
    }
}
