package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.engine.train.Trainer;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A meter adds up, changes no bits, and allocates nothing. */
class MeterTest {
    private static final int STEPS = 5;

    private static MeterReading train(Sample sample, int threads, boolean measured, Session session, Workers workers) {
        Meter meter = new Meter(workers);
        session.measure(measured ? meter : null);
        Trainer<int[]> trainer = Trainer.of(session).optimizer(new Sgd(0.9, 1e-4)).build();
        for (int step = 0; step < STEPS; step++) {
            trainer.step(sample.images(), sample.labels(), 0.01);
        }
        return meter.read();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void operatorsAndRestAreTheStep(int threads) {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 20, 1);
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(sample.state(), Mode.TRAINING, 24, workers, AlgorithmPolicy.AUTOMATIC)) {
            long start = System.nanoTime();
            MeterReading reading = train(sample, threads, true, session, workers);
            long wall = System.nanoTime() - start;
            assertEquals(STEPS, reading.steps());
            assertEquals(STEPS * 20, reading.images());
            assertEquals(reading.stepNanos(), reading.total(OperatorCost::nanos) + reading.restNanos());
            assertEquals(reading.meteredNanos(), reading.total(OperatorCost::nanos));
            assertTrue(reading.restNanos() >= 0 && reading.stepNanos() <= wall, reading.restNanos() + " of " + reading.stepNanos()
                    + ", " + wall);
            assertTrue(reading.total(OperatorCost::threadNanos) <= threads * reading.meteredNanos() + reading.total(OperatorCost::calls));
            Set<PassKind> passes = EnumSet.noneOf(PassKind.class);
            reading.byPass().forEach(o -> passes.add(o.pass()));
            assertEquals(EnumSet.complementOf(EnumSet.of(PassKind.GROWTH, PassKind.TOP_K, PassKind.MASK_CHANGE, PassKind.ENCODE,
                    PassKind.DECODE)), passes);
        }
    }

    /** Layers called as the work beside them, or as each other, are told apart. */
    @Test
    void noTwoOperatorsShareAName() {
        Network.Builder net = Network.builder(new Shape(2, 4, 4)).block("all");
        int x = net.conv2d("optimizer", 0, 4, 3, 1, 1, false, true);
        x = net.conv2d("loss", net.conv2d("tanh.2", x, 4, 1, 1, 0, false, true), 4, 1, 1, 0, false, true);
        x = net.activation(net.activation(x, Activation.Function.TANH), Activation.Function.TANH);
        net.linear("images", net.globalAveragePool(x), 3, false, true);
        Sample sample = Sample.of(net.build(), Sparsity.DENSE, 4, 1);
        try (Workers workers = Workers.of(1);
                Session session = Session.open(sample.state(), Mode.TRAINING, 4, workers, AlgorithmPolicy.AUTOMATIC)) {
            MeterReading reading = train(sample, 1, true, session, workers);
            assertEquals(List.of("optimizer.0", "tanh.2", "loss.2", "tanh.3", "tanh.4", "global_average_pool.5", "images.6"),
                    reading.operators().stream().filter(o -> o.pass() == PassKind.FORWARD).map(OperatorCost::operator).toList());
            assertEquals(List.of("optimizer"), reading.operators().stream().filter(o -> o.pass() == PassKind.OPTIMIZER)
                    .map(OperatorCost::operator).toList());
        }
    }

    /** Work that an embedder times beside its layers keeps its name, and a layer that is called so gets another. */
    @Test
    void aReservedNameIsNoLayers() {
        Network.Builder net = Network.builder(Shape.features(2));
        net.linear("mine", 0, 2, true, false);
        try (Workers workers = Workers.of(1);
                Session session = Session.open(Initializer.initialize(net.build(), 1), Mode.INFERENCE, 1, workers,
                        AlgorithmPolicy.AUTOMATIC)) {
            Meter meter = new Meter(workers);
            int mine = meter.reserve("mine");
            assertEquals(mine, meter.reserve("mine"));
            assertTrue(meter.isReserved("mine") && !meter.isReserved("mine.1"));
            session.measure(meter);
            session.setImages(new float[2], 1);
            session.forward(1);
            meter.start(mine);
            meter.stop(PassKind.ENCODE, 1);
            assertEquals(List.of("mine ENCODE", "mine.1 FORWARD", "mine.1 VALUE"), meter.read().operators().stream()
                    .filter(cost -> cost.operator().startsWith("mine")).map(cost -> cost.operator() + " " + cost.pass()).toList());
        }
    }

    @Test
    void measuringChangesNoBits() {
        Sample sample = Sample.of(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 20, 2);
        float[][] results = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (Workers workers = Workers.of(2);
                    Session session = Session.open(sample.state(), Mode.TRAINING, 24, workers, AlgorithmPolicy.AUTOMATIC)) {
                train(sample, 2, i == 1, session, workers);
                results[i] = session.values(0).clone();
            }
        }
        assertArrayEquals(results[0], results[1]);
    }

    @Test
    void measuringAllocatesNothing() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Meter meter = new Meter(Workers.of(1));
        int operator = meter.operator("one");
        long least = Long.MAX_VALUE;
        // The first calls load classes; a single quiet round shows that the code itself makes no objects.
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                meter.beginStep();
                meter.start(operator);
                meter.stop(PassKind.FORWARD, 5);
                meter.endStep(1);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    @Test
    void allocationIsTheJvmsCount() {
        Meter meter = new Meter(Workers.of(1));
        int operator = meter.operator("one");
        meter.start(operator);
        byte[] array = new byte[100_000];
        meter.stop(PassKind.FORWARD, array.length);
        OperatorCost cost = meter.read().operators().getFirst();
        assertTrue(cost.allocatedBytes() >= 100_000 && cost.allocatedBytes() < 110_000, cost.toString());
        assertEquals(100_000, cost.trafficBytes());
    }

    @Test
    void readingsAddAndSubtract() {
        Meter meter = new Meter(Workers.of(1));
        int operator = meter.operator("one");
        meter.start(operator);
        meter.count(PassKind.FORWARD, 1, 2, 3, 0);
        meter.stop(PassKind.FORWARD, 4);
        MeterReading first = meter.read();
        meter.start(meter.operator("two"));
        meter.stop(PassKind.LOSS, 0);
        MeterReading second = meter.read().since(first);
        assertEquals(1, second.operators().size());
        assertEquals("two", second.operators().getFirst().operator());
        assertEquals(meter.read(), first.plus(second));
        assertEquals(3, first.plus(first).total(OperatorCost::denseMacs) / 2);
    }

    @Test
    void failedWorkIsForgotten() {
        Meter meter = new Meter(Workers.of(1));
        meter.start(meter.operator("failed"));
        meter.lap(0, PassKind.FORWARD);
        meter.start(meter.operator("good"));
        meter.stop(PassKind.FORWARD, 0);
        assertEquals(1, meter.read().operators().size());
        assertEquals(1, meter.read().operators().getFirst().calls());
    }

    @Test
    void aMeterOfAnotherTeamIsRefused() {
        Sample sample = Sample.of(TestNetworks.tiny(), Sparsity.DENSE, 8, 3);
        try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.TRAINING, 8)) {
            Meter meter = new Meter(workers);
            assertThrows(IllegalArgumentException.class, () -> session.measure(meter));
            assertThrows(IllegalStateException.class, () -> meter.endStep(1));
        }
    }
}
