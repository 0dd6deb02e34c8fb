package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerKinds;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What every operator without weights promises, in every mode. */
class OperatorContractTest {
    static final List<OperatorCase> CASES = OperatorCase.all();

    /** Outputs, losses and all gradients, which in the reference are differences of a formula in double precision. */
    @ParameterizedTest
    @FieldSource("CASES")
    void everyModeGivesWhatDoublePrecisionGives(OperatorCase operator) {
        for (int count : new int[] {1, 9}) {
            SessionComparison comparison = new SessionComparison(Sample.awayFromKinks(operator.network(), Sparsity.DENSE, count), 2e-5);
            for (Mode mode : Mode.values()) {
                try (Workers workers = Workers.of(count == 1 ? 1 : 3); Session session = Session.open(Sample.of(operator.network(),
                        Sparsity.DENSE, 1, 1).state(), mode, count, workers, AlgorithmPolicy.AUTOMATIC)) {
                    comparison.check(session);
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void threadsDoNotMatter(OperatorCase operator) {
        Sample sample = Sample.of(operator.network(), Sparsity.THIRTY_PERCENT, 21, 4);
        for (ActivationStorage storage : ActivationStorage.values()) {
            List<Long> expected = null;
            for (int threads = 1; threads <= 3; threads++) {
                try (Workers workers = Workers.of(threads); Session session = Session.open(sample.state(), Mode.TRAINING, 21, workers,
                        SessionOptions.DEFAULT.withActivations(storage).withInputGradient(InputGradient.COMPUTED))) {
                    List<Long> bits = SessionBits.step(session, sample);
                    expected = expected == null ? bits : expected;
                    assertEquals(expected, bits, threads + " threads, " + storage);
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void fewImagesInTilesGiveTheBitsOfABatch(OperatorCase operator) {
        Sample sample = Sample.of(operator.network(), Sparsity.DENSE, 4, 9);
        for (int few : new int[] {1, 2, 4}) {
            try (Session images = Session.open(sample.state(), Mode.INFERENCE, 8); Session tiles = Session.open(sample.state(),
                    Mode.INFERENCE, few)) {
                sample.feed(images);
                images.forward(4);
                int size = operator.network().input().size();
                for (int n = 0; n < 4; n += few) {
                    tiles.setImages(Arrays.copyOfRange(sample.images(), n * size, (n + few) * size), few);
                    tiles.forward(few);
                    assertArrayEquals(Arrays.copyOfRange(images.outputs(), n * 3, (n + few) * 3), tiles.outputs(), "image " + n);
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void memoryIsWhatWasSaidBefore(OperatorCase operator) {
        for (Mode mode : Mode.values()) {
            for (ActivationStorage storage : ActivationStorage.values()) {
                for (int batch : new int[] {1, 8, 21}) {
                    MemoryEstimateTest.check(Sample.of(operator.network(), Sparsity.DENSE, 1, 5).state(), mode, batch, batch % 3 + 1,
                            SessionOptions.DEFAULT.withActivations(storage));
                }
            }
        }
    }

    /** Multiply-adds are those of the weights alone, as in the formula; the operator itself appears with its traffic. */
    @ParameterizedTest
    @FieldSource("CASES")
    void workIsMeasured(OperatorCase operator) {
        Sample sample = Sample.of(operator.network(), Sparsity.DENSE, 8, 2);
        try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.TRAINING, 8, workers,
                AlgorithmPolicy.AUTOMATIC)) {
            Meter meter = new Meter(workers);
            session.measure(meter);
            SessionBits.step(session, sample);
            assertEquals(ExactCost.trainingFlops(sample.state(), 8), 2 * meter.read().total(OperatorCost::usefulMacs));
            List<Layer> layers = operator.network().layers();
            for (int i = 0; i < layers.size(); i++) {
                if (layers.get(i) instanceof OperatorLayer layer) {
                    String label = layer.name().isEmpty() ? layer.kind() + "." : layer.name();
                    assertTrue(meter.read().operators().stream()
                            .anyMatch(cost -> cost.operator().startsWith(label) && cost.trafficBytes() > 0), () -> label + " is missing");
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void whatIsNoNumberIsNamed(OperatorCase operator) {
        Sample sample = Sample.of(operator.network(), Sparsity.DENSE, 8, 3);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 8)) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0, 0)).build();
            session.values(0)[0] = Float.NaN;
            String message = assertThrows(NonFiniteException.class, () -> trainer.step(sample.images(), sample.labels(), 0.1)).getMessage();
            assertTrue(message.contains(operator.network().parameters().getFirst().name()), message);
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void filesCanNameIt(OperatorCase operator) {
        for (Layer layer : operator.network().layers()) {
            assertEquals(layer, LayerKinds.of(layer.kind()).read(Attributes.of(layer.attributes().asMap()), layer.sources(),
                    layer.inputs()));
            assertEquals(layer, layer.withSources(layer.sources()));
        }
    }
}
