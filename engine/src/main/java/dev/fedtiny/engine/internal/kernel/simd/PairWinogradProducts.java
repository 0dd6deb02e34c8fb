package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.PairSpecies.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.PairSpecies.PAIRS;

import jdk.incubator.vector.FloatVector;

/** Products of a pack of eight filters with four tiles, two in a vector: sixteen sums in registers, ten loads a channel. */
final class PairWinogradProducts {
    private PairWinogradProducts() {
    }

    /**
     * Sums over the channels at one point.
     *
     * @param pack the filters' position, {@code [channel][8]}
     * @param stride floats between channels of the inputs, and between rows of the sums
     */
    static void block(float[] filters, int pack, int channels, float[] scratch, int in, int stride, int out) {
        FloatVector a00 = EXACT.cast(FloatVector.zero(PAIRS));
        FloatVector a01 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        FloatVector a20 = a00;
        FloatVector a21 = a00;
        FloatVector a30 = a00;
        FloatVector a31 = a00;
        FloatVector a40 = a00;
        FloatVector a41 = a00;
        FloatVector a50 = a00;
        FloatVector a51 = a00;
        FloatVector a60 = a00;
        FloatVector a61 = a00;
        FloatVector a70 = a00;
        FloatVector a71 = a00;
        int at = in;
        int w = pack;
        for (int c = 0; c < channels; c++) {
            FloatVector x0 = FloatVector.fromArray(PAIRS, scratch, at);
            FloatVector x1 = FloatVector.fromArray(PAIRS, scratch, at + 16);
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w]));
            a00 = w0.fma(x0, a00);
            a01 = w0.fma(x1, a01);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w + 1]));
            a10 = w1.fma(x0, a10);
            a11 = w1.fma(x1, a11);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w + 2]));
            a20 = w2.fma(x0, a20);
            a21 = w2.fma(x1, a21);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w + 3]));
            a30 = w3.fma(x0, a30);
            a31 = w3.fma(x1, a31);
            FloatVector w4 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w + 4]));
            a40 = w4.fma(x0, a40);
            a41 = w4.fma(x1, a41);
            FloatVector w5 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w + 5]));
            a50 = w5.fma(x0, a50);
            a51 = w5.fma(x1, a51);
            FloatVector w6 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w + 6]));
            a60 = w6.fma(x0, a60);
            a61 = w6.fma(x1, a61);
            FloatVector w7 = EXACT.cast(FloatVector.broadcast(PAIRS, filters[w + 7]));
            a70 = w7.fma(x0, a70);
            a71 = w7.fma(x1, a71);
            at += stride;
            w += 8;
        }
        EXACT.cast(a00).intoArray(scratch, out);
        EXACT.cast(a01).intoArray(scratch, out + 16);
        EXACT.cast(a10).intoArray(scratch, out + stride);
        EXACT.cast(a11).intoArray(scratch, out + stride + 16);
        EXACT.cast(a20).intoArray(scratch, out + 2 * stride);
        EXACT.cast(a21).intoArray(scratch, out + 2 * stride + 16);
        EXACT.cast(a30).intoArray(scratch, out + 3 * stride);
        EXACT.cast(a31).intoArray(scratch, out + 3 * stride + 16);
        EXACT.cast(a40).intoArray(scratch, out + 4 * stride);
        EXACT.cast(a41).intoArray(scratch, out + 4 * stride + 16);
        EXACT.cast(a50).intoArray(scratch, out + 5 * stride);
        EXACT.cast(a51).intoArray(scratch, out + 5 * stride + 16);
        EXACT.cast(a60).intoArray(scratch, out + 6 * stride);
        EXACT.cast(a61).intoArray(scratch, out + 6 * stride + 16);
        EXACT.cast(a70).intoArray(scratch, out + 7 * stride);
        EXACT.cast(a71).intoArray(scratch, out + 7 * stride + 16);
    }
}
