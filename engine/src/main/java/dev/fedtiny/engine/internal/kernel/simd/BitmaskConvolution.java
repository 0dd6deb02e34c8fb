package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/** The convolution over set bits: a plain kernel, for weights that are to stay in their storage form. */
final class BitmaskConvolution {
    private BitmaskConvolution() {
    }

    static void run(float[] x, int xBase, int xPitch, int[] offsets, int columns, long[] bits, int[] rowStart, float[] values,
            float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        int words = (columns + 63) >> 6;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int p = 0; p < outputRows; p++) {
                for (int k = from; k < to; k++) {
                    int in = xBase + lane + p * xPitch;
                    int out = yBase + lane + k * yChannel + p * yPitch;
                    int q = 0;
                    for (; q + 4 <= outputColumns; q += 4) {
                        four(x, in + LANES * q, offsets, bits, k * words, words, values, rowStart[k], start, k, y, out + q * yStep, yStep);
                    }
                    for (; q < outputColumns; q++) {
                        one(x, in + LANES * q, offsets, bits, k * words, words, values, rowStart[k], start, k, y, out + q * yStep);
                    }
                }
            }
        }
    }

    private static void four(float[] x, int in, int[] offsets, long[] bits, int firstWord, int words, float[] values, int firstValue,
            float[] start, int k, float[] y, int out, int yStep) {
        FloatVector a0;
        FloatVector a1;
        FloatVector a2;
        FloatVector a3;
        if (start != null) {
            a0 = FloatVector.broadcast(FLOATS, start[k]);
            a1 = a0;
            a2 = a0;
            a3 = a0;
        } else {
            a0 = FloatVector.fromArray(FLOATS, y, out);
            a1 = FloatVector.fromArray(FLOATS, y, out + yStep);
            a2 = FloatVector.fromArray(FLOATS, y, out + 2 * yStep);
            a3 = FloatVector.fromArray(FLOATS, y, out + 3 * yStep);
        }
        int j = firstValue;
        for (int w = 0; w < words; w++) {
            for (long word = bits[firstWord + w]; word != 0; word &= word - 1) {
                int o = in + offsets[(w << 6) + Long.numberOfTrailingZeros(word)];
                FloatVector v = FloatVector.broadcast(FLOATS, values[j++]);
                a0 = multiplyAdd(v, FloatVector.fromArray(FLOATS, x, o), a0);
                a1 = multiplyAdd(v, FloatVector.fromArray(FLOATS, x, o + 8), a1);
                a2 = multiplyAdd(v, FloatVector.fromArray(FLOATS, x, o + 16), a2);
                a3 = multiplyAdd(v, FloatVector.fromArray(FLOATS, x, o + 24), a3);
            }
        }
        EXACT.cast(a0).intoArray(y, out);
        EXACT.cast(a1).intoArray(y, out + yStep);
        EXACT.cast(a2).intoArray(y, out + 2 * yStep);
        EXACT.cast(a3).intoArray(y, out + 3 * yStep);
    }

    private static void one(float[] x, int in, int[] offsets, long[] bits, int firstWord, int words, float[] values, int firstValue,
            float[] start, int k, float[] y, int out) {
        FloatVector a = start != null ? FloatVector.broadcast(FLOATS, start[k]) : FloatVector.fromArray(FLOATS, y, out);
        int j = firstValue;
        for (int w = 0; w < words; w++) {
            for (long word = bits[firstWord + w]; word != 0; word &= word - 1) {
                int o = in + offsets[(w << 6) + Long.numberOfTrailingZeros(word)];
                a = multiplyAdd(FloatVector.broadcast(FLOATS, values[j++]), FloatVector.fromArray(FLOATS, x, o), a);
            }
        }
        EXACT.cast(a).intoArray(y, out);
    }
}
