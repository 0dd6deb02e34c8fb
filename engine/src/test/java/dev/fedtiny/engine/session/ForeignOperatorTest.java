package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerKind;
import dev.fedtiny.engine.layer.LayerKinds;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.reference.LayerPass;
import dev.fedtiny.engine.reference.LayerReference;
import dev.fedtiny.engine.reference.LayerReferences;
import dev.fedtiny.engine.reference.ReferenceNetwork;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import example.ScaledProduct;
import example.SignedSquare;
import example.Tempered;
import example.ToyKinds;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operators that the engine knows nothing of, written as an embedder would, run, are counted and train as its own do. */
class ForeignOperatorTest {
    private static final Network NETWORK = TestNetworks.foreign();

    static {
        LayerReferences.add(SignedSquare.class, new SignedSquares());
        LayerReferences.add(ScaledProduct.class, new Products());
        LayerReferences.add(Tempered.class, new Temperings());
    }

    private static final class SignedSquares implements LayerReference<SignedSquare> {
        @Override
        public double[] forward(SignedSquare layer, LayerPass pass) {
            return Arrays.stream(pass.x(0)).map(x -> x * Math.abs(x)).toArray();
        }

        @Override
        public void backward(SignedSquare layer, LayerPass pass, double[] dy) {
            double[] dx = new double[dy.length];
            for (int i = 0; i < dx.length; i++) {
                dx[i] = 2 * Math.abs(pass.x(0)[i]) * dy[i];
            }
            pass.flow(0, dx);
        }
    }

    private static final class Products implements LayerReference<ScaledProduct> {
        private static int channel(ScaledProduct layer, int i) {
            return i / layer.output().pixels() % layer.output().channels();
        }

        @Override
        public double[] forward(ScaledProduct layer, LayerPass pass) {
            double[] y = new double[pass.x(0).length];
            for (int i = 0; i < y.length; i++) {
                y[i] = pass.parameter(0)[channel(layer, i)] * pass.x(0)[i] * pass.x(1)[i];
            }
            return y;
        }

        @Override
        public void backward(ScaledProduct layer, LayerPass pass, double[] dy) {
            double[] left = new double[dy.length];
            double[] right = new double[dy.length];
            double[] gamma = new double[layer.output().channels()];
            for (int i = 0; i < dy.length; i++) {
                double factor = pass.parameter(0)[channel(layer, i)];
                left[i] = factor * pass.x(1)[i] * dy[i];
                right[i] = factor * pass.x(0)[i] * dy[i];
                gamma[channel(layer, i)] += pass.x(0)[i] * pass.x(1)[i] * dy[i];
            }
            pass.flow(0, left);
            pass.flow(1, right);
            pass.gradient(0, gamma);
        }
    }

    private static final class Temperings implements LayerReference<Tempered> {
        /** Which sum a value belongs to. */
        private static int sum(Tempered layer, int i) {
            int image = i / layer.output().size();
            return layer.wholeMap() ? image : image * layer.output().pixels() + i % layer.output().pixels();
        }

        private static double[] sums(Tempered layer, double[] values) {
            double[] sums = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                sums[sum(layer, i)] += values[i];
            }
            return sums;
        }

        @Override
        public double[] forward(Tempered layer, LayerPass pass) {
            double[] y = Arrays.stream(pass.x(0)).map(x -> Math.exp(x / 4)).toArray();
            double[] sums = sums(layer, y);
            for (int i = 0; i < y.length; i++) {
                y[i] /= sums[sum(layer, i)];
            }
            return y;
        }

