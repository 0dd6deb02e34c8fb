package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import jdk.incubator.vector.FloatVector;

/** Four rows by two vectors of sums in registers: the dense convolution's tile. */
final class WinogradProducts {
    private static final int LENGTH = Species.LENGTH;

    private WinogradProducts() {
    }

    /** As {@link WinogradProducts512#block}. */
    static void block(float[] factors, int left, int leftStep, int steps, float[] scratch, int right, int rightStep, int old, int oldStep,
            int sums, int sumStep) {
        for (int i = 0; i < 32; i += 2 * LENGTH) {
            part(factors, left, leftStep, steps, scratch, right + i, rightStep, old + i, oldStep, sums + i, sumStep);
            part(factors, left + 4, leftStep, steps, scratch, right + i, rightStep, old + i + 4 * oldStep, oldStep, sums + i + 4 * sumStep,
                    sumStep);
        }
    }

    private static void part(float[] factors, int left, int leftStep, int steps, float[] scratch, int right, int rightStep, int old,
            int oldStep, int sums, int sumStep) {
        FloatVector a00 = FloatVector.fromArray(FLOATS, scratch, old);
        FloatVector a01 = FloatVector.fromArray(FLOATS, scratch, old + LENGTH);
        FloatVector a10 = FloatVector.fromArray(FLOATS, scratch, old + oldStep);
        FloatVector a11 = FloatVector.fromArray(FLOATS, scratch, old + oldStep + LENGTH);
        FloatVector a20 = FloatVector.fromArray(FLOATS, scratch, old + 2 * oldStep);
        FloatVector a21 = FloatVector.fromArray(FLOATS, scratch, old + 2 * oldStep + LENGTH);
        FloatVector a30 = FloatVector.fromArray(FLOATS, scratch, old + 3 * oldStep);
        FloatVector a31 = FloatVector.fromArray(FLOATS, scratch, old + 3 * oldStep + LENGTH);
        int in = right;
        int w = left;
        for (int s = 0; s < steps; s++) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, scratch, in);
            FloatVector x1 = FloatVector.fromArray(FLOATS, scratch, in + LENGTH);
            FloatVector w0 = FloatVector.broadcast(FLOATS, factors[w]);
            a00 = multiplyAdd(w0, x0, a00);
            a01 = multiplyAdd(w0, x1, a01);
            FloatVector w1 = FloatVector.broadcast(FLOATS, factors[w + 1]);
            a10 = multiplyAdd(w1, x0, a10);
            a11 = multiplyAdd(w1, x1, a11);
            FloatVector w2 = FloatVector.broadcast(FLOATS, factors[w + 2]);
            a20 = multiplyAdd(w2, x0, a20);
            a21 = multiplyAdd(w2, x1, a21);
            FloatVector w3 = FloatVector.broadcast(FLOATS, factors[w + 3]);
            a30 = multiplyAdd(w3, x0, a30);
            a31 = multiplyAdd(w3, x1, a31);
            in += rightStep;
            w += leftStep;
        }
        EXACT.cast(a00).intoArray(scratch, sums);
        EXACT.cast(a01).intoArray(scratch, sums + LENGTH);
        EXACT.cast(a10).intoArray(scratch, sums + sumStep);
        EXACT.cast(a11).intoArray(scratch, sums + sumStep + LENGTH);
        EXACT.cast(a20).intoArray(scratch, sums + 2 * sumStep);
        EXACT.cast(a21).intoArray(scratch, sums + 2 * sumStep + LENGTH);
        EXACT.cast(a30).intoArray(scratch, sums + 3 * sumStep);
        EXACT.cast(a31).intoArray(scratch, sums + 3 * sumStep + LENGTH);
    }
}
