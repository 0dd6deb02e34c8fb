package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.Bfloat16;
import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The species of most loops in this JVM: the preferred width, at most 256 bits; with four lanes a kernel runs for lanes 0 to 3 and again
 * for 4 to 7. Loops that convolve have a form for 512 bits besides ({@link Species512}).
 */
public final class Species {
    /** A constant, so that C2 knows the width. */
    static final VectorSpecies<Float> FLOATS =
            FloatVector.SPECIES_PREFERRED.vectorBitSize() >= 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

    /**
     * The class of the vectors themselves. What a method of a vector does depends on its class, and C2 takes it from what it has seen at
     * that place in the Vector API, which all kernels share: with two species in a process it would see two, and where it then joins
     * both ways, vectors become objects. A receiver cast to this class needs no guess. Receivers that come from
     * an operation on such a vector are of that class already; those that a loop carries are not.
     */
    static final Class<? extends FloatVector> EXACT = FloatVector.zero(FLOATS).getClass();

    /** Lanes of a vector: 8 or 4. */
    static final int LENGTH = FLOATS.length();

    /** As many floats as hold the pairs of {@link Bfloat16} that become a vector; what they hold, and the vector's bits. */
    static final VectorSpecies<Float> WORDS = LENGTH == 8 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_64;
    static final VectorSpecies<Short> HALVES = WORDS.withLanes(short.class);
    static final VectorSpecies<Integer> BITS = FLOATS.withLanes(int.class);

    private Species() {
    }

    /** Bits of the widest vectors that kernels use. */
    public static int bits() {
        return Species512.PREFERRED ? Species512.FLOATS512.vectorBitSize() : FLOATS.vectorBitSize();
    }

    /** Bits of the vectors of most loops: 128 or 256. */
    public static int loopBits() {
        return FLOATS.vectorBitSize();
    }

    /** Bits of the widest vector this JVM has. */
    public static int preferredBits() {
        return FloatVector.SPECIES_PREFERRED.vectorBitSize();
    }

    /** a·b + c, rounded as {@link FusedMultiply} says. */
    static FloatVector multiplyAdd(FloatVector a, FloatVector b, FloatVector c) {
        return FusedMultiply.FUSED ? EXACT.cast(a).fma(b, c) : EXACT.cast(a).mul(b).add(c);
    }
}
