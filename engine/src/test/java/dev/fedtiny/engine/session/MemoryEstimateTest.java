package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said before a session is what the session says, and what it really holds. */
class MemoryEstimateTest {
    private static final List<Network> NETWORKS = List.of(TestNetworks.plain(), TestNetworks.residual(), TestNetworks.narrow(),
            TestNetworks.known(Architecture.RESNET18, new Shape(3, 16, 16), 4, 10),
            TestNetworks.known(Architecture.VGG11_SMALL, new Shape(3, 32, 32), 2, 10), TestNetworks.even(), TestNetworks.grouped(),
            TestNetworks.signals(), TestNetworks.foreign(), TestNetworks.normalized());

    private static int[] kept(ModelState state) {
        int[] kept = new int[state.network().parameters().size()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = state.mask(i).count();
        }
        return kept;
    }

    @ParameterizedTest
    @EnumSource
    void equalsWhatASessionHolds(Mode mode) {
        for (Network network : NETWORKS) {
            for (AlgorithmPolicy algorithms : Forms.all()) {
                for (ActivationStorage storage : ActivationStorage.values()) {
                    ModelState state = Sample.of(network, algorithms.equals(new AlgorithmPolicy.Always(ConvolutionAlgorithm.DENSE))
                            ? Sparsity.DENSE
                            : Sparsity.EMPTY_ROWS, 1, 5).state();
                    SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(algorithms).withActivations(storage);
                    for (int batch : new int[] {1, 8, 21}) {
                        check(state, mode, batch, batch % 3 + 1, options);
                    }
                    check(state, mode, 21, 16, options);
                }
            }
        }
    }

    static void check(ModelState state, Mode mode, int batch, int threads, SessionOptions options) {
        MemoryEstimate estimate = MemoryEstimate.of(state, mode, batch, threads, options);
        try (Workers workers = Workers.of(threads); Session session = Session.open(state, mode, batch, workers, options)) {
            String what = mode + " batch " + batch + " " + options;
            assertEquals(session.ledger().liveByCategory(), estimate.bytes(), what);
            assertEquals(session.bytes(), estimate.total(), what);
            estimate.bytes().forEach((category, bytes) -> assertTrue(bytes >= 0, what + ": " + category + " " + bytes));
            assertEquals(new Arrays().bytes(session), estimate.total(), what + ": arrays that can be reached");
        }
    }

    /** A growth batch adds what was said and nothing later. */
    @Test
    void growthIsForeseen() {
        growthIsForeseen(AlgorithmPolicy.AUTOMATIC);
        growthIsForeseen(Forms.GROWN);
    }

