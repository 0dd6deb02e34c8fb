package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of inner layers are those of a network that has the layer as an output. */
@Tag("once")
class FeaturesTest {
    static Stream<Arguments> cases() {
        return Stream.of(TestNetworks.plain(), TestNetworks.residual(), TestNetworks.operators(), TestNetworks.grouped(),
                TestNetworks.narrow(), TestNetworks.known(Architecture.RESNET8, new Shape(3, 16, 16), 4, 5)).flatMap(network ->
                Stream.of(1, 3, 11).map(images -> Arguments.of(network, images)));
    }

    /** Inference for every count, few images in tiles and a batch; the other modes once each. */
    private static List<Mode> modes(int images) {
        return images == 1 ? List.of(Mode.INFERENCE) : List.of(Mode.INFERENCE, images == 3 ? Mode.STATISTICS : Mode.TRAINING);
    }

    private static Network withOutput(Network network, int layer) {
        Network.Builder net = Network.builder(network.input()).block("all");
        network.layers().stream().skip(1).forEach(net::add);
        int last = network.layers().size() - 1;
        return layer == last ? net.build() : net.output("features", layer).output("output", last).build();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void areTheLayersOutput(Network network, int images) {
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, images, 3);
        Integer[] all = IntStream.range(1, network.layers().size()).boxed().toArray(Integer[]::new);
        for (Mode mode : modes(images)) {
            try (Workers workers = Workers.of(2);
                    Session session = Session.open(sample.state(), mode, images, workers, SessionOptions.DEFAULT.withFeatures(all))) {
                sample.feed(session);
                session.forward(images);
                for (int layer : all) {
                    float[] expected = expected(sample, layer, mode, workers);
                    assertArrayEquals(expected, session.features(layer), mode + " layer " + layer + " " + network.layers().get(layer));
                }
                float[] before = session.features(all[all.length / 2]);
                if (mode == Mode.TRAINING) {
                    session.backward();
                    assertArrayEquals(before, session.features(all[all.length / 2]));
                }
            }
        }
    }

    private static float[] expected(Sample sample, int layer, Mode mode, Workers workers) {
        Network network = withOutput(sample.state().network(), layer);
        ModelState state = ModelState.of(network, sample.state().masks(), sample.state().allValues());
        try (Session session = Session.open(state, mode, sample.count(), workers, SessionOptions.DEFAULT)) {
            session.setImages(sample.images(), sample.count());
            session.forward(sample.count());
            return session.outputs(network.outputs().getFirst().name());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theirMemoryIsForeseen(Network network, int images) {
        ModelState state = Sample.of(network, Sparsity.THIRTY_PERCENT, images, 4).state();
        int last = network.layers().size() - 1;
        for (Integer[] layers : List.of(new Integer[] {1}, new Integer[] {last / 2, last - 1}, new Integer[] {1, 2, 3, last})) {
            for (ActivationStorage storage : ActivationStorage.values()) {
                for (Mode mode : Mode.values()) {
                    MemoryEstimateTest.check(state, mode, images, 2, SessionOptions.DEFAULT.withFeatures(layers).withActivations(storage));
                }
            }
        }
    }

    /** A step computes the same with features and without. */
    @Test
    void changeNothingElse() {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 9, 5);
        try (Session plain = Session.open(sample.state(), Mode.TRAINING, 9); Session read = Session.open(sample.state(), Mode.TRAINING, 9,
                plain.workers(), SessionOptions.DEFAULT.withFeatures(1, 2, 3, 5, 7))) {
            assertEquals(SessionBits.step(plain, sample), SessionBits.step(read, sample));
        }
    }

    @Test
    void whatWasNotAskedForIsNamed() {
        Network network = TestNetworks.residual();
        Sample sample = Sample.of(network, Sparsity.DENSE, 2, 6);
        int features = network.inputOf("out");
        assertEquals(network.layers().get(network.layer("out")).sources(), List.of(features));
        try (Session session = Session.open(sample.state(), Mode.INFERENCE, 2, Workers.of(1),
                SessionOptions.DEFAULT.withFeatures(features))) {
            assertThrows(IllegalStateException.class, () -> session.features(features));
            sample.feed(session);
            session.forward(2);
            assertEquals(2 * 9, session.features(features).length);
            assertTrue(assertThrows(IllegalArgumentException.class, () -> session.features(1)).getMessage().contains("withFeatures(1)"));
            session.load(sample.state());
            assertTrue(assertThrows(IllegalStateException.class, () -> session.features(features)).getMessage().contains("loaded"));
        }
        assertThrows(IllegalArgumentException.class, () -> Session.open(sample.state(), Mode.INFERENCE, 2, Workers.of(1),
                SessionOptions.DEFAULT.withFeatures(99)));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> network.layer("fc")).getMessage().contains("[stem, norm, main"));
        assertEquals(Arrays.asList(1, 2), SessionOptions.DEFAULT.withFeatures(1, 2).features());
    }
}
