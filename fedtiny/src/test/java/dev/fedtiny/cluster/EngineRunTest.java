package dev.fedtiny.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.protocol.Platform;
import dev.fedtiny.protocol.SessionTerms;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose devices are spread over nodes end with the bits of runs in one process, whatever becomes of nodes. */
@Timeout(300)
class EngineRunTest {
    private static final Cluster.Rules RULES = Cluster.Rules.USUAL;

    private static Experiment experiment(String method) {
        Map<SettingSpec<?>, String> settings = new HashMap<>();
        Map.ofEntries(Map.entry("method", method), Map.entry("model", "cnn-8-8-8"), Map.entry("max-images", "160"),
                Map.entry("max-test-images", "40"), Map.entry("devices", "5"), Map.entry("rounds", "4"), Map.entry("epochs", "1"),
                Map.entry("batch", "8"), Map.entry("pretrain-epochs", "1"), Map.entry("public-per-class", "1"), Map.entry("density", "0.3"),
                Map.entry("adjust-every", "1"), Map.entry("adjust-until", "3"), Map.entry("pool", "3"), Map.entry("threads", "1"),
                Map.entry("lotteryfl-threshold", "0"))
                .forEach((key, value) -> settings.put(Setting.of(key), value));
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
        assertEquals(expected.model.masks(), actual.model.masks());
        for (int p = 0; p < expected.model.masks().size(); p++) {
            assertTrue(Arrays.equals(expected.model.values(p), actual.model.values(p)), "values of parameter " + p);
        }
        assertEquals(expected.traffic, actual.traffic);
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

    @Test
    void nodesThatMayNotTakePartAreNamed() throws Exception {
        Experiment experiment = experiment("fedavg");
        LocalTurnEngine engine = LocalTurnEngine.of(1, 1);
        TurnNode old = new TurnNode(1, Optional.empty(), Optional.of("old"), "0123456789abcdef", Platform.here());
        TurnNode other = new TurnNode(1, Optional.empty(), Optional.of("other"), Classes.fingerprint(),
                new Platform(Platform.RELEASE, !Platform.here().fusedMultiplyAdd()));
        engine.join(1, old::run);
        engine.join(2, other::run);
        List<String> notes = Collections.synchronizedList(new ArrayList<>());
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

    /** All members gone in the middle of a run: devices are lost by name, and the run says so. */
    @Test
    void aClusterThatLosesAllMembersLosesDevicesByName() throws Exception {
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
        Cluster cluster = new Cluster(engine, Platforms.SAME, rules, _ -> { });
        cluster.await(1);
        EngineFleet fleet = new EngineFleet(cluster, new SessionTerms(plan.network(), plan.deviceSettings(), Metering.OFF),
                new DeviceData.Sent(data.devices()));
        try (FederationContext context = FederationContext.over(plan, fleet, data, 1)) {
            MethodState state = experiment.method().init(context).state();
            List<String> reasons = new ArrayList<>();
            while (state.round() < plan.rounds()) {
                Method.RoundOutcome outcome = experiment.method().round(context, state);
                outcome.report().failures().forEach(failure -> reasons.add(failure.reason()));
                state = outcome.state();
            }
            assertTrue(reasons.stream().anyMatch(reason -> reason.contains("no node of the cluster can do it")), reasons.toString());
            assertTrue(cluster.summary().contains("'last' did "), cluster.summary());
        }
    }
}