        @Override
        public void backward(Tempered layer, LayerPass pass, double[] dy) {
            double[] products = dy.clone();
            for (int i = 0; i < dy.length; i++) {
                products[i] *= pass.y()[i];
            }
            double[] sums = sums(layer, products);
            double[] dx = new double[dy.length];
            for (int i = 0; i < dx.length; i++) {
                dx[i] = pass.y()[i] * (dy[i] - sums[sum(layer, i)]) / 4;
            }
            pass.flow(0, dx);
        }
    }

    @Test
    void everyModeGivesWhatTheReferenceGives() {
        for (int count : new int[] {1, 3, 9}) {
            SessionComparison comparison = new SessionComparison(Sample.awayFromKinks(NETWORK, Sparsity.DENSE, count), 2e-5);
            for (Mode mode : Mode.values()) {
                for (int threads : new int[] {1, 3}) {
                    try (Workers workers = Workers.of(threads);
                            Session session = Session.open(Sample.of(NETWORK, Sparsity.DENSE, 1, 1).state(), mode, count, workers,
                                    AlgorithmPolicy.AUTOMATIC)) {
                        comparison.check(session);
                    }
                }
            }
        }
    }

    /** The reference itself is held by differences of its loss. */
    @Test
    void gradientsAreDifferencesOfTheLoss() {
        Sample sample = Sample.awayFromKinks(NETWORK, Sparsity.DENSE, 3);
        ReferenceNetwork reference = new ReferenceNetwork(NETWORK);
        double[][] parameters = sample.parameters();
        double[][] gradients = reference.gradients(reference.forward(Mode.TRAINING, parameters, sample.imagesAsDouble(), 3),
                sample.labels());
        double step = 1e-6;
        for (String name : List.of("stem.weight", "product.weight", "after.weight")) {
            int p = NETWORK.indexOf(name);
            for (int at = 0; at < parameters[p].length; at += 1 + parameters[p].length / 10) {
                double value = parameters[p][at];
                parameters[p][at] = value + step;
                double above = reference.loss(reference.forward(Mode.TRAINING, parameters, sample.imagesAsDouble(), 3), sample.labels());
                parameters[p][at] = value - step;
                double below = reference.loss(reference.forward(Mode.TRAINING, parameters, sample.imagesAsDouble(), 3), sample.labels());
                parameters[p][at] = value;
                assertEquals((above - below) / (2 * step), gradients[p][at], 1e-7, name + " at " + at);
            }
        }
    }

    @Test
    void threadsDoNotMatter() {
        Sample sample = Sample.of(NETWORK, Sparsity.THIRTY_PERCENT, 21, 4);
        for (ActivationStorage storage : ActivationStorage.values()) {
            List<Long> expected = null;
            for (int threads = 1; threads <= 4; threads++) {
                try (Workers workers = Workers.of(threads); Session session = Session.open(sample.state(), Mode.TRAINING, 21, workers,
                        SessionOptions.DEFAULT.withActivations(storage).withInputGradient(InputGradient.COMPUTED))) {
                    List<Long> bits = SessionBits.step(session, sample);
                    expected = expected == null ? bits : expected;
                    assertEquals(expected, bits, threads + " threads, " + storage);
                }
            }
        }
    }

    @Test
    void fewImagesInTilesGiveTheSameBits() {
        Sample sample = Sample.of(NETWORK, Sparsity.DENSE, 4, 9);
        try (Session images = Session.open(sample.state(), Mode.INFERENCE, 8); Session tiles = Session.open(sample.state(),
                Mode.INFERENCE, 1)) {
            sample.feed(images);
            images.forward(4);
            int size = NETWORK.input().size();
            for (int n = 0; n < 4; n++) {
                tiles.setImages(Arrays.copyOfRange(sample.images(), n * size, (n + 1) * size), 1);
                tiles.forward(1);
                assertArrayEquals(Arrays.copyOfRange(images.outputs(), n * 3, (n + 1) * 3), tiles.outputs());
            }
        }
    }

    @Test
    void theyAreMeasuredAndTheirMultiplyAddsAreThoseOfTheFormula() {
        Sample sample = Sample.of(NETWORK, Sparsity.DENSE, 8, 2);
        try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.TRAINING, 8, workers,
                AlgorithmPolicy.AUTOMATIC)) {
            Meter meter = new Meter(workers);
            session.measure(meter);
            SessionBits.step(session, sample);
            List<String> operators = meter.read().operators().stream().map(OperatorCost::operator).distinct().toList();
            assertTrue(operators.contains("product"), operators.toString());
            assertTrue(operators.stream().anyMatch(operator -> operator.startsWith("signed_square.")), operators.toString());
            assertEquals(ExactCost.trainingFlops(sample.state(), 8), 2 * meter.read().total(OperatorCost::usefulMacs));
        }
    }

    @Test
    void theirParametersAreTrained() {
        Sample sample = Sample.of(NETWORK, Sparsity.DENSE, 8, 3);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 8)) {
            var trainer = Trainer.of(session).optimizer(new Sgd(0.9, 0)).build();
            double first = trainer.step(sample.images(), sample.labels(), 0.05);
            float before = session.values(NETWORK.indexOf("product.weight"))[0];
            double last = first;
            for (int i = 0; i < 20; i++) {
                last = trainer.step(sample.images(), sample.labels(), 0.05);
            }
            assertTrue(last < first, first + " to " + last);
            assertTrue(before != session.values(NETWORK.indexOf("product.weight"))[0]);
        }
    }

    @Test
    void filesCanNameThem() {
        assertEquals("signed_square", LayerKinds.of("signed_square").key());
        for (Layer layer : NETWORK.layers()) {
            LayerKind kind = ToyKinds.OTHERS.stream().filter(k -> k.key().equals(layer.kind())).findFirst()
                    .orElseGet(() -> LayerKinds.of(layer.kind()));
            assertEquals(layer, kind.read(Attributes.of(layer.attributes().asMap()), layer.sources(), layer.inputs()));
        }
        String message = assertThrows(IllegalArgumentException.class, () -> LayerKinds.of("nothing")).getMessage();
        assertTrue(message.contains("'nothing'") && message.contains("conv2d, dropout"), message);
    }

    @Test
    void aLayerThatDoesNotFitIsNamed() {
        Network.Builder builder = Network.builder(new Shape(2, 4, 4));
        String message = assertThrows(IllegalArgumentException.class, () -> builder.add(new SignedSquare(0, new Shape(2, 4, 5))))
                .getMessage();
        assertTrue(message.contains("signed_square") && message.contains("2×4×5") && message.contains("2×4×4"), message);
        assertThrows(IllegalArgumentException.class, () -> builder.add(new SignedSquare(3, new Shape(2, 4, 4))));
    }
}
