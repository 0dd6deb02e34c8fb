// Generated from engine/src/templates/DepthwiseWeightGradient.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Gradients of depthwise weights: {@code g[k, j] = Σ_pq dz[k, p, q] · x[p, q + offsets[j]]}. The sums of up to nine non-zeros of a row stay
 * in registers while the two planes run by, pixel by pixel as the order of the sums wants it: nine chains keep the processor busy. Where
 * they are all taps of a window, several pixels beside each other share what is loaded of x.
 */
final class DepthwiseWeightGradient {
    private DepthwiseWeightGradient() {
    }

    /** Rows {@code [from, to)}; {@code wide}: the machine has the 32 registers that eight pixels at a time want. */
    static void run(boolean wide, float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch,
            int outputRows, int outputColumns, int[] segments, int rows, int[] offsets, float[] accumulators, int accumulatorsBase,
            int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[rows + k];
            int count;
            for (int j = segments[k]; j < end; j += count) {
                count = DepthwiseConvolution.together(end - j);
                boolean window = count == 9 && outputColumns >= 4 && DepthwiseConvolution.way(offsets, j, xPitch) > 0;
                for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                    int out = dzBase + k * dzChannel + lane;
                    int at = accumulatorsBase + LANES * j + lane;
                    if (window && wide && outputColumns % 8 == 0) {
                        eights(x, xBase + offsets[j] + lane, xPitch, dz, out, dzPitch, outputRows, outputColumns, accumulators, at, LANES);
                    } else if (window) {
                        fours(x, xBase + offsets[j] + lane, xPitch, dz, out, dzPitch, outputRows, outputColumns, accumulators, at, LANES);
                    } else {
                        sums(count, x, xBase + lane, xPitch, dz, out, dzPitch, outputRows, outputColumns, offsets, j, accumulators, at);
                    }
                }
            }
        }
    }

    private static void sums(int count, float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int j, float[] accumulators, int at) {
        switch (count) {
            case 1 -> sums1(x, in, xPitch, dz, out, dzPitch, outputRows, outputColumns, offsets, j, accumulators, at);
            case 2 -> sums2(x, in, xPitch, dz, out, dzPitch, outputRows, outputColumns, offsets, j, accumulators, at);
            case 4 -> sums4(x, in, xPitch, dz, out, dzPitch, outputRows, outputColumns, offsets, j, accumulators, at);
            default -> sums9(x, in, xPitch, dz, out, dzPitch, outputRows, outputColumns, offsets, j, accumulators, at);
        }
    }

    /**
     * All taps of 3 × 3, eights of pixels.
     *
     * @param in place of the first window's upper left tap
     * @param pixel floats between pixels. C2 must not know: before a loop whose step it knows it tests all its indices, which takes as
     *     long as the few pixels of a row
     */
    private static void eights(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            float[] accumulators, int at, int pixel) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at));
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 8));
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 16));
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 24));
        FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 32));
        FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 40));
        FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 48));
        FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 56));
        FloatVector a8 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 64));
        for (int p = 0; p < outputRows; p++) {
            int i = in + p * xPitch;
            int d = out + p * dzPitch;
            int end = d + LANES * outputColumns;
            for (; d <= end - 64; d += 8 * pixel, i += 8 * pixel) {
                FloatVector x00 = FloatVector.fromArray(FLOATS, x, i);
                FloatVector x01 = FloatVector.fromArray(FLOATS, x, i + 8);
                FloatVector z0 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d));
                FloatVector x02 = FloatVector.fromArray(FLOATS, x, i + 16);
                a0 = z0.fma(x00, a0);
                a1 = z0.fma(x01, a1);
                a2 = z0.fma(x02, a2);
                FloatVector z1 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 8));
                FloatVector x03 = FloatVector.fromArray(FLOATS, x, i + 24);
                a0 = z1.fma(x01, a0);
                a1 = z1.fma(x02, a1);
                a2 = z1.fma(x03, a2);
                FloatVector z2 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 16));
                FloatVector x04 = FloatVector.fromArray(FLOATS, x, i + 32);
                a0 = z2.fma(x02, a0);
                a1 = z2.fma(x03, a1);
                a2 = z2.fma(x04, a2);
                FloatVector z3 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 24));
                FloatVector x05 = FloatVector.fromArray(FLOATS, x, i + 40);
                a0 = z3.fma(x03, a0);
                a1 = z3.fma(x04, a1);
                a2 = z3.fma(x05, a2);
                FloatVector z4 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 32));
                FloatVector x06 = FloatVector.fromArray(FLOATS, x, i + 48);
                a0 = z4.fma(x04, a0);
                a1 = z4.fma(x05, a1);
                a2 = z4.fma(x06, a2);
                FloatVector z5 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 40));
                FloatVector x07 = FloatVector.fromArray(FLOATS, x, i + 56);
                a0 = z5.fma(x05, a0);
                a1 = z5.fma(x06, a1);
                a2 = z5.fma(x07, a2);
                FloatVector z6 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 48));
                FloatVector x08 = FloatVector.fromArray(FLOATS, x, i + 64);
                a0 = z6.fma(x06, a0);
                a1 = z6.fma(x07, a1);
                a2 = z6.fma(x08, a2);
                FloatVector z7 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 56));
                FloatVector x09 = FloatVector.fromArray(FLOATS, x, i + 72);
                a0 = z7.fma(x07, a0);
                a1 = z7.fma(x08, a1);
                a2 = z7.fma(x09, a2);
                FloatVector x10 = FloatVector.fromArray(FLOATS, x, i + xPitch);
                FloatVector x11 = FloatVector.fromArray(FLOATS, x, i + xPitch + 8);
                FloatVector x12 = FloatVector.fromArray(FLOATS, x, i + xPitch + 16);
                a3 = z0.fma(x10, a3);
                a4 = z0.fma(x11, a4);
                a5 = z0.fma(x12, a5);
                FloatVector x13 = FloatVector.fromArray(FLOATS, x, i + xPitch + 24);
                a3 = z1.fma(x11, a3);
                a4 = z1.fma(x12, a4);
                a5 = z1.fma(x13, a5);
                FloatVector x14 = FloatVector.fromArray(FLOATS, x, i + xPitch + 32);
                a3 = z2.fma(x12, a3);
                a4 = z2.fma(x13, a4);
                a5 = z2.fma(x14, a5);
                FloatVector x15 = FloatVector.fromArray(FLOATS, x, i + xPitch + 40);
                a3 = z3.fma(x13, a3);
                a4 = z3.fma(x14, a4);
                a5 = z3.fma(x15, a5);
                FloatVector x16 = FloatVector.fromArray(FLOATS, x, i + xPitch + 48);
                a3 = z4.fma(x14, a3);
                a4 = z4.fma(x15, a4);
                a5 = z4.fma(x16, a5);
                FloatVector x17 = FloatVector.fromArray(FLOATS, x, i + xPitch + 56);
                a3 = z5.fma(x15, a3);
                a4 = z5.fma(x16, a4);
                a5 = z5.fma(x17, a5);
                FloatVector x18 = FloatVector.fromArray(FLOATS, x, i + xPitch + 64);
                a3 = z6.fma(x16, a3);
                a4 = z6.fma(x17, a4);
                a5 = z6.fma(x18, a5);
                FloatVector x19 = FloatVector.fromArray(FLOATS, x, i + xPitch + 72);
                a3 = z7.fma(x17, a3);
                a4 = z7.fma(x18, a4);
                a5 = z7.fma(x19, a5);
                FloatVector x20 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch);
                FloatVector x21 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 8);
                FloatVector x22 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 16);
                a6 = z0.fma(x20, a6);
                a7 = z0.fma(x21, a7);
                a8 = z0.fma(x22, a8);
                FloatVector x23 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 24);
                a6 = z1.fma(x21, a6);
                a7 = z1.fma(x22, a7);
                a8 = z1.fma(x23, a8);
                FloatVector x24 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 32);
                a6 = z2.fma(x22, a6);
                a7 = z2.fma(x23, a7);
                a8 = z2.fma(x24, a8);
                FloatVector x25 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 40);
                a6 = z3.fma(x23, a6);
                a7 = z3.fma(x24, a7);
                a8 = z3.fma(x25, a8);
                FloatVector x26 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 48);
                a6 = z4.fma(x24, a6);
                a7 = z4.fma(x25, a7);
                a8 = z4.fma(x26, a8);
                FloatVector x27 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 56);
                a6 = z5.fma(x25, a6);
                a7 = z5.fma(x26, a7);
                a8 = z5.fma(x27, a8);
                FloatVector x28 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 64);
                a6 = z6.fma(x26, a6);
                a7 = z6.fma(x27, a7);
                a8 = z6.fma(x28, a8);
                FloatVector x29 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 72);
                a6 = z7.fma(x27, a6);
                a7 = z7.fma(x28, a7);
                a8 = z7.fma(x29, a8);
            }
        }
        EXACT.cast(a0).intoArray(accumulators, at);
        EXACT.cast(a1).intoArray(accumulators, at + 8);
        EXACT.cast(a2).intoArray(accumulators, at + 16);
        EXACT.cast(a3).intoArray(accumulators, at + 24);
        EXACT.cast(a4).intoArray(accumulators, at + 32);
        EXACT.cast(a5).intoArray(accumulators, at + 40);
        EXACT.cast(a6).intoArray(accumulators, at + 48);
        EXACT.cast(a7).intoArray(accumulators, at + 56);
        EXACT.cast(a8).intoArray(accumulators, at + 64);
    }

    /**
     * All taps of 3 × 3, fours of pixels.
     *
     * @param in place of the first window's upper left tap
     * @param pixel floats between pixels. C2 must not know: before a loop whose step it knows it tests all its indices, which takes as
     *     long as the few pixels of a row
     */
    private static void fours(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            float[] accumulators, int at, int pixel) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at));
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 8));
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 16));
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 24));
        FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 32));
        FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 40));
        FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 48));
        FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 56));
        FloatVector a8 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 64));
        for (int p = 0; p < outputRows; p++) {
            int i = in + p * xPitch;
            int d = out + p * dzPitch;
            int end = d + LANES * outputColumns;
            for (; d <= end - 32; d += 4 * pixel, i += 4 * pixel) {
                FloatVector x00 = FloatVector.fromArray(FLOATS, x, i);
                FloatVector x01 = FloatVector.fromArray(FLOATS, x, i + 8);
                FloatVector z0 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d));
                FloatVector x02 = FloatVector.fromArray(FLOATS, x, i + 16);
                a0 = z0.fma(x00, a0);
                a1 = z0.fma(x01, a1);
                a2 = z0.fma(x02, a2);
                FloatVector z1 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 8));
                FloatVector x03 = FloatVector.fromArray(FLOATS, x, i + 24);
                a0 = z1.fma(x01, a0);
                a1 = z1.fma(x02, a1);
                a2 = z1.fma(x03, a2);
                FloatVector z2 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 16));
                FloatVector x04 = FloatVector.fromArray(FLOATS, x, i + 32);
                a0 = z2.fma(x02, a0);
                a1 = z2.fma(x03, a1);
                a2 = z2.fma(x04, a2);
                FloatVector z3 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + 24));
                FloatVector x05 = FloatVector.fromArray(FLOATS, x, i + 40);
                a0 = z3.fma(x03, a0);
                a1 = z3.fma(x04, a1);
                a2 = z3.fma(x05, a2);
                FloatVector x10 = FloatVector.fromArray(FLOATS, x, i + xPitch);
                FloatVector x11 = FloatVector.fromArray(FLOATS, x, i + xPitch + 8);
                FloatVector x12 = FloatVector.fromArray(FLOATS, x, i + xPitch + 16);
                a3 = z0.fma(x10, a3);
                a4 = z0.fma(x11, a4);
                a5 = z0.fma(x12, a5);
                FloatVector x13 = FloatVector.fromArray(FLOATS, x, i + xPitch + 24);
                a3 = z1.fma(x11, a3);
                a4 = z1.fma(x12, a4);
                a5 = z1.fma(x13, a5);
                FloatVector x14 = FloatVector.fromArray(FLOATS, x, i + xPitch + 32);
                a3 = z2.fma(x12, a3);
                a4 = z2.fma(x13, a4);
                a5 = z2.fma(x14, a5);
                FloatVector x15 = FloatVector.fromArray(FLOATS, x, i + xPitch + 40);
                a3 = z3.fma(x13, a3);
                a4 = z3.fma(x14, a4);
                a5 = z3.fma(x15, a5);
                FloatVector x20 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch);
                FloatVector x21 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 8);
                FloatVector x22 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 16);
                a6 = z0.fma(x20, a6);
                a7 = z0.fma(x21, a7);
                a8 = z0.fma(x22, a8);
                FloatVector x23 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 24);
                a6 = z1.fma(x21, a6);
                a7 = z1.fma(x22, a7);
                a8 = z1.fma(x23, a8);
                FloatVector x24 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 32);
                a6 = z2.fma(x22, a6);
                a7 = z2.fma(x23, a7);
                a8 = z2.fma(x24, a8);
                FloatVector x25 = FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 40);
                a6 = z3.fma(x23, a6);
                a7 = z3.fma(x24, a7);
                a8 = z3.fma(x25, a8);
            }
            for (; d < end; d += pixel, i += pixel) {
                FloatVector z = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d));
                a0 = z.fma(FloatVector.fromArray(FLOATS, x, i), a0);
                a1 = z.fma(FloatVector.fromArray(FLOATS, x, i + 8), a1);
                a2 = z.fma(FloatVector.fromArray(FLOATS, x, i + 16), a2);
                a3 = z.fma(FloatVector.fromArray(FLOATS, x, i + xPitch), a3);
                a4 = z.fma(FloatVector.fromArray(FLOATS, x, i + xPitch + 8), a4);
                a5 = z.fma(FloatVector.fromArray(FLOATS, x, i + xPitch + 16), a5);
                a6 = z.fma(FloatVector.fromArray(FLOATS, x, i + 2 * xPitch), a6);
                a7 = z.fma(FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 8), a7);
                a8 = z.fma(FloatVector.fromArray(FLOATS, x, i + 2 * xPitch + 16), a8);
            }
        }
        EXACT.cast(a0).intoArray(accumulators, at);
        EXACT.cast(a1).intoArray(accumulators, at + 8);
        EXACT.cast(a2).intoArray(accumulators, at + 16);
        EXACT.cast(a3).intoArray(accumulators, at + 24);
        EXACT.cast(a4).intoArray(accumulators, at + 32);
        EXACT.cast(a5).intoArray(accumulators, at + 40);
        EXACT.cast(a6).intoArray(accumulators, at + 48);
        EXACT.cast(a7).intoArray(accumulators, at + 56);
        EXACT.cast(a8).intoArray(accumulators, at + 64);
    }

    /** 1 non-zeros from j on. */
    private static void sums1(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int j, float[] accumulators, int at) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at));
        int o0 = in + offsets[j];
        for (int p = 0; p < outputRows; p++) {
            int i = p * xPitch;
            int d = out + p * dzPitch;
            for (int q = 0; q < outputColumns; q++) {
                FloatVector z = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + LANES * q));
                a0 = z.fma(FloatVector.fromArray(FLOATS, x, i + o0 + LANES * q), a0);
            }
        }
        EXACT.cast(a0).intoArray(accumulators, at);
    }

    /** 2 non-zeros from j on. */
    private static void sums2(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int j, float[] accumulators, int at) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at));
        int o0 = in + offsets[j];
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 8));
        int o1 = in + offsets[j + 1];
        for (int p = 0; p < outputRows; p++) {
            int i = p * xPitch;
            int d = out + p * dzPitch;
            for (int q = 0; q < outputColumns; q++) {
                FloatVector z = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + LANES * q));
                a0 = z.fma(FloatVector.fromArray(FLOATS, x, i + o0 + LANES * q), a0);
                a1 = z.fma(FloatVector.fromArray(FLOATS, x, i + o1 + LANES * q), a1);
            }
        }
        EXACT.cast(a0).intoArray(accumulators, at);
        EXACT.cast(a1).intoArray(accumulators, at + 8);
    }

    /** 4 non-zeros from j on. */
    private static void sums4(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int j, float[] accumulators, int at) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at));
        int o0 = in + offsets[j];
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 8));
        int o1 = in + offsets[j + 1];
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 16));
        int o2 = in + offsets[j + 2];
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 24));
        int o3 = in + offsets[j + 3];
        for (int p = 0; p < outputRows; p++) {
            int i = p * xPitch;
            int d = out + p * dzPitch;
            for (int q = 0; q < outputColumns; q++) {
                FloatVector z = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + LANES * q));
                a0 = z.fma(FloatVector.fromArray(FLOATS, x, i + o0 + LANES * q), a0);
                a1 = z.fma(FloatVector.fromArray(FLOATS, x, i + o1 + LANES * q), a1);
                a2 = z.fma(FloatVector.fromArray(FLOATS, x, i + o2 + LANES * q), a2);
                a3 = z.fma(FloatVector.fromArray(FLOATS, x, i + o3 + LANES * q), a3);
            }
        }
        EXACT.cast(a0).intoArray(accumulators, at);
        EXACT.cast(a1).intoArray(accumulators, at + 8);
        EXACT.cast(a2).intoArray(accumulators, at + 16);
        EXACT.cast(a3).intoArray(accumulators, at + 24);
    }

    /** 9 non-zeros from j on. */
    private static void sums9(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int outputRows, int outputColumns,
            int[] offsets, int j, float[] accumulators, int at) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at));
        int o0 = in + offsets[j];
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 8));
        int o1 = in + offsets[j + 1];
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 16));
        int o2 = in + offsets[j + 2];
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 24));
        int o3 = in + offsets[j + 3];
        FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 32));
        int o4 = in + offsets[j + 4];
        FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 40));
        int o5 = in + offsets[j + 5];
        FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 48));
        int o6 = in + offsets[j + 6];
        FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 56));
        int o7 = in + offsets[j + 7];
        FloatVector a8 = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at + 64));
        int o8 = in + offsets[j + 8];
        for (int p = 0; p < outputRows; p++) {
            int i = p * xPitch;
            int d = out + p * dzPitch;
            for (int q = 0; q < outputColumns; q++) {
                FloatVector z = EXACT.cast(FloatVector.fromArray(FLOATS, dz, d + LANES * q));
                a0 = z.fma(FloatVector.fromArray(FLOATS, x, i + o0 + LANES * q), a0);
                a1 = z.fma(FloatVector.fromArray(FLOATS, x, i + o1 + LANES * q), a1);
                a2 = z.fma(FloatVector.fromArray(FLOATS, x, i + o2 + LANES * q), a2);
                a3 = z.fma(FloatVector.fromArray(FLOATS, x, i + o3 + LANES * q), a3);
                a4 = z.fma(FloatVector.fromArray(FLOATS, x, i + o4 + LANES * q), a4);
                a5 = z.fma(FloatVector.fromArray(FLOATS, x, i + o5 + LANES * q), a5);
                a6 = z.fma(FloatVector.fromArray(FLOATS, x, i + o6 + LANES * q), a6);
                a7 = z.fma(FloatVector.fromArray(FLOATS, x, i + o7 + LANES * q), a7);
                a8 = z.fma(FloatVector.fromArray(FLOATS, x, i + o8 + LANES * q), a8);
            }
        }
        EXACT.cast(a0).intoArray(accumulators, at);
        EXACT.cast(a1).intoArray(accumulators, at + 8);
        EXACT.cast(a2).intoArray(accumulators, at + 16);
        EXACT.cast(a3).intoArray(accumulators, at + 24);
        EXACT.cast(a4).intoArray(accumulators, at + 32);
        EXACT.cast(a5).intoArray(accumulators, at + 40);
        EXACT.cast(a6).intoArray(accumulators, at + 48);
        EXACT.cast(a7).intoArray(accumulators, at + 56);
        EXACT.cast(a8).intoArray(accumulators, at + 64);
    }
}
