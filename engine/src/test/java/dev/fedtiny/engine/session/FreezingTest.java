package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.ClipByNorm;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.ParameterGroups;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Frozen layers stay as they are, the others get the bits that they get where everything is trained, and nothing is held for nothing. */
@Tag("once")
class FreezingTest {
    private static final int IMAGES = 11;

    /** Every network with every choice, in turn on one, two and three threads: each network and each choice meets each number of them. */
    static Stream<Arguments> cases() {
        List<Network> networks = List.of(TestNetworks.plain(), TestNetworks.residual(), TestNetworks.fan(), TestNetworks.even(),
                TestNetworks.grouped(), TestNetworks.signals(), TestNetworks.narrow(), TestNetworks.foreign(), TestNetworks.operators(),
                TestNetworks.normalized(),
                TestNetworks.known(Architecture.RESNET18, new Shape(3, 16, 16), 4, 5),
                TestNetworks.known(Architecture.MOBILENET_V2, new Shape(3, 16, 16), 8, 5),
                TestNetworks.known(Architecture.DS_CNN, new Shape(1, 16, 10), 8, 4));
        return IntStream.range(0, networks.size()).boxed().flatMap(n -> {
            List<Predicate<Parameter>> choices = choices(networks.get(n));
            return IntStream.range(0, choices.size()).mapToObj(c -> Arguments.of(networks.get(n), choices.get(c), 1 + (n + c) % 3));
        });
    }

    /** Which parameters are frozen: everything before some place, in the middle, every other one, all but norms, all but biases. */
    private static List<Predicate<Parameter>> choices(Network network) {
        List<Integer> trained = IntStream.range(0, network.parameters().size()).filter(network::isTrained).boxed().toList();
        int count = trained.size();
        List<Predicate<Parameter>> choices = new ArrayList<>();
        for (int cut : new int[] {1, count / 3, count / 2, 3 * count / 4, count - 2, count - 1}) {
            choices.add(parameter -> network.indexOf(parameter.name()) < trained.get(cut));
        }
        choices.add(parameter -> {
            int place = network.indexOf(parameter.name());
            return place > trained.get(count / 4) && place < trained.get(3 * count / 4);
        });
        choices.add(parameter -> trained.indexOf(network.indexOf(parameter.name())) % 2 == 1);
        choices.add(parameter -> trained.indexOf(network.indexOf(parameter.name())) % 2 == 0);
        choices.add(parameter -> parameter.kind().isWeight());
        choices.add(parameter -> parameter.kind() != Parameter.Kind.BIAS && parameter.kind() != Parameter.Kind.LINEAR_WEIGHT);
        return choices.stream().filter(choice -> trained.stream().anyMatch(i -> choice.test(network.parameters().get(i)))
                && trained.stream().anyMatch(i -> !choice.test(network.parameters().get(i)))).toList();
    }

    /** The same layers, all trained, in which those normalisations that are frozen in another network use running statistics. */
    private static Network allTrained(Network frozen) {
        Network.Builder net = Network.builder(frozen.input()).block("all");
        for (int i = 1; i < frozen.layers().size(); i++) {
            Layer layer = frozen.layers().get(i);
            int gamma = frozen.firstParameter(i);
            if (layer instanceof BatchNorm2d norm && !frozen.isTrained(gamma) && !frozen.isTrained(gamma + 1)) {
                layer = new BatchNorm2d(norm.name(), norm.source(), norm.output(), norm.epsilon(), norm.momentum(),
                        BatchNorm2d.Statistics.RUNNING);
            }
            net.add(layer);
        }
        return net.build();
    }

