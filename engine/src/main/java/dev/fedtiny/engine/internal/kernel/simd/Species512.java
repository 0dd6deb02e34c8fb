package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of 512 bits: two pixels beside each other of eight images, or two matrix rows. Loops that convolve have a second form for them;
 * all others stay with {@link Species}, since memory holds them back.
 *
 * <p>The second forms call {@link FloatVector#fma} themselves. Methods of the Vector API are inlined always, ours only up to a number of
 * nodes, which loops of this size pass; then vectors become objects.
 */
final class Species512 {
    /** Whether this JVM prefers them to narrower ones. Processors that have them have fused multiply-add, but it can be switched off. */
    static final boolean PREFERRED = Species.preferredBits() >= 512 && FusedMultiply.FUSED;

    /** A constant, so that C2 knows the width. */
    static final VectorSpecies<Float> FLOATS512 = FloatVector.SPECIES_512;

    /** Their bits. */
    static final VectorSpecies<Integer> BITS512 = FLOATS512.withLanes(int.class);

    /** Their class, as {@link Species#EXACT}. */
    static final Class<? extends FloatVector> EXACT = FloatVector.zero(FLOATS512).getClass();

    private Species512() {
    }
}
