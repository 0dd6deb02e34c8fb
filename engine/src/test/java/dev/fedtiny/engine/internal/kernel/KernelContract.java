package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What holds for every kernel with cases: scalar loops against double arithmetic, and the vector twin against those, bit by bit.
 *
 * @param <K> the kernel's interface
 */
abstract class KernelContract<K> {
    /** The twin of plain loops. */
    abstract K scalar();

    /** The twin of vectors; called only where there are such. */
    abstract K vectors();

    /** Every case. */
    abstract List<KernelCase<K>> all();

    /** One case a loop, for tests that run each thousands of times. */
    abstract List<KernelCase<K>> some();

    @Test
    @Tag("once")
    void scalarKernelsMatchDoubleArithmetic() {
        for (KernelCase<K> example : all()) {
            example.run(scalar());
            example.assertExpected();
        }
    }

    @Test
    void vectorKernelsGiveTheSameBits() {
        VectorTwins.require();
        for (KernelCase<K> example : all()) {
            example.run(scalar());
            long[] expected = example.bits();
            example.run(vectors());
            assertArrayEquals(expected, example.bits(), example.name());
        }
    }

    @Test
    void vectorKernelsKeepTheirBits() {
        VectorTwins.require();
        KernelSteadiness.assertSteady(some(), vectors(), scalar());
    }

    @Test
    @Tag("long")
    void vectorKernelsAllocateNothingOnceCompiled() {
        VectorTwins.require();
        KernelSteadiness.assertAllocatesNothing(some(), vectors());
    }
}