    private static void growthIsForeseen(AlgorithmPolicy algorithms) {
        for (ActivationStorage storage : ActivationStorage.values()) {
            Network network = NETWORKS.get(3);
            Sample sample = Sample.of(network, Sparsity.FIVE_PERCENT, 30, 2);
            SessionOptions options = SessionOptions.DEFAULT.withActivations(storage).withAlgorithms(algorithms);
            MemoryEstimate estimate = MemoryEstimate.of(sample.state(), Mode.TRAINING, 32, 2, options);
            try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.TRAINING, 32, workers, options)) {
                SessionBits.step(session, sample);
                assertEquals(estimate.total() + estimate.growthBytes(), session.bytes());
                SessionBits.step(session, sample);
                assertEquals(estimate.total() + estimate.growthBytes(), session.bytes());
            }
        }
    }

    @Test
    void optimisersForetellTheirState() {
        ModelState state = Sample.of(NETWORKS.get(1), Sparsity.THIRTY_PERCENT, 1, 5).state();
        try (Session session = Session.open(state, Mode.TRAINING, 2)) {
            for (Optimizer optimizer : List.of(new Sgd(0, 0), new Sgd(0.9, 0), new Adam(0.9, 0.99, 1e-8, 0, false), Adam.amsgrad(0))) {
                long said = optimizer.stateBytes(state.network(), kept(state));
                assertEquals(optimizer.bind(session).bytes(), said, optimizer.toString());
                MemoryEstimate estimate = MemoryEstimate.of(state, Mode.TRAINING, 2, 1, SessionOptions.DEFAULT);
                assertEquals(estimate.total() + said, estimate.plus(MemoryCategory.OPTIMIZER, said).total());
            }
        }
    }

    /** The gradients of early layers lie where the maps of late layers were. */
    @Test
    void gradientsCostLittleMoreThanMaps() {
        Network network = TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 64, 10);
        int[] kept = network.parameters().stream().mapToInt(p -> p.prunable() ? p.size() / 100 : p.size()).toArray();
        MemoryEstimate single = MemoryEstimate.of(network, kept, Mode.TRAINING, 64, 2, SessionOptions.DEFAULT);
        MemoryEstimate half = MemoryEstimate.of(network, kept, Mode.TRAINING, 64, 2,
                SessionOptions.DEFAULT.withActivations(ActivationStorage.BFLOAT16));
        long sgd = new Sgd(0.9, 0).stateBytes(network, kept);
        assertTrue(single.of(MemoryCategory.ACTIVATION_GRADIENTS) < single.of(MemoryCategory.ACTIVATIONS) / 20, single.toString());
        assertTrue(single.total() + sgd < 200 << 20, single.toString());
        assertTrue(half.total() + sgd < 90 << 20, half.toString());
    }

    /** Scratch of large steps lies in dead parts of the maps, and no more than a few channels are computed before they are rounded. */
    @Test
    void scratchOfOneGroupIsSmall() {
        Network network = TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 64, 10);
        int[] kept = network.parameters().stream().mapToInt(p -> p.prunable() ? p.size() / 100 : p.size()).toArray();
        for (ActivationStorage storage : ActivationStorage.values()) {
            MemoryEstimate one = MemoryEstimate.of(network, kept, Mode.TRAINING, 8, 1, SessionOptions.DEFAULT.withActivations(storage));
            assertTrue(one.of(MemoryCategory.WORKSPACE) < 5 << 20, one.toString());
        }
    }

    @Test
    void impossibleCountsAreNamed() {
        Network network = TestNetworks.tiny();
        int[] kept = kept(Initializer.initialize(network, 1));
        assertThrows(IllegalArgumentException.class, () -> MemoryEstimate.of(network, new int[2], Mode.TRAINING, 1, 1,
                SessionOptions.DEFAULT));
        assertThrows(IllegalArgumentException.class, () -> MemoryEstimate.of(network, kept, Mode.TRAINING, 0, 1, SessionOptions.DEFAULT));
        kept[0]++;
        String message = assertThrows(IllegalArgumentException.class,
                () -> MemoryEstimate.of(network, kept, Mode.TRAINING, 1, 1, SessionOptions.DEFAULT)).getMessage();
        assertTrue(message.contains("stem.weight"), message);
    }

    /** Walks objects of the engine and adds up primitive arrays, each once. */
    private static final class Arrays {
        private final Map<Object, Boolean> seen = new IdentityHashMap<>();
        private long bytes;

        long bytes(Object root) {
            visit(root);
            return bytes;
        }

        private void visit(Object object) {
            if (object == null || seen.put(object, true) != null) {
                return;
            }
            Class<?> type = object.getClass();
            if (type.isArray() && type.getComponentType().isPrimitive()) {
                bytes += Array.getLength(object) * (long) size(type.getComponentType());
            } else if (object instanceof Object[] elements) {
                for (Object element : elements) {
                    visit(element);
                }
            } else if (object instanceof Collection<?> elements) {
                elements.forEach(this::visit);
            } else if (object instanceof Map<?, ?> map) {
                map.values().forEach(this::visit);
            } else if (type.getName().startsWith("dev.fedtiny") && !type.isHidden() && !(object instanceof Network)
                    && !(object instanceof Workers)) {
                fields(object, type);
            }
        }

        private void fields(Object object, Class<?> type) {
            for (Class<?> t = type; t.getName().startsWith("dev.fedtiny"); t = t.getSuperclass()) {
                for (Field field : t.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                        field.setAccessible(true);
                        try {
                            visit(field.get(object));
                        } catch (IllegalAccessException e) {
                            throw new AssertionError(e);
                        }
                    }
                }
            }
        }

        private static int size(Class<?> primitive) {
            return primitive == long.class || primitive == double.class ? 8 : primitive == short.class ? 2
                    : primitive == byte.class ? 1 : 4;
        }
    }
}
