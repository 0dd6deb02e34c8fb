package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import jdk.incubator.vector.FloatVector;

/** Products of a pack of eight filters with four tiles, four filters and two tiles at a time: the dense convolution's tile. */
final class WinogradProducts {
    private WinogradProducts() {
    }

    /** As {@link PairWinogradProducts#block}. */
    static void block(float[] filters, int pack, int channels, float[] scratch, int in, int stride, int out) {
        for (int lane = 0; lane < 32; lane += 16) {
            for (int part = lane; part < lane + 8; part += Species.LENGTH) {
                quarter(filters, pack, channels, scratch, in + part, stride, out + part);
                quarter(filters, pack + 4, channels, scratch, in + part, stride, out + part + 4 * stride);
            }
        }
    }

    private static void quarter(float[] filters, int pack, int channels, float[] scratch, int in, int stride, int out) {
        FloatVector a00 = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector a01 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        FloatVector a20 = a00;
        FloatVector a21 = a00;
        FloatVector a30 = a00;
        FloatVector a31 = a00;
        int at = in;
        int w = pack;
        for (int c = 0; c < channels; c++) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, scratch, at);
            FloatVector x1 = FloatVector.fromArray(FLOATS, scratch, at + 8);
            FloatVector w0 = FloatVector.broadcast(FLOATS, filters[w]);
            a00 = multiplyAdd(w0, x0, a00);
            a01 = multiplyAdd(w0, x1, a01);
            FloatVector w1 = FloatVector.broadcast(FLOATS, filters[w + 1]);
            a10 = multiplyAdd(w1, x0, a10);
            a11 = multiplyAdd(w1, x1, a11);
            FloatVector w2 = FloatVector.broadcast(FLOATS, filters[w + 2]);
            a20 = multiplyAdd(w2, x0, a20);
            a21 = multiplyAdd(w2, x1, a21);
            FloatVector w3 = FloatVector.broadcast(FLOATS, filters[w + 3]);
            a30 = multiplyAdd(w3, x0, a30);
            a31 = multiplyAdd(w3, x1, a31);
            at += stride;
            w += 8;
        }
        EXACT.cast(a00).intoArray(scratch, out);
        EXACT.cast(a01).intoArray(scratch, out + 8);
        EXACT.cast(a10).intoArray(scratch, out + stride);
        EXACT.cast(a11).intoArray(scratch, out + stride + 8);
        EXACT.cast(a20).intoArray(scratch, out + 2 * stride);
        EXACT.cast(a21).intoArray(scratch, out + 2 * stride + 8);
        EXACT.cast(a30).intoArray(scratch, out + 3 * stride);
        EXACT.cast(a31).intoArray(scratch, out + 3 * stride + 8);
    }
}
