package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarPixelKernel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Moving pixels against plain double arithmetic, and the vector twin against the scalar one, bit by bit. */
class PixelKernelTest {
    private static final PixelKernel SCALAR = new ScalarPixelKernel();

    @Test
    void scalarKernelsMatchDoubleArithmetic() {
        for (KernelCase<PixelKernel> example : PixelCases.all()) {
            example.run(SCALAR);
            example.assertExpected();
        }
    }

    @Test
    void vectorKernelsGiveTheSameBits() {
        VectorTwins.require();
        PixelKernel simd = VectorTwins.pixels();
        for (KernelCase<PixelKernel> example : PixelCases.all()) {
            example.run(SCALAR);
            long[] expected = example.bits();
            example.run(simd);
            assertArrayEquals(expected, example.bits(), example.name());
        }
    }

    @Test
    void vectorKernelsKeepTheirBits() {
        VectorTwins.require();
        KernelSteadiness.assertSteady(PixelCases.some(), VectorTwins.pixels(), SCALAR);
    }

    @Test
    @Tag("long")
    void vectorKernelsAllocateNothingOnceCompiled() {
        VectorTwins.require();
        KernelSteadiness.assertAllocatesNothing(PixelCases.some(), VectorTwins.pixels());
    }
}
