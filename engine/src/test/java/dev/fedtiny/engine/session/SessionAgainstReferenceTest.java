package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole sessions against the reference in double: every mode, every form of the weights, partial groups, pruned rows and layers. */
class SessionAgainstReferenceTest {
    /** The deepest networks reach half of it: normalisations over few values amplify the rounding of all layers before. */
    private static final double TOLERANCE = 2e-5;
    /** Winograd's transform adds and takes away again what neighbouring pixels hold. */
    private static final double TRANSFORMED_TOLERANCE = 4e-5;

    private static List<AlgorithmPolicy> algorithms() {
        List<AlgorithmPolicy> algorithms = new ArrayList<>(List.of(AlgorithmPolicy.DIRECT));
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            algorithms.add(new AlgorithmPolicy.Always(algorithm));
        }
        return algorithms;
    }

    /**
     * Training in every format and the other modes in one; one session for all counts, so that leftovers of a larger pass would be
     * seen in a smaller one.
     */
    private static void check(Network network, Sparsity sparsity, int batch, int... counts) {
        List<SessionComparison> comparisons = comparisons(network, sparsity, TOLERANCE, counts);
        ModelState initial = Initializer.initialize(network, 3);
        try (Workers workers = Workers.of(1)) {
            for (Mode mode : Mode.values()) {
                for (AlgorithmPolicy algorithm : mode == Mode.TRAINING ? algorithms() : List.of(AlgorithmPolicy.DIRECT)) {
                    try (Session session = Session.open(initial, mode, batch, workers, algorithm)) {
                        comparisons.forEach(comparison -> comparison.check(session));
                    }
                }
            }
        }
    }

    /** In networks without max pools, whose ties it would break otherwise than sums in double do; few images are cut into tiles. */
    private static void checkTransformed(Network network, Sparsity sparsity, int batch, int... counts) {
        List<SessionComparison> comparisons = comparisons(network, sparsity, TRANSFORMED_TOLERANCE, counts);
        ModelState initial = Initializer.initialize(network, 3);
        try (Workers workers = Workers.of(2)) {
            for (Mode mode : Mode.values()) {
                try (Session session = Session.open(initial, mode, batch, workers, Forms.WINOGRAD)) {
                    comparisons.forEach(comparison -> comparison.check(session));
                }
                for (int i = 0; i < counts.length; i++) {
                    try (Session session = Session.open(initial, mode, counts[i], workers, Forms.WINOGRAD)) {
                        comparisons.get(i).check(session);
                    }
                }
            }
            try (Session session = Session.open(initial, Mode.TRAINING, batch, workers, Forms.GROWN)) {
                comparisons.forEach(comparison -> comparison.check(session));
            }
        }
    }

    private static List<SessionComparison> comparisons(Network network, Sparsity sparsity, double tolerance, int... counts) {
        List<SessionComparison> comparisons = new ArrayList<>();
        for (int count : counts) {
            comparisons.add(new SessionComparison(Sample.awayFromKinks(network, sparsity, count), tolerance));
        }
        return comparisons;
    }

    @ParameterizedTest
    @EnumSource
    void evenNetwork(Sparsity sparsity) {
        check(TestNetworks.even(), sparsity, 17, 17, 5, 8);
        checkTransformed(TestNetworks.even(), sparsity, 17, 17, 5, 8, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "THIRTY_PERCENT", "EMPTY_LAYER"})
    void transformedResNet18(Sparsity sparsity) {
        checkTransformed(TestNetworks.known(Architecture.RESNET18, new Shape(3, 16, 16), 4, 10), sparsity, 8, 5, 2);
    }

    @ParameterizedTest
    @EnumSource
    void plainNetwork(Sparsity sparsity) {
        check(TestNetworks.plain(), sparsity, 16, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    }

    @ParameterizedTest
    @EnumSource
    void residualNetwork(Sparsity sparsity) {
        check(TestNetworks.residual(), sparsity, 11, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    @ParameterizedTest
    @EnumSource
    void fanNetwork(Sparsity sparsity) {
        check(TestNetworks.fan(), sparsity, 11, 11, 3, 8);
    }

    @ParameterizedTest
    @EnumSource
    void groupedNetwork(Sparsity sparsity) {
        check(TestNetworks.grouped(), sparsity, 11, 11, 1, 2, 8);
    }

    @ParameterizedTest
    @EnumSource
    void networkOfOneDimension(Sparsity sparsity) {
        check(TestNetworks.signals(), sparsity, 11, 11, 1, 2, 8);
    }

    @ParameterizedTest
    @EnumSource
    void narrowNetwork(Sparsity sparsity) {
        check(TestNetworks.narrow(), sparsity, 9, 9, 1, 8);
    }

    /** ε, momentum and frozen statistics. */
    @Test
    void normalizedNetwork() {
        check(TestNetworks.normalized(), Sparsity.THIRTY_PERCENT, 9, 9, 1, 8);
    }

    @ParameterizedTest
    @EnumSource(names = {"THIRTY_PERCENT", "EMPTY_LAYER"})
    void resNet18(Sparsity sparsity) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(3, 16, 16), 8, 10), sparsity, 8, 5);
    }

    @ParameterizedTest
    @EnumSource
    void resNet18OfOddWidth(Sparsity sparsity) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(1, 20, 12), 3, 3), sparsity, 24, 9, 4);
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "FIVE_PERCENT"})
    void vgg11(Sparsity sparsity) {
        check(TestNetworks.known(Architecture.VGG11_SINGLE, new Shape(3, 32, 32), 8, 10), sparsity, 8, 6);
    }

    @ParameterizedTest
    @EnumSource(names = {"THIRTY_PERCENT", "EMPTY_ROWS"})
    void vgg11WithSmallHead(Sparsity sparsity) {
        check(TestNetworks.known(Architecture.VGG11_SMALL, new Shape(3, 32, 32), 4, 7), sparsity, 16, 9);
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "FIVE_PERCENT", "EMPTY_LAYER"})
    void smallCnn(Sparsity sparsity) {
        check(TestNetworks.known(Architecture.CNN_8_16_32, new Shape(3, 24, 26), 1, 10), sparsity, 8, 3);
        check(TestNetworks.known(Architecture.CNN_8_8_8, new Shape(1, 20, 23), 1, 10), sparsity, 2, 2, 1);
    }

    /** A session that changes its masks gives what a new session gives, bit by bit, without a trace of the old masks. */
    @Test
    void loadingOtherMasksLeavesNoTrace() {
        Network network = TestNetworks.residual();
        int count = 5;
        for (AlgorithmPolicy algorithm : algorithms()) {
            try (Workers workers = Workers.of(1);
                    Session session = Session.open(Initializer.initialize(network, 1), Mode.TRAINING, count, workers, algorithm)) {
                for (Sparsity sparsity : Sparsity.values()) {
                    Sample sample = Sample.of(network, sparsity, count, 17);
                    session.load(sample.state());
                    try (Session fresh = Session.open(sample.state(), Mode.TRAINING, count, workers, algorithm)) {
                        assertEquals(SessionBits.step(fresh, sample), SessionBits.step(session, sample), sparsity + " as " + algorithm);
                    }
                }
            }
        }
    }
}
