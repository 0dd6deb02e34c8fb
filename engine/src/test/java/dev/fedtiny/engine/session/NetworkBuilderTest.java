package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.NetworkJson;
import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Networks that cannot be, and methods called in the wrong order: one sentence that says what was seen and what was wanted. */
class NetworkBuilderTest {
    private static <E extends RuntimeException> void says(Class<E> type, Executable call, String... parts) {
        String message = assertThrows(type, call).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message + " does not say '" + part + "'");
        }
    }

    private static Network.Builder builder() {
        return Network.builder(new Shape(2, 4, 4)).block("all");
    }

    @Test
    void aLayerThatNothingReadsIsNamed() {
        Network.Builder convolution = builder();
        int stem = convolution.conv2d("stem", 0, 3, 3, 1, 1, false, true);
        convolution.conv2d("side", stem, 5, 3, 1, 1, false, true);
        convolution.linear("out", stem, 2, true, true);
        says(IllegalArgumentException.class, convolution::build, "nothing reads layer 2, conv2d 'side' of 5×4×4",
                "the output is layer 3, linear 'out'");
        Network.Builder images = builder();
        images.relu(0);
        images.relu(0);
        says(IllegalArgumentException.class, images::build, "nothing reads layer 1, relu of 2×4×4");
        Network.Builder norm = builder();
        norm.batchNorm2d("norm", 0);
        norm.linear("out", 0, 2, true, true);
        says(IllegalArgumentException.class, norm::build, "batch_norm2d 'norm'");
        // Read by a residual sum is read.
        Network.Builder sum = builder();
        int left = sum.conv2d("left", 0, 2, 3, 1, 1, false, true);
        sum.add(left, 0);
        assertEquals(3, sum.build().layers().size());
    }

    @Test
    void whatCannotBeIsNamed() {
        says(IllegalArgumentException.class, () -> builder().relu(1), "no layer 1");
        says(IllegalArgumentException.class, () -> builder().relu(-1), "no layer -1");
        says(IllegalArgumentException.class, () -> builder().add(0, 4), "no layer 4");
        says(IllegalArgumentException.class, () -> builder().maxPool2d(0, 0, 1), "max_pool2d on layer 0", "at least 1", "0×0");
        says(IllegalArgumentException.class, () -> builder().maxPool2d(0, 2, 0), "max_pool2d on layer 0", "at least 1", "0×0");
        says(IllegalArgumentException.class, () -> builder().maxPool2d(0, 5, 1), "5×5 does not fit");
        says(IllegalArgumentException.class, () -> builder().conv2d("wide", 0, 4, 9, 1, 0, true, true),
                "conv2d 'wide' on layer 0 of ", "9×9 kernel does not fit");
        says(IllegalArgumentException.class, () -> builder().conv2d("none", 0, 0, 3, 1, 1, true, true), "conv2d 'none'",
                "0 output channels");
        says(IllegalArgumentException.class, () -> builder().conv1d("signal", 0, 4, 3, 1, 1, true, true),
                "conv1d 'signal'", "expected C × 1 × L");
        says(IllegalArgumentException.class, () -> new Conv2dGeometry(new Shape(6, 4, 4), 9, 3, 3, 1, 1).withGroups(4),
                "4 groups do not divide");
        says(IllegalArgumentException.class, () -> builder().dropout(0, 1), "probability 1.0");
        says(IllegalArgumentException.class, () -> builder().dropout(0, -0.1), "probability -0.1");
        says(IllegalArgumentException.class, () -> builder().linear("out", 0, 0, true, true), "outputs: 0");
        says(IllegalArgumentException.class, () -> builder().linear("out", 0, Integer.MAX_VALUE, true, true), "2^31 - 1");
        says(IllegalArgumentException.class, () -> builder().repeat(0, 2, 2), "only 1×1 maps");
        says(IllegalStateException.class, () -> Network.builder(new Shape(2, 4, 4)).linear("out", 0, 2, true, true), "block(name)");
        says(IllegalArgumentException.class, () -> new Parameter("b", Parameter.Kind.BIAS, List.of(3), true), "only weights are pruned");
        says(IllegalArgumentException.class, () -> new Parameter("w", Parameter.Kind.LINEAR_WEIGHT, List.of(1 << 20, 1 << 20), true),
                "2^31 - 1");
    }

    /** Adds nothing, and says that it has a parameter. */
    private record Shift(Parameter parameter, Shape output) implements OperatorLayer {
        @Override
        public String kind() {
            return "shift";
        }

        @Override
        public List<Integer> sources() {
            return List.of(0);
        }

        @Override
        public List<Shape> inputs() {
            return List.of(output);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(parameter);
        }

        @Override
        public Attributes attributes() {
            return Attributes.EMPTY;
        }

        @Override
        public Shift withSources(List<Integer> sources) {
            return this;
        }

        @Override
        public ArrayOperator bind(View view) {
            return new Identity(0, output).bind(view);
        }

        static Network network(Parameter.Kind kind, boolean prunable) {
            Network.Builder net = builder();
            int x = net.add(new Shift(new Parameter("shift.values", kind, List.of(2, 3), prunable), net.shape(0)));
            net.linear("out", x, 2, true, true);
            return net.build();
        }
    }

    @Test
    void parametersOfOperatorsAreNeverPruned() {
        says(IllegalArgumentException.class, () -> Shift.network(Parameter.Kind.LINEAR_WEIGHT, true), "'shift.values' may be pruned",
                "only weights of convolutions and linear layers");
        ModelState state = Initializer.initialize(Shift.network(Parameter.Kind.LINEAR_WEIGHT, false), 1);
        ModelState masked = state.with(0, Mask.of(6, new int[] {1, 4}), new float[2]);
        says(IllegalArgumentException.class, () -> Session.open(masked, Mode.INFERENCE, 2), "'shift.values' has 2 of 6 positions",
                "give it a full mask");
    }

    /** A bias goes by the fan-in of its own layer's weight, never by that of a layer before. */
    @Test
    void aBiasWithoutAWeightStartsAtZero() {
        ModelState state = Initializer.initialize(Shift.network(Parameter.Kind.BIAS, false), 1);
        assertArrayEquals(new float[6], state.values(0));
        ModelState plain = Initializer.initialize(Shift.network(Parameter.Kind.GAMMA, false), 1);
        assertArrayEquals(plain.values(2), state.values(2));
        assertTrue(state.values(2)[0] != 0);
    }

    @Test
    void trainingNeedsATrainingSession() {
        Sample sample = Sample.of(TestNetworks.tiny(), Sparsity.DENSE, 4, 1);
        for (Mode mode : List.of(Mode.INFERENCE, Mode.STATISTICS)) {
            try (Session session = Session.open(sample.state(), mode, 4)) {
                says(IllegalArgumentException.class, () -> Trainer.of(session), "is for " + mode, "TRAINING");
                says(IllegalArgumentException.class, () -> new Sgd(0.9, 0).bind(session), "is for " + mode, "TRAINING");
                sample.feed(session);
                session.forward(4);
                says(IllegalStateException.class, session::backward, "is for " + mode, "TRAINING");
            }
        }
    }

    @Test
    void callsInTheWrongOrderAreNamed() {
        Sample sample = Sample.of(TestNetworks.tiny(), Sparsity.DENSE, 4, 1);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 4)) {
            var updater = new Sgd(0, 1e-2).bind(session);
            for (Executable early : List.<Executable>of(session::lossSum, session::correct, session::outputs, () -> session.predicted(0),
                    () -> session.logit(0, 0), session::backward)) {
                says(IllegalStateException.class, early, "no forward pass has been run yet; run forward first");
            }
            says(IllegalStateException.class, () -> updater.step(0.1), "run forward and backward first");
            says(IllegalStateException.class, () -> session.forward(1), "a pass over 1 images, but none have been set");
            session.setImages(sample.images(), 2);
            says(IllegalStateException.class, () -> session.forward(3), "a pass over 3 images, but only 2 have been set");
            sample.feed(session);
            for (int count : new int[] {0, -1, 5}) {
                says(IllegalArgumentException.class, () -> session.forward(count), count + " images, must be in [1, 4]");
                says(IllegalArgumentException.class, () -> session.setImages(sample.images(), count), count + " images, must be in [1, 4]");
            }
            session.forward(4);
            says(IllegalArgumentException.class, () -> session.predicted(4), "image 4", "4 images");
            says(IllegalArgumentException.class, () -> session.logit(0, 3), "logit 3", "3 classes");
            says(IllegalStateException.class, session::inputGradient, "InputGradient.COMPUTED");
            int[] twice = {0, 0};
            GradientSink sink = (index, value) -> { };
            says(IllegalArgumentException.class, () -> session.backward(twice, new GradientSink[] {sink, sink}), "asked for twice");
            says(IllegalArgumentException.class, () -> session.backward(new int[1], new GradientSink[1]), "null");
            says(IllegalArgumentException.class, () -> session.backward(new int[] {1}, new GradientSink[] {sink}), "no weight");
            says(IllegalArgumentException.class, () -> session.backward(new float[11]), "12 gradient values, got 11");
            says(IllegalArgumentException.class, () -> session.values(99), "parameter 99");
            session.labels()[2] = 3;
            says(IllegalArgumentException.class, session::backward, "image 2 has label 3, must be in [0, 3)");
            says(IllegalArgumentException.class, session::correct, "image 2 has label 3");
            session.labels()[2] = 2;
            // What was refused has used nothing up.
            session.backward();
            says(IllegalStateException.class, session::backward, "run forward first");
            session.forward(4);
            // From here on the values are not those of the pass.
            updater.step(0.1);
            says(IllegalStateException.class, session::backward, "with the values of that pass; run forward first");
            session.load(sample.state());
            says(IllegalStateException.class, () -> updater.step(0.1), "after the last load");
        }
    }

    /** Weights of one name in a row are one block, also where a network has been built in between. */
    @Test
    void aBlockThatIsOpenGoesOn() {
        Network.Builder net = Network.builder(new Shape(2, 1, 1)).block("all");
        net.linear("first", 0, 2, true, true);
        assertEquals(List.of(new Network.Block("all", List.of(0))), net.build().blocks());
        net.block("all").linear("second", 1, 2, true, true);
        net.linear("third", 2, 2, true, true);
        assertEquals(List.of(new Network.Block("all", List.of(0, 2, 4))), net.build().blocks());
    }

    /** A name is one block, whatever was named in between; blocks stand in the order of their first weights, also after one is exempt. */
    @Test
    void aBlockThatIsNamedAgainGoesOn() {
        Network.Builder net = Network.builder(new Shape(2, 1, 1)).block("outer");
        net.linear("first", 0, 2, true, true);
        net.block("inner").linear("second", 1, 2, true, true);
        net.block("outer").linear("third", 2, 2, true, true);
        net.block("empty").block("inner").linear("fourth", 3, 2, true, true);
        Network network = net.build();
        assertEquals(List.of(new Network.Block("outer", List.of(0, 4)), new Network.Block("inner", List.of(2, 6))), network.blocks());
        Network exempt = network.withoutPruning("first.weight");
        assertEquals(List.of(new Network.Block("inner", List.of(2, 6)), new Network.Block("outer", List.of(4))), exempt.blocks());
        assertEquals(exempt.blocks(), NetworkJson.read(NetworkJson.write(exempt)).blocks());
    }

    @Test
    void aNetworkOfImagesOnlyAndABlockWithoutANameAreRefused() {
        says(IllegalArgumentException.class, () -> Network.builder(new Shape(2, 4, 4)).build(), "no layer but the images");
        says(IllegalArgumentException.class, () -> builder().block(" "), "a block has no name");
    }

    /** What no file can say is refused where it is said, not when the model is saved. */
    @Test
    void halfASurrogatePairIsRefusedWhereItIsGiven() {
        String half = "emoji \uD83D\uDE00 \uD83D";
        String said = "'emoji \uD83D\uDE00 ?";
        Network.Builder net = builder();
        says(IllegalArgumentException.class, () -> net.conv2d(half, 0, 2, 1, 1, 0, false, true), "parameter " + said, "surrogate");
        says(IllegalArgumentException.class, () -> net.batchNorm2d(half, 0), "parameter " + said);
        says(IllegalArgumentException.class, () -> net.block(half), "block " + said);
        says(IllegalArgumentException.class, () -> net.output(half, net.relu(0)), "output " + said);
        says(IllegalArgumentException.class, () -> Attributes.EMPTY.with("text", half), "attribute 'text': " + said);
        says(IllegalArgumentException.class, () -> Attributes.of(Map.of(half, 1)), "attribute " + said);
        says(IllegalArgumentException.class, () -> Attributes.EMPTY.with("rate", Double.NaN), "'rate' is NaN, expected a finite number");
        net.block("emoji \uD83D\uDE00");
    }

    /** Sizes beyond what numbers of 32 bits and arrays hold. */
    @Test
    void whatIsTooLargeIsNamed() {
        Shape half = Shape.features(1 << 30);
        says(IllegalArgumentException.class, () -> new Concat(List.of(0, 0), List.of(half, half)), "2147483648 channels");
        says(IllegalArgumentException.class, () -> new Concat(List.of(0, 0, 0, 0, 0), List.of(half, half, half, half, half)),
                "5368709120 channels");
        says(IllegalArgumentException.class, () -> builder().activation(0, Activation.Function.LEAKY_RELU, 1e39, 0),
                "finite in single precision");
        Network.Builder net = Network.builder(new Shape(1, 1 << 14, (1 << 14) + 1)).block("all");
        net.linear("out", net.globalAveragePool(0), 2, true, true);
        Network large = net.build();
        says(IllegalArgumentException.class, () -> MemoryEstimate.of(large, new int[] {2, 2}, Mode.INFERENCE, 1, 1, SessionOptions.DEFAULT),
                "also for a single image");
    }

    /** What lies outside is not somebody else's value. */
    @Test
    void placesThatAreNotThereAreNamed() {
        Tensor tensor = Tensor.zeros(2, new Shape(3, 4, 5));
        says(IllegalArgumentException.class, () -> tensor.get(0, 0, 0, 5), "column 5", "2 images of 3×4×5");
        says(IllegalArgumentException.class, () -> tensor.get(2, 0, 0, 0), "image 2");
        says(IllegalArgumentException.class, () -> tensor.get(0, -1, 0, 0), "channel -1");
        Mask full = Mask.full(5);
        assertThrows(IndexOutOfBoundsException.class, () -> full.index(5));
        assertFalse(full.contains(5) || full.contains(-1));
        assertEquals(-6, full.find(9));
        assertEquals(-1, full.find(-1));
        Network.Builder one = Network.builder(new Shape(2, 1, 1));
        one.linear("fc", 0, 3, true, false);
        ModelState state = Initializer.initialize(one.build(), 1);
        says(IllegalArgumentException.class, () -> state.mask(-1), "parameter -1, must be in [0, " + state.masks().size() + ")");
        says(IllegalArgumentException.class, () -> state.withValues(99, new float[1]), "parameter 99");
        says(IllegalArgumentException.class, () -> new LearningRateSchedule.Exponential(0.1, 0.01).at(1, 0), "round 1 of 0");
        says(IllegalArgumentException.class, () -> new LearningRateSchedule.Constant(0.1).at(-1, 3), "round -1 of 3");
    }
}
