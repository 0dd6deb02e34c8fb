package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;

import jdk.incubator.vector.FloatVector;

/** The transform of filters, and the way back of their gradients, on filters beside each other. */
final class FilterLanes {
    private FilterLanes() {
    }

    /** As {@link SimdWinogradKernel#filters}. */
    static void filters(float[] filters, int at, int lanes, int plane) {
        for (int i = at; i < at + lanes; i += Species.LENGTH) {
            FloatVector g0 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i));
            FloatVector g1 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + plane));
            FloatVector g2 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + 2 * plane));
            FloatVector g3 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + 3 * plane));
            FloatVector g4 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + 4 * plane));
            FloatVector g5 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + 5 * plane));
            FloatVector g6 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + 6 * plane));
            FloatVector g7 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + 7 * plane));
            FloatVector g8 = EXACT.cast(FloatVector.fromArray(FLOATS, filters, i + 8 * plane));
            FloatVector outer0 = g0.add(g6).mul(0.5f);
            FloatVector inner0 = g3.mul(0.5f);
            FloatVector sum0 = outer0.add(inner0);
            FloatVector difference0 = outer0.sub(inner0);
            FloatVector outer1 = g1.add(g7).mul(0.5f);
            FloatVector inner1 = g4.mul(0.5f);
            FloatVector sum1 = outer1.add(inner1);
            FloatVector difference1 = outer1.sub(inner1);
            FloatVector outer2 = g2.add(g8).mul(0.5f);
            FloatVector inner2 = g5.mul(0.5f);
            FloatVector sum2 = outer2.add(inner2);
            FloatVector difference2 = outer2.sub(inner2);
            FloatVector ends0 = g0.add(g2).mul(0.5f);
            FloatVector middle0 = g1.mul(0.5f);
            g0.intoArray(filters, i);
            ends0.add(middle0).intoArray(filters, i + plane);
            ends0.sub(middle0).intoArray(filters, i + 2 * plane);
            g2.intoArray(filters, i + 3 * plane);
            FloatVector ends1 = sum0.add(sum2).mul(0.5f);
            FloatVector middle1 = sum1.mul(0.5f);
            sum0.intoArray(filters, i + 4 * plane);
            ends1.add(middle1).intoArray(filters, i + 5 * plane);
            ends1.sub(middle1).intoArray(filters, i + 6 * plane);
            sum2.intoArray(filters, i + 7 * plane);
            FloatVector ends2 = difference0.add(difference2).mul(0.5f);
            FloatVector middle2 = difference1.mul(0.5f);
            difference0.intoArray(filters, i + 8 * plane);
            ends2.add(middle2).intoArray(filters, i + 9 * plane);
            ends2.sub(middle2).intoArray(filters, i + 10 * plane);
            difference2.intoArray(filters, i + 11 * plane);
            FloatVector ends3 = g6.add(g8).mul(0.5f);
            FloatVector middle3 = g7.mul(0.5f);
            g6.intoArray(filters, i + 12 * plane);
            ends3.add(middle3).intoArray(filters, i + 13 * plane);
            ends3.sub(middle3).intoArray(filters, i + 14 * plane);
            g8.intoArray(filters, i + 15 * plane);
        }
    }

    /** As {@link SimdWinogradKernel#taps}. */
    static void taps(float[] u, int at, int lanes, int plane) {
        for (int i = at; i < at + lanes; i += Species.LENGTH) {
            FloatVector u00 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i));
            FloatVector u10 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 4 * plane));
            FloatVector u20 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 8 * plane));
            FloatVector u30 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 12 * plane));
            FloatVector sum0 = u10.add(u20).mul(0.5f);
            FloatVector r00 = u00.add(sum0);
            FloatVector r10 = u10.sub(u20).mul(0.5f);
            FloatVector r20 = sum0.add(u30);
            FloatVector u01 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + plane));
            FloatVector u11 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 5 * plane));
            FloatVector u21 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 9 * plane));
            FloatVector u31 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 13 * plane));
            FloatVector sum1 = u11.add(u21).mul(0.5f);
            FloatVector r01 = u01.add(sum1);
            FloatVector r11 = u11.sub(u21).mul(0.5f);
            FloatVector r21 = sum1.add(u31);
            FloatVector u02 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 2 * plane));
            FloatVector u12 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 6 * plane));
            FloatVector u22 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 10 * plane));
            FloatVector u32 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 14 * plane));
            FloatVector sum2 = u12.add(u22).mul(0.5f);
            FloatVector r02 = u02.add(sum2);
            FloatVector r12 = u12.sub(u22).mul(0.5f);
            FloatVector r22 = sum2.add(u32);
            FloatVector u03 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 3 * plane));
            FloatVector u13 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 7 * plane));
            FloatVector u23 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 11 * plane));
            FloatVector u33 = EXACT.cast(FloatVector.fromArray(FLOATS, u, i + 15 * plane));
            FloatVector sum3 = u13.add(u23).mul(0.5f);
            FloatVector r03 = u03.add(sum3);
            FloatVector r13 = u13.sub(u23).mul(0.5f);
            FloatVector r23 = sum3.add(u33);
            FloatVector ends0 = r01.add(r02).mul(0.5f);
            r00.add(ends0).intoArray(u, i);
            r01.sub(r02).mul(0.5f).intoArray(u, i + plane);
            ends0.add(r03).intoArray(u, i + 2 * plane);
            FloatVector ends1 = r11.add(r12).mul(0.5f);
            r10.add(ends1).intoArray(u, i + 3 * plane);
            r11.sub(r12).mul(0.5f).intoArray(u, i + 4 * plane);
            ends1.add(r13).intoArray(u, i + 5 * plane);
            FloatVector ends2 = r21.add(r22).mul(0.5f);
            r20.add(ends2).intoArray(u, i + 6 * plane);
            r21.sub(r22).mul(0.5f).intoArray(u, i + 7 * plane);
            ends2.add(r23).intoArray(u, i + 8 * plane);
        }
    }
}
