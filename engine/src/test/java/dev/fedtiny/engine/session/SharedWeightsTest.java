package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.measure.MemoryCategory;
import dev.fedtiny.engine.measure.MemoryLedger;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Inference sessions of several threads on one copy of the weights. */
class SharedWeightsTest {
    private static final int THREADS = 3;
    private static final int BATCH = 5;

    private static List<AlgorithmPolicy> algorithms() {
        return Forms.all();
    }

    private static float[] answer(Session session, float[] images) {
        session.setImages(images, BATCH);
        session.forward(BATCH);
        return session.outputs();
    }

    /** A residual network, and one of operators that have parameters of their own. */
    @ParameterizedTest
    @MethodSource("algorithms")
    void severalThreadsGetTheBitsOfOne(AlgorithmPolicy algorithms) throws Exception {
        for (Network network : List.of(TestNetworks.residual(), TestNetworks.foreign())) {
            check(Sample.of(network, Sparsity.THIRTY_PERCENT, BATCH, 3), algorithms);
        }
    }

    private static void check(Sample sample, AlgorithmPolicy algorithms) throws Exception {
        try (Session first = Session.open(sample.state(), Mode.INFERENCE, BATCH, Workers.of(1), algorithms);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            float[] expected = answer(first, sample.images());
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Session own = first.openSharing(Workers.of(1));
                done.add(threads.submit(() -> {
                    try (own) {
                        for (int pass = 0; pass < 20; pass++) {
                            assertArrayEquals(expected, answer(own, sample.images()));
                        }
                    }
                }));
            }
            for (int pass = 0; pass < 20; pass++) {
                assertArrayEquals(expected, answer(first, sample.images()));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void weightsAreCountedOnce(AlgorithmPolicy algorithms) {
        ModelState state = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, BATCH, 3).state();
        try (Session first = Session.open(state, Mode.INFERENCE, BATCH, Workers.of(1), algorithms);
                Session second = first.openSharing(Workers.of(1))) {
            MemoryLedger whole = first.ledger();
            MemoryLedger own = second.ledger();
            assertEquals(0, own.live(MemoryCategory.VALUES));
            assertTrue(own.live(MemoryCategory.INDICES) < whole.live(MemoryCategory.INDICES));
            for (MemoryCategory category : List.of(MemoryCategory.ACTIVATIONS, MemoryCategory.WORKSPACE, MemoryCategory.BATCH)) {
                assertEquals(whole.live(category), own.live(category), category.name());
            }
        }
    }

    @Test
    void nobodyChangesWhatOthersComputeWith() {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, BATCH, 3);
        ModelState other = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, BATCH, 4).state();
        Session first = Session.open(sample.state(), Mode.INFERENCE, BATCH);
        Session second = first.openSharing(Workers.of(1));
        float[] before = answer(second, sample.images());
        for (Session session : List.of(first, second)) {
            String message = assertThrows(IllegalStateException.class, () -> session.load(other)).getMessage();
            assertTrue(message.contains("2 open sessions compute with these weights"), message);
        }
        assertArrayEquals(before, answer(second, sample.images()));
        first.close();
        first.close();
        second.load(other);
        try (Session fresh = Session.open(other, Mode.INFERENCE, BATCH)) {
            assertArrayEquals(answer(fresh, sample.images()), answer(second, sample.images()));
        }
        second.close();
    }

    @Test
    void sessionsThatTrainShareNothing() {
        ModelState state = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, BATCH, 3).state();
        try (Session session = Session.open(state, Mode.TRAINING, BATCH)) {
            String message = assertThrows(IllegalStateException.class, () -> session.openSharing(Workers.of(1))).getMessage();
            assertTrue(message.contains("INFERENCE"), message);
            message = assertThrows(IllegalStateException.class, session::warmUp).getMessage();
            assertTrue(message.contains("run some passes instead"), message);
        }
    }
}
