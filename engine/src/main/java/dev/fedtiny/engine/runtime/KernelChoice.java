package dev.fedtiny.engine.runtime;

import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import java.util.Optional;

/**
 * The kernels that a single operator computes with, chosen call by call: for tests that compare them and for benchmarks. All give the same
 * bits. Whole networks compute with {@link Kernels#current()}.
 */
public enum KernelChoice {
    /** Those of this JVM, {@link Kernels#current()}. */
    AUTO(KernelRegistry.AUTOMATIC_BITS),
    /** Plain loops. */
    SCALAR(Float.SIZE),
    /** Vectors of 128 bits: a pixel of four images. They need a JVM started with {@code -XX:MaxVectorSize=16}, where it has wider ones. */
    SIMD_128(128),
    /** Vectors of 256 bits: a pixel of eight images; also where the JVM prefers 512. */
    SIMD_256(256),
    /** Vectors of 512 bits, two pixels of eight images, where a loop has a form for them; 256 bits elsewhere. */
    SIMD_512(512);

    private final int bits;

    KernelChoice(int bits) {
        this.bits = bits;
    }

    /** {@return bits of a vector: 32 for plain loops, 0 for {@link #AUTO}} */
    public int bits() {
        return bits;
    }

    /** {@return why this JVM cannot run these kernels, and how to start one that can; empty where it can} */
    public Optional<String> refusal() {
        return KernelRegistry.refusal(bits);
    }
}
