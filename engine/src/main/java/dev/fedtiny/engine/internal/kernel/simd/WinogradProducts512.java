package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;

import jdk.incubator.vector.FloatVector;

/** Eight rows by two vectors of sums in registers: ten loads for sixteen multiply-adds. */
final class WinogradProducts512 {
    private WinogradProducts512() {
    }

    /** As {@link SimdWinogradKernel#products} for eight rows of 32 sums. */
    static void block(float[] factors, int left, int leftStep, int steps, float[] scratch, int right, int rightStep, int old, int oldStep,
            int sums, int sumStep) {
        FloatVector a00 = FloatVector.fromArray(FLOATS512, scratch, old);
        FloatVector a01 = FloatVector.fromArray(FLOATS512, scratch, old + 16);
        FloatVector a10 = FloatVector.fromArray(FLOATS512, scratch, old + oldStep);
        FloatVector a11 = FloatVector.fromArray(FLOATS512, scratch, old + oldStep + 16);
        FloatVector a20 = FloatVector.fromArray(FLOATS512, scratch, old + 2 * oldStep);
        FloatVector a21 = FloatVector.fromArray(FLOATS512, scratch, old + 2 * oldStep + 16);
        FloatVector a30 = FloatVector.fromArray(FLOATS512, scratch, old + 3 * oldStep);
        FloatVector a31 = FloatVector.fromArray(FLOATS512, scratch, old + 3 * oldStep + 16);
        FloatVector a40 = FloatVector.fromArray(FLOATS512, scratch, old + 4 * oldStep);
        FloatVector a41 = FloatVector.fromArray(FLOATS512, scratch, old + 4 * oldStep + 16);
        FloatVector a50 = FloatVector.fromArray(FLOATS512, scratch, old + 5 * oldStep);
        FloatVector a51 = FloatVector.fromArray(FLOATS512, scratch, old + 5 * oldStep + 16);
        FloatVector a60 = FloatVector.fromArray(FLOATS512, scratch, old + 6 * oldStep);
        FloatVector a61 = FloatVector.fromArray(FLOATS512, scratch, old + 6 * oldStep + 16);
        FloatVector a70 = FloatVector.fromArray(FLOATS512, scratch, old + 7 * oldStep);
        FloatVector a71 = FloatVector.fromArray(FLOATS512, scratch, old + 7 * oldStep + 16);
        int in = right;
        int w = left;
        for (int s = 0; s < steps; s++) {
            FloatVector x0 = FloatVector.fromArray(FLOATS512, scratch, in);
            FloatVector x1 = FloatVector.fromArray(FLOATS512, scratch, in + 16);
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w]));
            a00 = w0.fma(x0, a00);
            a01 = w0.fma(x1, a01);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w + 1]));
            a10 = w1.fma(x0, a10);
            a11 = w1.fma(x1, a11);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w + 2]));
            a20 = w2.fma(x0, a20);
            a21 = w2.fma(x1, a21);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w + 3]));
            a30 = w3.fma(x0, a30);
            a31 = w3.fma(x1, a31);
            FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w + 4]));
            a40 = w4.fma(x0, a40);
            a41 = w4.fma(x1, a41);
            FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w + 5]));
            a50 = w5.fma(x0, a50);
            a51 = w5.fma(x1, a51);
            FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w + 6]));
            a60 = w6.fma(x0, a60);
            a61 = w6.fma(x1, a61);
            FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS512, factors[w + 7]));
            a70 = w7.fma(x0, a70);
            a71 = w7.fma(x1, a71);
            in += rightStep;
            w += leftStep;
        }
        EXACT.cast(a00).intoArray(scratch, sums);
        EXACT.cast(a01).intoArray(scratch, sums + 16);
        EXACT.cast(a10).intoArray(scratch, sums + sumStep);
        EXACT.cast(a11).intoArray(scratch, sums + sumStep + 16);
        EXACT.cast(a20).intoArray(scratch, sums + 2 * sumStep);
        EXACT.cast(a21).intoArray(scratch, sums + 2 * sumStep + 16);
        EXACT.cast(a30).intoArray(scratch, sums + 3 * sumStep);
        EXACT.cast(a31).intoArray(scratch, sums + 3 * sumStep + 16);
        EXACT.cast(a40).intoArray(scratch, sums + 4 * sumStep);
        EXACT.cast(a41).intoArray(scratch, sums + 4 * sumStep + 16);
        EXACT.cast(a50).intoArray(scratch, sums + 5 * sumStep);
        EXACT.cast(a51).intoArray(scratch, sums + 5 * sumStep + 16);
        EXACT.cast(a60).intoArray(scratch, sums + 6 * sumStep);
        EXACT.cast(a61).intoArray(scratch, sums + 6 * sumStep + 16);
        EXACT.cast(a70).intoArray(scratch, sums + 7 * sumStep);
        EXACT.cast(a71).intoArray(scratch, sums + 7 * sumStep + 16);
    }
}
