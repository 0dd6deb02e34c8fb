package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarChannelKernel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Softmax, layer and group normalisation: scalar loops against double precision, vector loops against those, bit by bit. */
class ChannelKernelTest {
    private static final ChannelKernel SCALAR = new ScalarChannelKernel();

    @Test
    void scalarKernelsMatchDoubleArithmetic() {
        for (KernelCase<ChannelKernel> example : ChannelCases.all()) {
            example.run(SCALAR);
            example.assertExpected();
        }
    }

    @Test
    void vectorKernelsGiveTheSameBits() {
        VectorTwins.require();
        ChannelKernel simd = VectorTwins.channels();
        for (KernelCase<ChannelKernel> example : ChannelCases.all()) {
            example.run(SCALAR);
            long[] expected = example.bits();
            example.run(simd);
            assertArrayEquals(expected, example.bits(), example.name());
        }
    }

    @Test
    void vectorKernelsKeepTheirBits() {
        VectorTwins.require();
        KernelSteadiness.assertSteady(ChannelCases.some(), VectorTwins.channels(), SCALAR);
    }

    @Test
    @Tag("long")
    void vectorKernelsAllocateNothingOnceCompiled() {
        VectorTwins.require();
        KernelSteadiness.assertAllocatesNothing(ChannelCases.some(), VectorTwins.channels());
    }
}
