package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.op.Conv2d;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import java.util.List;

/**
 * Something that computes convolutions and is to be tried as the engine's own kernels are: another kernel behind the engine's interfaces
 * ({@link #of(ConvolutionAlgorithm, Kernels)} with {@link Kernels#with}), or anything else that fills {@link ConvolutionResults}.
 */
@FunctionalInterface
public interface ConvolutionCandidate {
    /** Computes a case, forward and backward. */
    ConvolutionResults run(ConvolutionCase convolution);

    /** The engine in one form on one kernel. */
    static ConvolutionCandidate of(ConvolutionAlgorithm algorithm, KernelChoice kernels) {
        return of(algorithm, Kernels.of(kernels));
    }

    /** The engine in one form on given kernels. */
    static ConvolutionCandidate of(ConvolutionAlgorithm algorithm, Kernels kernels) {
        return c -> ConvolutionResults.of(new Conv2d(algorithm + " on " + kernels.name(), c.geometry(), c.weights(algorithm), c.bias(),
                kernels),
                c);
    }

    /**
     * Tries a candidate on all awkward cases against the reference in double.
     *
     * @throws AssertionError naming case and element
     */
    static void assertClose(ConvolutionCandidate candidate) {
        for (ConvolutionCase c : ConvolutionCase.awkward()) {
            candidate.run(c).assertClose(c);
        }
    }

    /**
     * Tries two candidates on cases bit by bit, each case {@code rounds} times: some thousand let C2 compile what the first ones only
     * interpret.
     *
     * @throws AssertionError naming case, round and element
     */
    static void assertSameBits(List<ConvolutionCase> cases, ConvolutionCandidate left, ConvolutionCandidate right, int rounds) {
        for (ConvolutionCase c : cases) {
            ConvolutionResults expected = left.run(c);
            for (int round = 0; round < rounds; round++) {
                expected.assertSameBits(c + ", round " + round, right.run(c));
            }
        }
    }
}
