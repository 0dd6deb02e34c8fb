package dev.fedtiny.engine.session;

import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.reference.StorageReference;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training on activations and gradients in bfloat16 against a reference in double that rounds at the same places. */
class RoundedSessionTest {
    /** That of float32 sessions against the reference that rounds nowhere. */
    private static final double TOLERANCE = 2e-5;
    /** Normalisations of one pixel of few images amplify single precision's own rounding, in float32 sessions too. */
    private static final double FEW_VALUES = 1e-4;

    static Stream<Arguments> networks() {
        return Stream.of(Arguments.of("residual", TestNetworks.residual(), 2, TOLERANCE),
                Arguments.of("pools", TestNetworks.tiny(), 3, TOLERANCE),
                Arguments.of("depthwise", TestNetworks.tinyDepthwise(), 3, TOLERANCE),
                Arguments.of("signals", TestNetworks.signals(), 2, TOLERANCE), Arguments.of("plain", TestNetworks.plain(), 2, TOLERANCE),
                Arguments.of("normalized", TestNetworks.normalized(), 3, TOLERANCE),
                Arguments.of("resnet18", TestNetworks.known(Architecture.RESNET18, new Shape(3, 8, 8), 2, 10), 2, FEW_VALUES));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void equalsTheReferenceThatRounds(String name, Network network, int images, double tolerance) {
        Sample sample = Sample.awayFromRounding(network, Sparsity.DENSE, images);
        SessionComparison comparison = new SessionComparison(sample, tolerance, StorageReference.bfloat16());
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            SessionOptions options = SessionOptions.DEFAULT.withActivations(ActivationStorage.BFLOAT16)
                    .withAlgorithms(new AlgorithmPolicy.Always(algorithm));
            try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.TRAINING, images, workers, options)) {
                comparison.check(session);
            }
        }
    }
}
