// Generated from engine/src/templates/DepthwiseWeightGradient.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Gradients of depthwise weights: {@code g[k, j] = Σ_pq dz[k, p, q] · x[p, q + offsets[j]]}. The sums of up to nine non-zeros of a row stay
 * in registers while the two planes run by, pixel by pixel as the order of the sums wants it: nine chains keep the processor busy.
 */
final class DepthwiseWeightGradient {
    private DepthwiseWeightGradient() {
    }

    static void run(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int[] offsets, float[] accumulators, int accumulatorsBase, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[rows + k];
            int count;
            for (int j = segments[k]; j < end; j += count) {
                count = DepthwiseConvolution.together(end - j);
                for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                    sums(count, x, xBase + lane, xPitch, dz, dzBase + k * dzChannel + lane, dzPitch, outputRows, outputColumns, offsets, j,
                            accumulators, accumulatorsBase + LANES * j + lane);
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
