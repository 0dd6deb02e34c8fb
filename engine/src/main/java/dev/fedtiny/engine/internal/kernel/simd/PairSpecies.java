package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of 512 bits: two pixels beside each other of eight images, or two matrix rows. Loops that convolve have a second form for them;
 * all others stay with {@link Species}, since memory holds them back. The two species meet in no method and in no helper: what C2 learns of
 * a call's receivers would be spoiled for both.
 */
final class PairSpecies {
    /** Whether this JVM prefers them to narrower ones. */
    static final boolean PREFERRED = Species.preferredBits() >= 512;

    /** A constant, so that C2 knows the width. */
    static final VectorSpecies<Float> PAIRS = FloatVector.SPECIES_512;

    private PairSpecies() {
    }

    /** a·b + c, rounded as {@link FusedMultiply} says. */
    static FloatVector multiplyAdd(FloatVector a, FloatVector b, FloatVector c) {
        return FusedMultiply.FUSED ? a.fma(b, c) : a.mul(b).add(c);
    }
}
