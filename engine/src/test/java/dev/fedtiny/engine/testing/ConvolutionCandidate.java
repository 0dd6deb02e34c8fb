package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.op.Conv2d;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.util.List;

/**
 * Something that computes convolutions and is to be tried as the engine's own kernels are: another kernel behind the engine's interfaces
 * ({@link #of(ConvolutionAlgorithm, KernelRegistry)} with {@link KernelRegistry#with}), or anything else that fills
 * {@link ConvolutionResults}.
 */
@FunctionalInterface
public interface ConvolutionCandidate {
    /** Computes a case, forward and backward. */
    ConvolutionResults run(ConvolutionCase convolution);

    /** The engine with one algorithm on one kernel. */
    static ConvolutionCandidate of(ConvolutionAlgorithm algorithm, KernelChoice kernels) {
        return of(algorithm, KernelRegistry.ofBits(kernels.bits()));
    }

    /** The engine with one algorithm on given kernels. */
    static ConvolutionCandidate of(ConvolutionAlgorithm algorithm, KernelRegistry kernels) {
        return c -> ConvolutionResults.of(convolution(algorithm + " on " + kernels.name(), c, c.weights(algorithm), kernels), c);
    }

    /** By a constructor that users of the operators do not see, since kernels are no part of the engine's interface. */
    private static Conv2d convolution(String name, ConvolutionCase c, Weights weights, KernelRegistry kernels) {
        try {
            var constructor = Conv2d.class.getDeclaredConstructor(String.class, Conv2dGeometry.class, Weights.class, float[].class,
                    KernelRegistry.class);
            constructor.setAccessible(true);
            return constructor.newInstance(name, c.geometry(), weights, c.bias(), kernels);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(e.getCause().getMessage(), e.getCause());
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            throw new IllegalStateException("kernels of one's own can be tried with the engine on the class path only", e);
        }
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
