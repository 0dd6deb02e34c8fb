package dev.fedtiny.federation.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.method.DeviceRate;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.LotteryFl;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.MessageKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every fault is done by a real process; the model must be that of a federation in which the culprit said nothing. */
class ProcessFaultsTest {
    /** What device 1 and device 2 do in round 0, 1, ...; each process ends with its misdeed and the next one does the next. */
    private static final List<List<Misdeed>> MISDEEDS = List.of(
            List.of(Misdeed.KILLED, Misdeed.GARBAGE, Misdeed.TRUNCATED, Misdeed.REPEATED, Misdeed.OUT_OF_ORDER, Misdeed.TOO_LONG),
            List.of(Misdeed.NOT_A_NUMBER, Misdeed.INFINITE, Misdeed.WRONG_ROUND, Misdeed.WRONG_DEVICE, Misdeed.WRONG_MASK,
                    Misdeed.DAMAGED));
    private static final int FAULTY_ROUNDS = 6;
    private static final Map<Misdeed, String> NAMED = Map.ofEntries(Map.entry(Misdeed.KILLED, "signal 9"),
            Map.entry(Misdeed.WRONG_DEVICE, "answered as device"), Map.entry(Misdeed.GARBAGE, "not bytes of this protocol"),
            Map.entry(Misdeed.TRUNCATED, "ended after"), Map.entry(Misdeed.REPEATED, "nobody had asked for"),
            Map.entry(Misdeed.OUT_OF_ORDER, "for round 0, asked was round"), Map.entry(Misdeed.NOT_A_NUMBER, "NaN"),
            Map.entry(Misdeed.INFINITE, "Infinity"), Map.entry(Misdeed.WRONG_ROUND, "asked was round"),
            Map.entry(Misdeed.WRONG_MASK, "mask version"), Map.entry(Misdeed.DAMAGED, "checksum"), Map.entry(Misdeed.TOO_LONG, "payload"));
    private static final List<Misdeed> LOST = List.of(Misdeed.KILLED, Misdeed.TRUNCATED, Misdeed.REPEATED);

    @TempDir
    private Path folder;
    private final Map<Integer, Process> processes = new ConcurrentHashMap<>();
    private final int[] starts = new int[ProcessFederation.DEVICES];

