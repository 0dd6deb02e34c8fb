package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarWeightGradientKernel;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.testing.ConvolutionCandidate;
import dev.fedtiny.engine.testing.ConvolutionCase;
import dev.fedtiny.engine.testing.ConvolutionResults;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every form on every kernel this JVM can run, by the published harness: close to the reference in double, and one another's bits. */
class ConvolutionKernelTest {
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void everyFormIsCloseToTheReference(ConvolutionAlgorithm algorithm) {
        ConvolutionCandidate.assertClose(ConvolutionCandidate.of(algorithm, KernelChoice.AUTO));
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void allFormsAndKernelsGiveTheSameBits(ConvolutionAlgorithm algorithm) {
        ConvolutionCandidate plain = ConvolutionCandidate.of(ConvolutionAlgorithm.CSR, KernelChoice.SCALAR);
        for (KernelChoice kernels : KernelChoice.values()) {
            if (kernels.refusal().isEmpty()) {
                ConvolutionCandidate.assertSameBits(ConvolutionCase.awkward(), plain, ConvolutionCandidate.of(algorithm, kernels), 1);
            }
        }
    }

    /** Another kernel behind the engine's interfaces; here the plain loops. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    @Tag("once")
    void aKernelOfOnesOwnIsTriedAsOursAre(ConvolutionAlgorithm algorithm) {
        KernelRegistry own = KernelRegistry.current().with(new ScalarConvolutionKernel(), new ScalarWeightGradientKernel());
        ConvolutionCandidate.assertClose(ConvolutionCandidate.of(algorithm, own));
    }

    @Test
    void aWrongGradientIsCaught() {
        ConvolutionCandidate right = ConvolutionCandidate.of(ConvolutionAlgorithm.CSR, KernelChoice.AUTO);
        ConvolutionCandidate wrong = c -> {
            ConvolutionResults results = right.run(c);
            results.weightGradient()[0] += 0.01f;
            return results;
        };
        List<ConvolutionCase> dense = ConvolutionCase.awkward().stream().filter(c -> c.density() == 1).toList();
        ConvolutionCase c = dense.getLast();
        var far = assertThrows(AssertionError.class, () -> wrong.run(c).assertClose(c));
        assertTrue(far.getMessage().contains(": dw[0] is "), far.getMessage());
        var other = assertThrows(AssertionError.class, () -> ConvolutionCandidate.assertSameBits(dense, right, wrong, 1));
        assertTrue(other.getMessage().endsWith("expected equal bits"), other.getMessage());
    }
}
