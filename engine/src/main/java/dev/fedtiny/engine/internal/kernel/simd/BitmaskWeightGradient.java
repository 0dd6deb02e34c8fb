package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/** Gradients at set bits: one image row of dz at a time, one accumulator a set bit. */
final class BitmaskWeightGradient {
    private BitmaskWeightGradient() {
    }

    static void run(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] offsets, int columns, long[] bits, int[] rowStart, float[] accumulators, int accumulatorsBase,
            int from, int to) {
        int words = (columns + 63) >> 6;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int k = from; k < to; k++) {
                for (int p = 0; p < outputRows; p++) {
                    row(x, xBase + lane + p * xPitch, dz, dzBase + lane + k * dzChannel + p * dzPitch, outputColumns, offsets, bits,
                            k * words, words, accumulators, accumulatorsBase + LANES * (rowStart[k] - rowStart[from]) + lane);
                }
            }
        }
    }

    private static void row(float[] x, int in, float[] dz, int out, int pixels, int[] offsets, long[] bits, int firstWord, int words,
            float[] accumulators, int firstAccumulator) {
        int at = firstAccumulator;
        for (int w = 0; w < words; w++) {
            for (long word = bits[firstWord + w]; word != 0; word &= word - 1) {
                int o = in + offsets[(w << 6) + Long.numberOfTrailingZeros(word)];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, at));
                for (int q = 0; q < pixels; q++) {
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + LANES * q), FloatVector.fromArray(FLOATS, dz, out + LANES * q), a);
                }
                EXACT.cast(a).intoArray(accumulators, at);
                at += LANES;
            }
        }
    }
}
