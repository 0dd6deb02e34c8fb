package dev.fedtiny.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TinyFleet;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.SessionTerms;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose devices are spread over nodes end with the bits of runs in one process, whatever becomes of nodes. */
@Timeout(300)
class EngineRunTest {
    private static final Cluster.Rules RULES = Cluster.Rules.USUAL;

    private static Experiment experiment(String method) {
        return experiment(method, Map.of());
    }

    private static Experiment experiment(String method, Map<String, String> more) {
        Map<SettingSpec<?>, String> settings = new HashMap<>();
        Map.ofEntries(Map.entry("method", method), Map.entry("model", "cnn-8-8-8"), Map.entry("max-images", "160"),
                Map.entry("max-test-images", "40"), Map.entry("devices", "5"), Map.entry("rounds", "4"), Map.entry("epochs", "1"),
                Map.entry("batch", "8"), Map.entry("pretrain-epochs", "1"), Map.entry("public-per-class", "1"), Map.entry("density", "0.3"),
                Map.entry("adjust-every", "1"), Map.entry("adjust-until", "3"), Map.entry("pool", "3"), Map.entry("threads", "1"),
                Map.entry("lotteryfl-threshold", "0"))
                .forEach((key, value) -> settings.put(SettingIndex.of(key), value));
        more.forEach((key, value) -> settings.put(SettingIndex.of(key), value));
        return Experiment.of(settings);
    }

    /** A run, and what it sent. */
    private record Ended(ModelState model, Traffic traffic) {
    }

    private static Ended run(Experiment experiment, FederationContext context) {
        try (context) {
            MethodState state = experiment.method().init(context).state();
            while (state.round() < context.plan().rounds()) {
                state = experiment.method().round(context, state).state();
            }
            return new Ended(state.model(), context.traffic());
        }
    }

    private static Ended inProcess(Experiment experiment) {
        TrainTest images = experiment.open();
        return run(experiment, FederationContext.inProcess(experiment.plan(images.train()), experiment.data(images), 1, 1));
    }

    private static Ended spread(Experiment experiment, TurnEngine engine, Cluster.Rules rules, List<String> notes) throws Exception {
        TrainTest images = experiment.open();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        Cluster cluster = new Cluster(engine, Platforms.SAME, rules, notes::add);
        cluster.await(1);
        EngineFleet fleet = new EngineFleet(cluster, new SessionTerms(plan.network(), plan.deviceSettings(), Metering.OFF),
                new DeviceData.Sent(data.devices()));
        return run(experiment, FederationContext.over(plan, fleet, data, 1));
    }

    private static void assertSame(Ended expected, Ended actual) {
        assertSame(expected.model, actual.model);
        assertEquals(expected.traffic, actual.traffic);
    }

    private static void assertSame(ModelState expected, ModelState actual) {
        assertEquals(expected.masks(), actual.masks());
        for (int p = 0; p < expected.masks().size(); p++) {
            assertTrue(Arrays.equals(expected.values(p), actual.values(p)), "values of parameter " + p);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "prunefl", "lotteryfl", "feddst"})
    void nodesOfOwnClassesGiveTheSameBits(String method) throws Exception {
        Experiment experiment = experiment(method);
        LocalTurnEngine engine = new LocalTurnEngine();
        engine.join(0, OwnClasses.worker());
        engine.join(1, OwnClasses.worker());
        assertSame(inProcess(experiment), spread(experiment, engine, RULES, new ArrayList<>()));
    }

    /** Devices change their nodes all the time, and a node dies in the middle of every eighth turn. */
    @ParameterizedTest
    @ValueSource(strings = {"fedtiny", "prunefl", "lotteryfl"})
    void nodesThatDieCostTimeAndNoBits(String method) throws Exception {
        Experiment experiment = experiment(method);
        LocalTurnEngine engine = new LocalTurnEngine();
        AtomicInteger key = new AtomicInteger(2);
        AtomicInteger killed = new AtomicInteger();
        engine.join(0, mortal(engine, 0, key, killed));
        engine.join(1, mortal(engine, 1, key, killed));
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
        assertSame(inProcess(experiment), spread(experiment, engine, RULES, notes));
        assertTrue(killed.get() >= 2, "nodes were to die");
        assertTrue(notes.stream().anyMatch(note -> note.contains("is done again: node 'node-") && note.contains("was lost")),
                notes.toString());
    }