    @Test
    void everyFaultCostsItsDeviceTheTurnAndNothingElse() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        ProcessFleet fleet = new ProcessFleet(federation.rules(300), (device, lane, server, token) -> {
            int start = starts[device]++;
            Process process = device > 0 && start < FAULTY_ROUNDS
                    ? federation.misbehaving(device, lane, MISDEEDS.get(device - 1).get(start), marker(device, start), server, token)
                    : federation.start(device, lane, 64, server, token);
            processes.put(device, process);
            return process;
        });
        Method method = federation.experiment.method();
        try (FederationContext context = federation.over(fleet);
                FederationContext expected = federation.over(
                        new SilencedFleet(federation.inProcess(), (device, round) -> device > 0 && round < FAULTY_ROUNDS))) {
            assertEquals(List.of(), context.absent());
            MethodState state = method.init(context).state();
            MethodState good = method.init(expected).state();
            assertSameBits(good.model(), state.model());
            Thread killer = Thread.ofVirtual().start(this::killWhenTraining);
            for (int round = 0; round < FAULTY_ROUNDS; round++) {
                Method.RoundOutcome outcome = method.round(context, state);
                state = outcome.state();
                good = method.round(expected, good).state();
                assertSameBits(good.model(), state.model());
                assertNamed(outcome.report(), round);
            }
            killer.join();
            // An adjusting round and an ordinary one: after the second, all devices hold the mask in force.
            for (int round = FAULTY_ROUNDS; round < FAULTY_ROUNDS + 2; round++) {
                Method.RoundOutcome recovered = method.round(context, state);
                state = recovered.state();
                good = method.round(expected, good).state();
                assertEquals(List.of(0, 1, 2), recovered.report().reporters(), recovered.report().failures().toString());
                assertSameBits(good.model(), state.model());
            }
            theMaskIsRestoredToAFreshProcess(method, context, state, expected, good);
        }
        assertTrue(processes.values().stream().noneMatch(Process::isAlive), "a device process outlived its fleet");
    }

    @Test
    void aDeviceThatHangsLosesItsTurnAtTheDeadline() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        ProcessFleet fleet = new ProcessFleet(federation.rules(4), (device, lane, server, token) -> device == 1
                ? federation.misbehaving(device, lane, Misdeed.HANGS, marker(1, starts[1]++), server, token)
                : federation.start(device, lane, 64, server, token));
        Method method = federation.experiment.with(Map.of(FedTiny.SELECTION, "none")).method();
        Set<Integer> reporters = new HashSet<>();
        try (FederationContext context = federation.over(fleet);
                FederationContext expected = federation.over(
                        new SilencedFleet(federation.inProcess(), (device, _) -> !reporters.contains(device)))) {
            MethodState state = method.init(context).state();
            MethodState good = method.init(expected).state();
            String reason = "";
            // On a machine at a standstill anybody may be late for anything; whoever is in time makes the model.
            for (int round = 0; round < 5 && !reason.contains("device-timeout"); round++) {
                Method.RoundOutcome outcome = method.round(context, state);
                state = outcome.state();
                reporters.clear();
                reporters.addAll(outcome.report().reporters());
                assertFalse(reporters.contains(1));
                good = method.round(expected, good).state();
                assertSameBits(good.model(), state.model());
                DeviceFailure failure = outcome.report().failures().stream().filter(f -> f.device() == 1).findFirst().orElseThrow();
                assertEquals(Cause.LOST, failure.cause());
                reason = failure.reason();
            }
            assertTrue(reason.contains("device-timeout"), reason);
        }
    }

    /** Sub-networks and initial values live on the devices: a process that takes the place of another is given both. */
    @Test
    void aFreshProcessOfLotteryFlGoesOnWhereTheOneBeforeItStopped() throws Exception {
        ProcessFederation federation = new ProcessFederation(folder);
        // Device 1's second process ends in the middle of its first answer.
        ProcessFleet fleet = new ProcessFleet(federation.rules(300), (device, lane, server, token) -> {
            int start = starts[device]++;
            Process process = device == 1 && start == 1
                    ? federation.misbehaving(device, lane, Misdeed.TRUNCATED, marker(device, start), server, token)
                    : federation.start(device, lane, 64, server, token);
            processes.put(device, process);
            return process;
        });
        Method method = new LotteryFl(0.2, 0, 0.4);
        TrainingPlan plan = federation.plan.withReliability(new Reliability(0, Double.POSITIVE_INFINITY, new DeviceRate.Unlimited(),
                new DeviceRate.Unlimited(), ProcessFederation.DEVICES, Reliability.TooFew.REPEAT, 3));
        try (FederationContext context = FederationContext.over(plan, fleet, federation.data.publicSet(), federation.data.test(), 1);
                FederationContext expected = federation.over(federation.inProcess())) {
            MethodState state = method.init(context).state();
            MethodState good = method.init(expected).state();
            int pruned = 0;
            for (int round = 0; round < 4; round++) {
                if (round == 1 || round == 2) {
                    processes.get(3 - round).destroyForcibly().waitFor();
                }
                Method.RoundOutcome outcome = method.round(context, state);
                state = outcome.state();
                good = method.round(expected, good).state();
                assertEquals(round == 2 ? 2 : 1, outcome.report().effort().attempts(), outcome.report().failures().toString());
                assertEquals(List.of(0, 1, 2), outcome.report().reporters());
                assertSameBits(good.model(), state.model());
                assertEquals(good.memory(), state.memory());
                pruned += round > 0 ? outcome.report().figures().orElseThrow().values().get("pruned").intValue() : 0;
            }
            assertTrue(pruned > 0, "nobody went back to initial values");
            assertTrue(method.density(state) < 1 && method.density(state) > 0.19, method.density(state) + " of the weights are left");
        }
    }

    private Path marker(int device, int start) {
        return folder.resolve("training-" + device + "-" + start);
    }

    private void killWhenTraining() {
        awaitFile(marker(1, 0));
        processes.get(1).destroyForcibly();
    }

    /** Takes no processor from the process that is to make the file. */
    static void awaitFile(Path file) {
        try {
            while (!Files.exists(file)) {
                Thread.sleep(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertNamed(RoundReport report, int round) {
        assertEquals(List.of(0), report.reporters(), report.failures().toString());
        List<DeviceFailure> failures = report.failures();
        assertEquals(2, failures.size(), failures.toString());
        for (DeviceFailure failure : failures) {
            Misdeed misdeed = MISDEEDS.get(failure.device() - 1).get(round);
            if (misdeed == Misdeed.REPEATED && failure.cause() == Cause.REJECTED) {
                // The second copy came only after the server had looked for stray bytes: then it is an answer out of order.
                misdeed = Misdeed.OUT_OF_ORDER;
            }
            assertEquals(LOST.contains(misdeed) ? Cause.LOST : Cause.REJECTED, failure.cause(), failure.toString());
            assertTrue(failure.reason().contains(NAMED.get(misdeed)), misdeed + ": " + failure.reason());
        }
    }

    /** A device that dies while it has nothing to do loses nothing: the next process gets its mask back. */
    private void theMaskIsRestoredToAFreshProcess(Method method, FederationContext context, MethodState state, FederationContext expected,
            MethodState good) throws InterruptedException {
        processes.get(2).destroyForcibly().waitFor();
        long restored = frames(context, MessageKind.RESTORE);
        Method.RoundOutcome outcome = method.round(context, state);
        assertEquals(List.of(0, 1, 2), outcome.report().reporters(), outcome.report().failures().toString());
        assertEquals(restored + 1, frames(context, MessageKind.RESTORE));
        assertSameBits(method.round(expected, good).state().model(), outcome.state().model());
    }

    private static long frames(FederationContext context, MessageKind kind) {
        var count = context.traffic().counts().get(kind);
        return count == null ? 0 : count.frames();
    }

    static void assertSameBits(ModelState expected, ModelState actual) {
        assertEquals(expected.masks(), actual.masks());
        for (int i = 0; i < expected.masks().size(); i++) {
            assertArrayEquals(expected.values(i), actual.values(i));
        }
    }
}