    private static ModelState of(Network network, ModelState state) {
        return ModelState.of(network, state.masks(), state.allValues());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void othersGetTheBitsOfFullTraining(Network network, Predicate<Parameter> choice, int threads) {
        Sample sample = Sample.of(network, threads == 1 ? Sparsity.DENSE : Sparsity.THIRTY_PERCENT, IMAGES, 4);
        ModelState frozen = sample.state().freeze(choice);
        ModelState full = of(allTrained(frozen.network()), sample.state());
        SessionOptions options = SessionOptions.DEFAULT;
        try (Workers workers = Workers.of(threads); Session few = Session.open(frozen, Mode.TRAINING, IMAGES, workers, options);
                Session all = Session.open(full, Mode.TRAINING, IMAGES, workers, options)) {
            Optimizer rule = new Sgd(0.9, 1e-4);
            Optimizer.Updater fewUpdater = rule.bind(few);
            Optimizer.Updater allUpdater = new ParameterGroups(new Sgd(0.9, 1e-4)).with(choice, new Sgd(0, 0), 0).bind(all);
            int[] growing = network.prunable().stream().mapToInt(i -> i).filter(frozen.network()::isTrained).toArray();
            for (int step = 0; step < 3; step++) {
                List<TopK> grownFew = step(few, sample, growing);
                List<TopK> grownAll = step(all, sample, growing);
                for (int i = 0; i < growing.length; i++) {
                    assertArrayEquals(grownAll.get(i).sorted().indices(), grownFew.get(i).sorted().indices());
                    assertArrayEquals(grownAll.get(i).sorted().values(), grownFew.get(i).sorted().values());
                }
                for (int p = 0; p < network.parameters().size(); p++) {
                    String name = network.parameters().get(p).name();
                    if (frozen.network().isTrained(p)) {
                        assertArrayEquals(all.gradient(p), few.gradient(p), "gradient of " + name);
                    } else {
                        assertNull(few.gradient(p), name);
                    }
                }
                fewUpdater.step(0.05);
                allUpdater.step(0.05);
            }
            for (int p = 0; p < network.parameters().size(); p++) {
                Parameter parameter = network.parameters().get(p);
                assertArrayEquals(all.values(p), few.values(p), parameter.name());
                if (parameter.kind().trainable() && !frozen.network().isTrained(p)) {
                    assertArrayEquals(sample.state().values(p), few.values(p), parameter.name());
                }
            }
        }
    }

    private static List<TopK> step(Session session, Sample sample, int[] growing) {
        TopK[] growth = Stream.generate(() -> new TopK(5)).limit(growing.length).toArray(TopK[]::new);
        sample.feed(session);
        session.forward(sample.count());
        session.backward(growing, growth);
        return List.of(growth);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void memoryAndWorkAreForeseen(Network network, Predicate<Parameter> choice, int threads) {
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, IMAGES, 5);
        ModelState frozen = sample.state().freeze(choice);
        SessionOptions options = SessionOptions.DEFAULT.withActivations(threads == 3 ? ActivationStorage.BFLOAT16
                : ActivationStorage.FLOAT32).withAlgorithms(threads == 2 ? AlgorithmPolicy.AUTOMATIC : AlgorithmPolicy.DIRECT);
        MemoryEstimateTest.check(frozen, Mode.TRAINING, IMAGES, threads, options);
        MemoryEstimate few = MemoryEstimate.of(frozen, Mode.TRAINING, IMAGES, threads, options);
        MemoryEstimate all = MemoryEstimate.of(of(allTrained(frozen.network()), sample.state()), Mode.TRAINING, IMAGES, threads, options);
        // Scratch lies in dead parts of maps, of which a network with frozen layers has fewer; in a tiny one that can cost a slot.
        assertTrue(few.total() - few.of(MemoryCategory.WORKSPACE) < all.total() - all.of(MemoryCategory.WORKSPACE), few + " and " + all);
        int[] kept = frozen.masks().stream().mapToInt(mask -> mask.count()).toArray();
        try (Workers workers = Workers.of(threads); Session session = Session.open(frozen, Mode.TRAINING, IMAGES, workers, options)) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(new Adam()).clip(new ClipByNorm(1)).accumulate(2).build();
            assertEquals(new Adam().stateBytes(frozen.network(), kept) + new ClipByNorm(1).bytes(frozen.network(), kept)
                    + Trainer.accumulationBytes(frozen.network(), kept), trainer.bytes());
            Meter meter = new Meter(workers);
            session.measure(meter);
            step(session, sample, new int[0]);
            MeterReading reading = meter.read();
            assertEquals(IMAGES * ExactCost.forwardMacs(frozen), reading.total(PassKind.FORWARD, OperatorCost::usefulMacs));
            assertEquals(IMAGES * ExactCost.backwardDataMacs(frozen), reading.total(PassKind.BACKWARD_DATA, OperatorCost::usefulMacs));
            assertEquals(IMAGES * ExactCost.backwardWeightMacs(frozen), reading.total(PassKind.BACKWARD_WEIGHT, OperatorCost::usefulMacs));
            assertEquals(ExactCost.trainingFlops(frozen, IMAGES), 2 * reading.total(OperatorCost::usefulMacs));
        }
    }

    /** Scratch included, freezing saves memory in every network that people train, whatever part of it and however it is stored. */
    @ParameterizedTest
    @EnumSource(value = Architecture.class, names = {"RESNET18", "RESNET8", "VGG11_SMALL", "MOBILENET_V1", "MOBILENET_V2",
            "DS_CNN", "SQUEEZENET", "UNET"})
    void freezingSavesMemory(Architecture architecture) {
        Network network = architecture.usual().build();
        List<String> weights = network.parameters().stream().filter(parameter -> parameter.prunable())
                .map(Parameter::name).toList();
        for (ActivationStorage storage : ActivationStorage.values()) {
            for (int batch : new int[] {8, 32}) {
                SessionOptions options = SessionOptions.DEFAULT.withActivations(storage);
                long before = MemoryEstimate.of(network, kept(network), Mode.TRAINING, batch, 2, options).total();
                for (int frozen : new int[] {1, weights.size() / 2, weights.size() - 1}) {
                    Set<String> names = Set.copyOf(weights.subList(0, frozen));
                    Network part = network.freeze(parameter -> names.contains(parameter.name()));
                    long now = MemoryEstimate.of(part, kept(part), Mode.TRAINING, batch, 2, options).total();
                    assertTrue(now < before, frozen + " layers frozen: " + now + " bytes, of fewer " + before);
                    before = now;
                }
            }
        }
    }