    /** Dies in its eighth turn, in the middle of which another joins. */
    private static UnaryOperator<byte[]> mortal(LocalTurnEngine engine, int number, AtomicInteger key, AtomicInteger killed) {
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("node-" + number));
        AtomicInteger turns = new AtomicInteger();
        return turn -> {
            byte[] answer = node.run(turn);
            if (turns.incrementAndGet() == 8) {
                int next = key.getAndIncrement();
                engine.join(next, mortal(engine, next, key, killed));
                engine.kill(number);
                killed.incrementAndGet();
            }
            return answer;
        };
    }

    /** A turn that never ends is given to another node; the node that has it gets nothing more. */
    @Test
    void aTurnThatNeverEndsIsDoneElsewhere() throws Exception {
        Experiment experiment = experiment("fedavg");
        LocalTurnEngine engine = LocalTurnEngine.of(1, 1);
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("stuck"));
        AtomicInteger turns = new AtomicInteger();
        engine.join(1, turn -> {
            byte[] answer = node.run(turn);
            if (turns.incrementAndGet() > 6) {
                asleep();
            }
            return answer;
        });
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
        // The limit passes for the stuck node; for the other one it is longer than any machine needs.
        Cluster.Rules rules = new Cluster.Rules(Duration.ofSeconds(15), 3, Duration.ofMinutes(2));
        assertSame(inProcess(experiment), spread(experiment, engine, rules, notes));
        assertTrue(notes.stream().anyMatch(note -> note.contains("node 'stuck' gave no answer within 15 s")), notes.toString());
    }

    private static void asleep() {
        try {
            Thread.sleep(Duration.ofHours(1));
        } catch (InterruptedException e) {
            // The test is over.
        }
    }

    @Test
    void aModelIsSentOnceANode() throws Exception {
        Experiment experiment = experiment("fedavg");
        LocalTurnEngine engine = new LocalTurnEngine();
        Map<String, Integer> shipped = new HashMap<>();
        for (int key = 0; key < 2; key++) {
            TurnNode node = new TurnNode(2, Optional.empty(), Optional.of("node-" + key));
            engine.join(key, bytes -> {
                synchronized (shipped) {
                    Turn.decode(bytes).objects().keySet().forEach(hash -> shipped.merge(node.facts().id() + hash, 1, Integer::sum));
                }
                return node.run(bytes);
            });
        }
        assertSame(inProcess(experiment), spread(experiment, engine, RULES, new ArrayList<>()));
        assertTrue(shipped.values().stream().allMatch(times -> times == 1), shipped.toString());
    }

    /** Who a device is and that the run is over costs no turn, and images go where a device works. */
    @Test
    void onlyDevicesThatAreAskedHaveTurns() throws Exception {
        Experiment experiment = experiment("fedavg", Map.of("devices", "12", "sample", "2", "smallest-share", "1"));
        LocalTurnEngine engine = LocalTurnEngine.of(1, 1);
        assertSame(inProcess(experiment), spread(experiment, engine, RULES, new ArrayList<>()));
        int rounds = 4;
        // Beside them the node said who it is, and where it lacked something, it was sent again with it.
        assertTrue(engine.turns() >= 1 + 2 * rounds && engine.turns() <= 1 + 2 * 2 * rounds, "turns: " + engine.turns());
    }

    @Test
    void nodesThatMayNotTakePartAreNamed() throws Exception {
        Experiment experiment = experiment("fedavg");
        LocalTurnEngine engine = new LocalTurnEngine();
        TurnNode old = new TurnNode(1, Optional.empty(), Optional.of("old"), "0123456789abcdef", Platform.here());
        TurnNode other = new TurnNode(1, Optional.empty(), Optional.of("other"), Classes.fingerprint(),
                new Platform(Platform.RELEASE, !Platform.here().fusedMultiplyAdd()));
        engine.join(1, old::run);
        engine.join(2, other::run);
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
        TurnNode right = new TurnNode(1, Optional.empty(), Optional.of("right"));
        engine.join(0, turn -> {
            // The run may be short, and over before they have been asked who they are.
            while (notes.size() < 2) {
                LockSupport.parkNanos(5_000_000);
            }
            return right.run(turn);
        });
        assertSame(inProcess(experiment), spread(experiment, engine, RULES, notes));
        assertTrue(notes.stream().anyMatch(note -> note.contains("node 'old' has other classes of this program (fingerprint 0123456789ab")),
                notes.toString());
        assertTrue(notes.stream().anyMatch(note -> note.contains("node 'other' computes other bits")), notes.toString());
    }

    @Test
    void aClusterWithoutNodesSaysWhy() throws Exception {
        LocalTurnEngine engine = new LocalTurnEngine();
        TurnNode old = new TurnNode(1, Optional.empty(), Optional.of("old"), "0123456789abcdef", Platform.here());
        engine.join(0, old::run);
        Cluster.Rules rules = new Cluster.Rules(Duration.ofMinutes(1), 3, Duration.ofMillis(300));
        try (Cluster cluster = new Cluster(engine, Platforms.SAME, rules, _ -> { })) {
            String message = assertThrows(IOException.class, () -> cluster.await(1)).getMessage();
            assertTrue(message.contains("the cluster has 0 nodes that can work, expected at least 1"), message);
        }
    }

    private static void awaitNode(Cluster cluster) throws InterruptedException {
        while (cluster.nodes().isEmpty()) {
            Thread.sleep(5);
        }
    }

    /** All members gone in the middle of a round: it is not done as if its devices had been absent, and the run can go on later. */
    @Test
    void aClusterThatLosesAllMembersEndsTheRoundAndTheRunGoesOnLater() throws Exception {
        Experiment experiment = experiment("fedavg");
        LocalTurnEngine engine = new LocalTurnEngine();
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of("last"));
        AtomicInteger turns = new AtomicInteger();
        engine.join(0, turn -> {
            if (turns.incrementAndGet() == 12) {
                engine.kill(0);
            }
            return node.run(turn);
        });
        TrainTest images = experiment.open();
        TrainingPlan plan = experiment.plan(images.train());
        FederatedData data = experiment.data(images);
        Cluster.Rules rules = new Cluster.Rules(Duration.ofMinutes(5), 3, Duration.ofMillis(300));
        List<MethodState> states = new ArrayList<>();
        Cluster cluster = new Cluster(engine, Platforms.SAME, rules, _ -> { });
        // For as long as it takes, which may be more than the patience that is to end.
        awaitNode(cluster);
        EngineFleet fleet = new EngineFleet(cluster, new SessionTerms(plan.network(), plan.deviceSettings(), Metering.OFF),
                new DeviceData.Sent(data.devices()));
        try (FederationContext context = FederationContext.over(plan, fleet, data, 1)) {
            states.add(experiment.method().init(context).state());
            String message = assertThrows(UncheckedIOException.class, () -> {
                while (states.getLast().round() < plan.rounds()) {
                    states.add(experiment.method().round(context, states.getLast()).state());
                }
            }).getMessage();
            assertTrue(message.contains("was lost") && message.contains("the cluster has no node left that can work, and none came"),
                    message);
            assertTrue(message.contains("the run goes on from its checkpoint (run --resume)"), message);
            assertTrue(cluster.summary().contains("'last' did "), cluster.summary());
        }
        assertTrue(states.getLast().round() < plan.rounds());
        try (FederationContext context = FederationContext.inProcess(plan, data, 1, 1)) {
            MethodState state = states.getLast();
            state = context.resume(experiment.method(), state);
            while (state.round() < plan.rounds()) {
                state = experiment.method().round(context, state).state();
            }
            assertSame(inProcess(experiment).model(), state.model());
        }
    }

    /** Patience begins when work begins to wait, however long it was at work before. */
    @Test
    void workOfANodeThatIsLostWaitsForAnother() throws Exception {
        LocalTurnEngine engine = new LocalTurnEngine();
        CountDownLatch begun = new CountDownLatch(1);
        engine.join(0, atWork("lost", () -> {
            begun.countDown();
            asleep();
            throw new IllegalStateException("killed");
        }));
        AtomicLong now = new AtomicLong();
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
        try (Cluster cluster = new Cluster(engine, Platforms.SAME, RULES, notes::add, now::get)) {
            cluster.await(1);
            CompletableFuture<String> end = new CompletableFuture<>();
            cluster.submit(List.of(job(() -> { }, end)));
            begun.await();
            now.addAndGet(2 * RULES.patience().toNanos());
            engine.kill(0);
            // Whoever looks who is there every second has looked, and given up what was to be given up.
            int asked = engine.asked();
            while (engine.asked() < asked + 4) {
                Thread.sleep(20);
            }
            engine.join(1, atWork("other", () -> { }));
            assertEquals("done", end.get());
        }
        assertTrue(notes.stream().anyMatch(note -> note.contains("the work is done again: node 'lost' was lost")), notes.toString());
    }

    /** Some work that tells how it ended, after something is done with its answer. */
    private static Job job(Runnable withAnswer, CompletableFuture<String> end) {
        return new Job() {
            @Override
            public String what() {
                return "the work";
            }

            @Override
            public String task() {
                return "any";
            }

            @Override
            public Work work() {
                return new Work(new byte[0], Map.of(), Map.of());
            }

            @Override
            public void done(NodeFacts node, byte[] content) {
                withAnswer.run();
                end.complete("done");
            }

            @Override
            public void failed(String sentence) {
                end.complete(sentence);
            }
        };
    }

    /** A driver without memory for an answer says so; nobody waits for ever. */
    @Test
    void workWhoseAnswerTheDriverCannotTakeIsGivenUp() throws Exception {
        LocalTurnEngine engine = new LocalTurnEngine();
        engine.join(0, atWork("node", () -> { }));
        try (Cluster cluster = new Cluster(engine, Platforms.SAME, RULES, _ -> { })) {
            cluster.await(1);
            AtomicInteger tries = new AtomicInteger();
            CompletableFuture<String> end = new CompletableFuture<>();
            cluster.submit(List.of(job(() -> {
                if (tries.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("Java heap space");
                }
            }, end)));
            assertEquals("done", end.get());
            CompletableFuture<String> never = new CompletableFuture<>();
            cluster.submit(List.of(job(() -> {
                throw new StackOverflowError();
            }, never)));
            String sentence = never.get();
            assertTrue(sentence.startsWith("the work was given up after " + RULES.attempts() + " attempts: this process failed while it "
                    + "asked node 'node': java.lang.StackOverflowError"), sentence);
        }
    }

    private static UnaryOperator<byte[]> atWork(String name, Runnable work) {
        TurnNode node = new TurnNode(1, Optional.empty(), Optional.of(name));
        return turn -> {
            if (Turn.decode(turn).task().equals(Turn.ANNOUNCE)) {
                return node.run(turn);
            }
            work.run();
            return new TurnAnswer.Done(node.facts().id(), 1, new byte[0]).encode();
        };
    }

    /** An engine whose client has lost its cluster may throw in place of saying that nobody is there. */
    @Test
    void anEngineThatCannotSayWhoIsThereHasNobody() throws Exception {
        TurnEngine engine = new TurnEngine() {
            @Override
            public CompletableFuture<byte[]> submit(int key, byte[] turn) {
                return CompletableFuture.failedFuture(new IllegalStateException("off"));
            }

            @Override
            public List<Integer> keys() {
                throw new IllegalStateException("the client is off");
            }

            @Override
            public void close() {
            }
        };
        Cluster.Rules rules = new Cluster.Rules(Duration.ofMinutes(1), 3, Duration.ofMillis(300));
        try (Cluster cluster = new Cluster(engine, Platforms.SAME, rules, _ -> { })) {
            String message = assertThrows(IOException.class, () -> cluster.await(1)).getMessage();
            assertTrue(message.contains("the engine cannot say who is there") && message.contains("the client is off"), message);
        }
    }

    /** Nodes are to hold the data of devices, and one's data is nowhere. */
    @Test
    void dataThatNobodyHoldsIsNamedBeforeTheRunBegins(@TempDir Path folder) throws Exception {
        LocalTurnEngine engine = new LocalTurnEngine();
        for (int device : List.of(0, 1, 3)) {
            ImageFile.write(TinyFleet.data(device), folder.resolve("device-" + device + ".images"));
        }
        TurnNode node = new TurnNode(1, Optional.of(folder), Optional.of("holder"));
        engine.join(0, node::run);
        Cluster.Rules rules = new Cluster.Rules(Duration.ofMinutes(1), 3, Duration.ofSeconds(3));
        try (Cluster cluster = new Cluster(engine, Platforms.SAME, rules, _ -> { })) {
            awaitNode(cluster);
            String message = assertThrows(IOException.class, () -> cluster.awaitShares(4)).getMessage();
            assertEquals("no node holds the data of devices 2, and none that does came within 3 s; node 'holder' holds the data of devices "
                    + "0 to 1, 3; start one with 'fedtiny node --shares DIR', whose DIR has their files device-K.images", message);
            cluster.awaitShares(2);
        }
    }
}
