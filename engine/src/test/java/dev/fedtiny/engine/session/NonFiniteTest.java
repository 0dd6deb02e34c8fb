package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.FiniteCheck;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.SquaredGradients;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that are no numbers: named at the first place where they are seen, with nothing changed where that is before a step. */
class NonFiniteTest {
    private static final SessionOptions OFF = SessionOptions.DEFAULT.withFiniteCheck(FiniteCheck.OFF);

    private static void names(Executable call, String... parts) {
        String message = assertThrows(NonFiniteException.class, call).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message + " does not say '" + part + "'");
        }
    }

    private static void assertUntouched(List<float[]> before, Session session) {
        for (int p = 0; p < before.size(); p++) {
            assertArrayEquals(before.get(p), session.liveState().values(p), session.network().parameters().get(p).name());
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void imagesAreNamed(float bad) {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 11, 1);
        int size = sample.state().network().input().size();
        // Image 9, channel 2, row 3, column 4 of 3 × 7 × 5.
        int index = 2 * 35 + 3 * 5 + 4;
        float[] images = sample.images().clone();
        images[9 * size + index] = bad;
        String[] place = {"image 9 holds " + bad + " at index " + index, "(channel 2, row 3, column 4)"};
        for (Mode mode : Mode.values()) {
            try (Session session = Session.open(sample.state(), mode, 16)) {
                List<float[]> before = session.state().allValues();
                names(() -> session.setImages(images, 11), place);
                assertUntouched(before, session);
                session.setImages(images, 9);
                session.forward(9);
                List<float[]> after = session.state().allValues();
                // The same through the live array: group 1, lane 1.
                sample.feed(session);
                session.input()[8 * (size + index) + 1] = bad;
                names(() -> session.forward(11), place);
                assertUntouched(after, session);
                sample.feed(session);
                session.forward(11);
            }
        }
    }

    @Test
    void aTrainersStepIsNamedAndChangesNothing() {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 8, 1);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 8)) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 0)).build();
            trainer.step(sample.images(), sample.labels(), 0.01);
            List<float[]> before = session.state().allValues();
            float[] images = sample.images().clone();
            images[0] = Float.NaN;
            names(() -> trainer.step(images, sample.labels(), 0.01), "training step 2", "image 0 holds NaN at index 0");
            int[] labels = sample.labels().clone();
            labels[5] = 5;
            for (int label : new int[] {5, -1, Integer.MIN_VALUE}) {
                labels[5] = label;
                String message = assertThrows(IllegalArgumentException.class, () -> trainer.step(sample.images(), labels,
                        0.01)).getMessage();
                assertTrue(message.contains("image 5 has label " + label), message);
            }
            for (double rate : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -0.1, 1e39}) {
                assertThrows(IllegalArgumentException.class, () -> trainer.step(sample.images(), sample.labels(), rate), "rate " + rate);
            }
            assertThrows(IllegalArgumentException.class, () -> trainer.step(sample.images(), Arrays.copyOf(sample.labels(), 7), 0.01));
            assertThrows(IllegalArgumentException.class, () -> trainer.step(sample.images(), Arrays.copyOf(sample.labels(), 9), 0.01));
            assertThrows(IllegalArgumentException.class, () -> trainer.step(new float[0], new int[0], 0.01));
            assertUntouched(before, session);
        }
    }

    /** A rate that makes the weights infinite, or the next pass, ends in a message and not in NaN after NaN. */
    @ParameterizedTest
    @ValueSource(doubles = {1e3, 1e10, 1e30, 3e38})
    void divergenceIsNamed(double rate) {
        Sample sample = Sample.of(TestNetworks.plain(), Sparsity.THIRTY_PERCENT, 8, 1);
        for (Optimizer optimizer : List.of(new Sgd(0, 0), new Sgd(0.9, 1e-4), Adam.amsgrad(1e-4))) {
            for (int threads = 1; threads <= 2; threads++) {
                try (Workers workers = Workers.of(threads);
                        Session session = Session.open(sample.state(), Mode.TRAINING, 8, workers, SessionOptions.DEFAULT)) {
                    Trainer<int[]> trainer = Trainer.of(session).optimizer(optimizer).build();
                    names(() -> {
                        for (int step = 0; step < 60; step++) {
                            assertTrue(Double.isFinite(trainer.step(sample.images(), sample.labels(), rate)));
                        }
                        // Dead units alone keep values finite: rates that do no harm are none to test with.
                        throw new NonFiniteException("training step none of a layer 'none'");
                    }, "training step", "'");
                }
            }
        }
    }

    @Test
    void theFirstLayerIsNamed() {
        Network network = TestNetworks.plain();
        Sample sample = Sample.of(network, Sparsity.DENSE, 8, 1);
        for (String name : List.of("first", "second", "third", "hidden", "out")) {
            try (Session session = Session.open(sample.state(), Mode.TRAINING, 8)) {
                sample.feed(session);
                session.values(network.indexOf(name + ".weight"))[3] = Float.NaN;
                names(() -> session.forward(8), "forward pass 1", "'" + name + ".weight' is NaN at position 3");
                assertThrows(IllegalStateException.class, session::lossSum);
                assertThrows(IllegalStateException.class, session::backward);
                session.load(sample.state());
                session.forward(8);
                session.backward();
            }
        }
        // Finite weights whose products are beyond single precision.
        float[] large = new float[sample.state().values(network.indexOf("third.weight")).length];
        Arrays.fill(large, 3e38f);
        ModelState overflowing = sample.state().withValues(network.indexOf("third.weight"), large);
        for (Mode mode : Mode.values()) {
            try (Session session = Session.open(overflowing, mode, 8)) {
                sample.feed(session);
                names(() -> session.forward(8), "forward pass 1", "layer 'third' gave");
            }
        }
    }

    @Test
    void batchStatisticsAreNamedAndRunningOnesKept() {
        Network network = TestNetworks.residual();
        Sample sample = Sample.of(network, Sparsity.DENSE, 8, 1);
        int main = network.indexOf("main.weight");
        float[] large = sample.state().values(main).clone();
        for (int i = 0; i < large.length; i++) {
            large[i] *= 1e25f;
        }
        for (ActivationStorage storage : ActivationStorage.values()) {
            for (Mode mode : List.of(Mode.TRAINING, Mode.STATISTICS)) {
                try (Session session = Session.open(sample.state().withValues(main, large), mode, 8, Workers.of(1),
                        SessionOptions.DEFAULT.withActivations(storage))) {
                    List<float[]> before = session.state().allValues();
                    sample.feed(session);
                    names(() -> session.forward(8), "batch statistics of 'norm1'");
                    assertUntouched(before, session);
                }
            }
        }
    }

    /** Groups of images that are constant, but far apart: each by itself has no variance, all together more than a float holds. */
    @Test
    void aVarianceBetweenGroupsIsNamed() {
        Network.Builder net = Network.builder(new Shape(2, 3, 3)).block("all");
        net.linear("out", net.globalAveragePool(net.batchNorm2d("norm", 0)), 3, true, true);
        Sample sample = Sample.of(net.build(), Sparsity.DENSE, 16, 1);
        float[] images = new float[16 * 18];
        Arrays.fill(images, 0, images.length / 2, 1e20f);
        Arrays.fill(images, images.length / 2, images.length, -1e20f);
        for (Mode mode : List.of(Mode.TRAINING, Mode.STATISTICS)) {
            try (Session session = Session.open(sample.state(), mode, 16)) {
                List<float[]> before = session.state().allValues();
                session.setImages(images, 16);
                names(() -> session.forward(16), "batch statistics of 'norm'");
                assertUntouched(before, session);
            }
        }
    }

    @Test
    void gradientsAreNamed() {
        Network network = TestNetworks.plain();
        Sample sample = Sample.of(network, Sparsity.DENSE, 8, 1);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 8)) {
            Optimizer.Updater updater = new Sgd(0, 0).bind(session);
            sample.feed(session);
            session.forward(8);
            float[] gradient = new float[8 * 4];
            gradient[4 * 6 + 1] = Float.NaN;
            names(() -> session.backward(gradient), "image 6 is NaN at output 1");
            gradient[4 * 6 + 1] = 0;
            session.backward(gradient);
            session.forward(8);
            Arrays.fill(gradient, 3e38f);
            names(() -> session.backward(gradient), "backward pass 2", "the gradient of 'out.");
            String said = assertThrows(IllegalStateException.class, () -> updater.step(0.1)).getMessage();
            assertTrue(said.contains("the last backward pass failed"), said);
            // Sinks too, on any thread.
            session.forward(8);
            int[] parameters = {network.indexOf("out.weight")};
            GradientSink[] sinks = {(index, value) -> {
                throw new NonFiniteException("index " + index);
            }};
            ModelState sparse = Sample.of(network, Sparsity.THIRTY_PERCENT, 8, 1).state();
            session.load(sparse);
            session.forward(8);
            names(() -> session.backward(parameters, sinks), "index");
        }
    }

    @ParameterizedTest
    @EnumSource
    void predictionsOfNoNumbersAreRefusedWhateverIsChecked(Mode mode) {
        Network network = TestNetworks.plain();
        Sample sample = Sample.of(network, Sparsity.DENSE, 8, 1);
        float[][] values = sample.state().allValues().stream().map(float[]::clone).toArray(float[][]::new);
        values[network.indexOf("out.bias")][2] = Float.NaN;
        ModelState state = ModelState.ofSession(network, sample.state().masks().toArray(Mask[]::new), values);
        try (Session session = Session.open(state, mode, 8, Workers.of(1), OFF)) {
            sample.feed(session);
            session.forward(8);
            assertTrue(Float.isNaN(session.logit(3, 2)));
            names(() -> session.predicted(3), "logit of class 2 of image 3 is NaN");
            names(session::correct, "logit of class 2 of image 0 is NaN");
            assertTrue(Double.isNaN(session.lossSum()));
        }
    }

    /** Turned off, everything is computed with whatever comes. */
    @Test
    void checksCanBeTurnedOff() {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 8, 1);
        float[] images = sample.images().clone();
        images[5] = Float.NaN;
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 8, Workers.of(1), OFF)) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 0)).build();
            assertTrue(Double.isNaN(trainer.step(images, sample.labels(), 0.1)));
            assertTrue(Double.isNaN(trainer.step(sample.images(), sample.labels(), 0.1)));
        }
    }

    @Test
    void statesAreNamed() {
        Network network = TestNetworks.residual();
        ModelState state = Sample.of(network, Sparsity.THIRTY_PERCENT, 8, 1).state();
        int weight = network.indexOf("main.weight");
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] values = state.values(weight).clone();
            values[7] = bad;
            String place = "'main.weight' has " + bad + " at position " + state.mask(weight).index(7);
            names(() -> state.withValues(weight, values), place);
            List<float[]> all = new java.util.ArrayList<>(state.allValues());
            all.set(weight, values);
            names(() -> ModelState.of(network, state.masks(), all), place);
            // Written into after the state was made.
            float[] later = state.values(weight).clone();
            ModelState spoilt = state.withValues(weight, later);
            later[7] = bad;
            names(() -> Session.open(spoilt, Mode.INFERENCE, 1), place);
            try (Session session = Session.open(state, Mode.TRAINING, 1)) {
                names(() -> session.load(spoilt), place);
                assertUntouched(state.allValues(), session);
            }
        }
        int variance = network.indexOf("norm1.running_var");
        float[] negative = state.values(variance).clone();
        negative[2] = -0.5f;
        names(() -> state.withValues(variance, negative), "'norm1.running_var' has -0.5 at position 2", "not negative");
    }

    @Test
    void settingsAndSinksAreNamed() {
        assertThrows(IllegalArgumentException.class, () -> new Sgd(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new Sgd(0, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Sgd(0, 1e39));
        assertThrows(IllegalArgumentException.class, () -> new Adam(Double.NaN, 0.9, 1e-8, 0, false));
        assertThrows(IllegalArgumentException.class, () -> new Adam(0.9, 0.9, 1e-60, 0, false));
        assertThrows(IllegalArgumentException.class, () -> new Adam(0.9, 0.9, Double.POSITIVE_INFINITY, 0, false));
        assertThrows(IllegalArgumentException.class, () -> new Adam(0.9, 0.9, 1e-8, Double.NaN, false));
        assertThrows(IllegalArgumentException.class, () -> new LearningRateSchedule.Constant(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new LearningRateSchedule.Cosine(0.1, 1e-60));
        names(() -> new TopK(3).offer(5, Float.NaN), "index 5");
        names(() -> new SquaredGradients(9).offer(5, Float.NEGATIVE_INFINITY), "index 5");
        names(() -> new SquaredGradients(9).offer(5, 1e25f), "index 5");
        Network.Builder net = Network.builder(new Shape(1, 2, 2));
        assertThrows(IllegalArgumentException.class, () -> net.dropout(0, Double.NaN));
        try (Session session = Session.open(Sample.of(TestNetworks.tiny(), Sparsity.DENSE, 1, 1).state(), Mode.TRAINING, 1)) {
            assertThrows(IllegalArgumentException.class, () -> session.keepActivations(Double.NaN));
            assertEquals(1, session.batch());
        }
    }
}
