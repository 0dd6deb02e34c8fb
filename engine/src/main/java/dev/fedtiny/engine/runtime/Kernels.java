package dev.fedtiny.engine.runtime;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;

/**
 * Which kernels run in this JVM, and why: decided once, on first use. The property {@code dev.fedtiny.kernels} asks for
 * {@code auto} (default), {@code simd} or {@code scalar}; {@code simd} fails where {@code auto} would fall back. Both kinds give the same
 * bits.
 *
 * @param vectorBits bits of a vector; 32 for scalar kernels
 * @param reason why these kernels run, in a sentence
 */
public record Kernels(int vectorBits, String reason) {
    /** The property that asks for a kind of kernels. */
    public static final String PROPERTY = KernelRegistry.PROPERTY;

    /** What the kernels are made of. */
    public enum Kind {
        /** Plain loops. */
        SCALAR,
        /** The Vector API. */
        SIMD
    }

    /** {@return the kernels of this JVM} */
    public static Kernels current() {
        return of(KernelChoice.AUTO);
    }

    /**
     * {@return the kernels of a choice: what single operators compute with ({@code op}), whatever the JVM was started for} A choice says
     * which loops convolve: all others, and Winograd's transform, are as wide as the JVM prefers. Sessions compute with {@link #current()}.
     *
     * @param choice of loops
     * @throws IllegalStateException if this JVM cannot run them, with the reason and what to start it with
     */
    public static Kernels of(KernelChoice choice) {
        Given.notNull(choice, "kernels: choice", "one of KernelChoice");
        KernelRegistry registry = KernelRegistry.ofBits(choice.bits());
        return new Kernels(registry.vectorBits(), registry.reason());
    }

    /** {@return what they are made of} */
    public Kind kind() {
        return vectorBits == KernelChoice.SCALAR.bits() ? Kind.SCALAR : Kind.SIMD;
    }

    /** {@return the name of the kernels, for example {@code simd256} or {@code scalar}} */
    public String name() {
        return kind() == Kind.SIMD ? "simd" + vectorBits : "scalar";
    }

    /** {@return whether products and sums are rounded once: what equal bits between machines depend on} */
    public boolean fusedMultiplyAdd() {
        return FusedMultiply.FUSED;
    }
}
