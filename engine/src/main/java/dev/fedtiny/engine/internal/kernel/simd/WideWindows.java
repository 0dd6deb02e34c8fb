package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;

import jdk.incubator.vector.FloatVector;

/** Winograd's transforms of one tile of many lanes, which are gone over from end to end. */
final class WideWindows {
    private WideWindows() {
    }

    /** As {@link SimdWinogradKernel#input} for one window. */
    static void input(float[] x, int in, int pitch, int lanes, float[] v, int out, int plane) {
        for (int lane = 0; lane < lanes; lane += Species.LENGTH) {
            int at = in + lane;
            int to = out + lane;
            FloatVector x00 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at));
            FloatVector x10 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + pitch));
            FloatVector x20 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 2 * pitch));
            FloatVector x30 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 3 * pitch));
            FloatVector d00 = x00.sub(x20);
            FloatVector d10 = x10.add(x20);
            FloatVector d20 = x20.sub(x10);
            FloatVector d30 = x10.sub(x30);
            FloatVector x01 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + lanes));
            FloatVector x11 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + pitch + lanes));
            FloatVector x21 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 2 * pitch + lanes));
            FloatVector x31 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 3 * pitch + lanes));
            FloatVector d01 = x01.sub(x21);
            FloatVector d11 = x11.add(x21);
            FloatVector d21 = x21.sub(x11);
            FloatVector d31 = x11.sub(x31);
            FloatVector x02 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 2 * lanes));
            FloatVector x12 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + pitch + 2 * lanes));
            FloatVector x22 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 2 * pitch + 2 * lanes));
            FloatVector x32 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 3 * pitch + 2 * lanes));
            FloatVector d02 = x02.sub(x22);
            FloatVector d12 = x12.add(x22);
            FloatVector d22 = x22.sub(x12);
            FloatVector d32 = x12.sub(x32);
            FloatVector x03 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 3 * lanes));
            FloatVector x13 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + pitch + 3 * lanes));
            FloatVector x23 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 2 * pitch + 3 * lanes));
            FloatVector x33 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 3 * pitch + 3 * lanes));
            FloatVector d03 = x03.sub(x23);
            FloatVector d13 = x13.add(x23);
            FloatVector d23 = x23.sub(x13);
            FloatVector d33 = x13.sub(x33);
            d00.sub(d02).intoArray(v, to);
            d01.add(d02).intoArray(v, to + plane);
            d02.sub(d01).intoArray(v, to + 2 * plane);
            d01.sub(d03).intoArray(v, to + 3 * plane);
            d10.sub(d12).intoArray(v, to + 4 * plane);
            d11.add(d12).intoArray(v, to + 5 * plane);
            d12.sub(d11).intoArray(v, to + 6 * plane);
            d11.sub(d13).intoArray(v, to + 7 * plane);
            d20.sub(d22).intoArray(v, to + 8 * plane);
            d21.add(d22).intoArray(v, to + 9 * plane);
            d22.sub(d21).intoArray(v, to + 10 * plane);
            d21.sub(d23).intoArray(v, to + 11 * plane);
            d30.sub(d32).intoArray(v, to + 12 * plane);
            d31.add(d32).intoArray(v, to + 13 * plane);
            d32.sub(d31).intoArray(v, to + 14 * plane);
            d31.sub(d33).intoArray(v, to + 15 * plane);
        }
    }

    /** As {@link SimdWinogradKernel#gradient} for one tile. */
    static void gradient(float[] dz, int in, int pitch, int lanes, float[] v, int out, int plane) {
        for (int lane = 0; lane < lanes; lane += Species.LENGTH) {
            int at = in + lane;
            int to = out + lane;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, at));
            FloatVector b0 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, at + lanes));
            FloatVector c0 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, at + pitch));
            FloatVector d0 = EXACT.cast(FloatVector.fromArray(FLOATS, dz, at + pitch + lanes));
            FloatVector a1 = a0.add(c0);
            FloatVector b1 = b0.add(d0);
            FloatVector a2 = a0.sub(c0);
            FloatVector b2 = b0.sub(d0);
            FloatVector a3 = c0.neg();
            FloatVector b3 = d0.neg();
            a0.intoArray(v, to);
            a0.add(b0).intoArray(v, to + plane);
            a0.sub(b0).intoArray(v, to + 2 * plane);
            b0.neg().intoArray(v, to + 3 * plane);
            a1.intoArray(v, to + 4 * plane);
            a1.add(b1).intoArray(v, to + 5 * plane);
            a1.sub(b1).intoArray(v, to + 6 * plane);
            b1.neg().intoArray(v, to + 7 * plane);
            a2.intoArray(v, to + 8 * plane);
            a2.add(b2).intoArray(v, to + 9 * plane);
            a2.sub(b2).intoArray(v, to + 10 * plane);
            b2.neg().intoArray(v, to + 11 * plane);
            a3.intoArray(v, to + 12 * plane);
            a3.add(b3).intoArray(v, to + 13 * plane);
            a3.sub(b3).intoArray(v, to + 14 * plane);
            b3.neg().intoArray(v, to + 15 * plane);
        }
    }
}
