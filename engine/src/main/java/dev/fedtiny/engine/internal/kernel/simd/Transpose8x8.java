package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Squares of eight by eight floats turned over in registers: neighbours change places, then pairs, then fours. */
final class Transpose8x8 {
    /** Whether a vector holds eight floats. */
    static final boolean POSSIBLE = Species.LENGTH == 8;

    private static final VectorShuffle<Float> BY_ONE = swap(1);
    private static final VectorShuffle<Float> BY_TWO = swap(2);
    private static final VectorShuffle<Float> BY_FOUR = swap(4);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(FLOATS, 0b10101010);
    private static final VectorMask<Float> ODD_PAIRS = VectorMask.fromLong(FLOATS, 0b11001100);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(FLOATS, 0b11110000);

    private Transpose8x8() {
    }

    private static VectorShuffle<Float> swap(int distance) {
        return VectorShuffle.fromOp(FLOATS, i -> (i ^ distance) % Species.LENGTH);
    }

    /** Rows {@code step} apart become columns of rows {@code lanes} apart. */
    static void square(float[] from, int at, int step, float[] to, int out, int lanes) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at));
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at + step));
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at + 2 * step));
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at + 3 * step));
        FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at + 4 * step));
        FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at + 5 * step));
        FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at + 6 * step));
        FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS, from, at + 7 * step));
        FloatVector b0 = EXACT.cast(a0.blend(a1.rearrange(BY_ONE), ODD));
        FloatVector b1 = EXACT.cast(EXACT.cast(a0.rearrange(BY_ONE)).blend(a1, ODD));
        FloatVector b2 = EXACT.cast(a2.blend(a3.rearrange(BY_ONE), ODD));
        FloatVector b3 = EXACT.cast(EXACT.cast(a2.rearrange(BY_ONE)).blend(a3, ODD));
        FloatVector b4 = EXACT.cast(a4.blend(a5.rearrange(BY_ONE), ODD));
        FloatVector b5 = EXACT.cast(EXACT.cast(a4.rearrange(BY_ONE)).blend(a5, ODD));
        FloatVector b6 = EXACT.cast(a6.blend(a7.rearrange(BY_ONE), ODD));
        FloatVector b7 = EXACT.cast(EXACT.cast(a6.rearrange(BY_ONE)).blend(a7, ODD));
        FloatVector c0 = EXACT.cast(b0.blend(b2.rearrange(BY_TWO), ODD_PAIRS));
        FloatVector c2 = EXACT.cast(EXACT.cast(b0.rearrange(BY_TWO)).blend(b2, ODD_PAIRS));
        FloatVector c1 = EXACT.cast(b1.blend(b3.rearrange(BY_TWO), ODD_PAIRS));
        FloatVector c3 = EXACT.cast(EXACT.cast(b1.rearrange(BY_TWO)).blend(b3, ODD_PAIRS));
        FloatVector c4 = EXACT.cast(b4.blend(b6.rearrange(BY_TWO), ODD_PAIRS));
        FloatVector c6 = EXACT.cast(EXACT.cast(b4.rearrange(BY_TWO)).blend(b6, ODD_PAIRS));
        FloatVector c5 = EXACT.cast(b5.blend(b7.rearrange(BY_TWO), ODD_PAIRS));
        FloatVector c7 = EXACT.cast(EXACT.cast(b5.rearrange(BY_TWO)).blend(b7, ODD_PAIRS));
        FloatVector d0 = EXACT.cast(c0.blend(c4.rearrange(BY_FOUR), UPPER));
        FloatVector d4 = EXACT.cast(EXACT.cast(c0.rearrange(BY_FOUR)).blend(c4, UPPER));
        FloatVector d1 = EXACT.cast(c1.blend(c5.rearrange(BY_FOUR), UPPER));
        FloatVector d5 = EXACT.cast(EXACT.cast(c1.rearrange(BY_FOUR)).blend(c5, UPPER));
        FloatVector d2 = EXACT.cast(c2.blend(c6.rearrange(BY_FOUR), UPPER));
        FloatVector d6 = EXACT.cast(EXACT.cast(c2.rearrange(BY_FOUR)).blend(c6, UPPER));
        FloatVector d3 = EXACT.cast(c3.blend(c7.rearrange(BY_FOUR), UPPER));
        FloatVector d7 = EXACT.cast(EXACT.cast(c3.rearrange(BY_FOUR)).blend(c7, UPPER));
        d0.intoArray(to, out);
        d1.intoArray(to, out + lanes);
        d2.intoArray(to, out + 2 * lanes);
        d3.intoArray(to, out + 3 * lanes);
        d4.intoArray(to, out + 4 * lanes);
        d5.intoArray(to, out + 5 * lanes);
        d6.intoArray(to, out + 6 * lanes);
        d7.intoArray(to, out + 7 * lanes);
    }
}