    private static int[] kept(Network network) {
        return network.parameters().stream().mapToInt(parameter -> parameter.prunable()
                ? Math.ceilDiv(parameter.size(), 10) : parameter.size()).toArray();
    }

    /** Where only the classifier is trained, a training session holds what an inference session does, and what the classifier needs. */
    @Test
    void onlyTheClassifierCostsLittleMoreThanInference() {
        Network network = TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 16, 10);
        ModelState state = Sample.of(network, Sparsity.DENSE, 1, 6).state();
        ModelState head = state.freeze(parameter -> !parameter.name().startsWith("fc."));
        MemoryEstimate inference = MemoryEstimate.of(state, Mode.INFERENCE, 16, 1, SessionOptions.DEFAULT);
        MemoryEstimate training = MemoryEstimate.of(head, Mode.TRAINING, 16, 1, SessionOptions.DEFAULT);
        long maps = training.of(MemoryCategory.ACTIVATIONS) + training.of(MemoryCategory.ACTIVATION_GRADIENTS);
        assertEquals(inference.of(MemoryCategory.ACTIVATIONS), maps, 4 * 16 * 4 * (8 * 16 + 10));
        assertEquals(4 * (10 * 8 * 16 + 10) + 8 * 2 * 10, training.of(MemoryCategory.GRADIENTS));
        assertEquals(0, training.of(MemoryCategory.TRANSPOSED));
        assertEquals(10 * 8 * 16 + 10, head.network().trainableCount());
        assertEquals(0, ExactCost.backwardDataMacs(head));
        assertEquals(10 * 8 * 16, ExactCost.backwardWeightMacs(head));
    }

    /** The gradient of the images can be had although nothing before the last layer is trained. */
    @Test
    void theGradientOfTheImagesPassesFrozenLayers() {
        Network network = TestNetworks.residual();
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, IMAGES, 7);
        ModelState frozen = sample.state().freeze(parameter -> !parameter.name().startsWith("out."));
        SessionOptions options = SessionOptions.DEFAULT.withInputGradient(InputGradient.COMPUTED);
        try (Workers workers = Workers.of(2); Session few = Session.open(frozen, Mode.TRAINING, IMAGES, workers, options);
                Session all = Session.open(of(allTrained(frozen.network()), sample.state()), Mode.TRAINING, IMAGES, workers, options)) {
            step(few, sample, new int[0]);
            step(all, sample, new int[0]);
            assertArrayEquals(all.inputGradient(), few.inputGradient());
            assertArrayEquals(all.gradient(network.indexOf("out.weight")), few.gradient(network.indexOf("out.weight")));
        }
    }

    @Test
    void whatCannotBeIsNamed() {
        Network network = TestNetworks.residual();
        ModelState state = Sample.of(network, Sparsity.DENSE, 2, 8).state();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> state.freeze("stem")).getMessage().contains("'stem' names none"));
        ModelState frozen = state.freeze("stem.*").freeze("norm.*");
        assertEquals(List.of("stem.weight", "norm.weight", "norm.bias"), IntStream.range(0, network.parameters().size())
                .filter(i -> network.isTrained(i) && !frozen.network().isTrained(i)).mapToObj(i -> network.parameters().get(i).name())
                .toList());
        assertEquals(network.trainableCount(), frozen.unfreeze().network().trainableCount());
        assertThrows(IllegalArgumentException.class, () -> frozen.freeze("stem.*"));
        try (Session session = Session.open(frozen, Mode.TRAINING, 2)) {
            session.setImages(new float[2 * network.input().size()], 2);
            session.forward(2);
            String message = assertThrows(IllegalArgumentException.class, () -> session.backward(new int[] {0}, new TopK[] {new TopK(1)}))
                    .getMessage();
            assertTrue(message.contains("'stem.weight' is frozen"), message);
            session.load(state);
        }
        try (Session session = Session.open(state.freeze(parameter -> true), Mode.TRAINING, 2)) {
            session.setImages(new float[2 * network.input().size()], 2);
            session.forward(2);
            assertTrue(assertThrows(IllegalStateException.class, session::backward).getMessage().contains("none of the parameters"));
        }
    }

    /** A pattern's star stands for line breaks, too, which names of other programs' files may have. */
    @Test
    void patternsTakeNamesOfAnyCharacters() {
        Network.Builder net = Network.builder(new Shape(2, 4, 4)).block("all");
        int x = net.conv2d("line\nbreak", 0, 3, 3, 1, 1, true, true);
        net.linear("\u2028out", x, 2, true, true);
        Network frozen = net.build().freeze("*.weight");
        assertEquals(List.of("line\nbreak.bias", "\u2028out.bias"), frozen.parameters().stream().map(Parameter::name)
                .filter(name -> frozen.isTrained(frozen.indexOf(name))).toList());
    }
}
