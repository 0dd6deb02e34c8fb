package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReliabilityTest {
    private static final FedTiny METHOD = TinyRuns.fedTiny(Selection.NONE);
    private static final double NEVER = Double.POSITIVE_INFINITY;
    private static final DeviceRate UNLIMITED = new DeviceRate.Unlimited();

    private static TinyRuns.Run run(int rounds, Reliability reliability, int slots) {
        TrainingPlan plan = TinyRuns.plan(rounds).withReliability(reliability);
        try (FederationContext context = FederationContext.inProcess(plan, TinyRuns.DATA, slots, slots)) {
            return TinyRuns.run(METHOD, context);
        }
    }

    private static Reliability dropout(double probability, int minimum, Reliability.TooFew rule, int repeats) {
        return new Reliability(probability, NEVER, UNLIMITED, UNLIMITED, minimum, rule, repeats);
    }

    @Test
    void dropoutsAreNamedSeededAndTheSameForAnyThreadsAndAfterResume() {
        Reliability reliability = dropout(0.4, 1, Reliability.TooFew.SKIP, 0);
        TinyRuns.Run run = run(8, reliability, 1);
        int failures = 0;
        for (RoundReport report : run.reports()) {
            TreeSet<Integer> all = new TreeSet<>(report.reporters());
            for (DeviceFailure failure : report.failures()) {
                assertEquals(Cause.OFFLINE, failure.cause());
                assertTrue(all.add(failure.device()), "device " + failure.device() + " reported and failed");
                failures++;
            }
            assertEquals(report.participants(), List.copyOf(all));
        }
        // Expected 12.8 of 32, standard deviation 2.8.
        assertTrue(failures >= 5 && failures <= 21, failures + " of 32");
        assertTrue(run.reports().stream().map(RoundReport::reporters).distinct().count() > 2, "always the same devices");
        TinyRuns.Run parallel = run(8, reliability, 3);
        assertTrue(TinyRuns.sameBits(run.states().getLast().model(), parallel.states().getLast().model()));
        TrainingPlan plan = TinyRuns.plan(8).withReliability(reliability);
        try (FederationContext context = FederationContext.inProcess(plan, TinyRuns.DATA, 1, 1)) {
            MethodState state = context.resume(METHOD, run.states().get(3));
            while (state.round() < 8) {
                Method.RoundOutcome outcome = METHOD.round(context, state);
                assertEquals(run.reports().get(state.round()).failures(), outcome.report().failures());
                assertEquals(run.reports().get(state.round()).costs().traffic(), outcome.report().costs().traffic());
                state = outcome.state();
            }
            assertTrue(TinyRuns.sameBits(run.states().getLast().model(), state.model()));
        }
    }

    @Test
    void whoIsLateIsThrownAwayAndTheAverageIsThatOfTheOthers() {
        // Device 1 is a million times slower than the others.
        Reliability slow = new Reliability(0, 10, new DeviceRate.Given(List.of(1e9, 1e3, 1e9, 1e9)), UNLIMITED, 1,
                Reliability.TooFew.SKIP, 0);
        TinyRuns.Run late = run(3, slow, 2);
        TrainingPlan plan = TinyRuns.plan(3);
        TinyRuns.Run lost;
        try (FederationContext context = TinyRuns.over(plan, new FaultyFleet(TinyRuns.fleet(plan), 1, frame -> null))) {
            lost = TinyRuns.run(METHOD, context);
        }
        for (int r = 0; r < 3; r++) {
            RoundReport report = late.reports().get(r);
            assertEquals(List.of(0, 2, 3), report.reporters());
            assertEquals(Cause.LATE, report.failures().getFirst().cause());
            assertTrue(report.failures().getFirst().reason().contains("the deadline is 10"), report.failures().toString());
            assertTrue(TinyRuns.sameBits(lost.states().get(r + 1).model(), late.states().get(r + 1).model()), "round " + r);
            assertEquals(10, report.effort().simulatedSeconds());
            // What the late device did for nothing was done all the same.
            assertTrue(report.costs().flops() > lost.reports().get(r).costs().flops());
        }
    }

    @Test
    void simulatedTimeIsFlopsBySpeedPlusBytesByBandwidth() {
        Reliability timed = new Reliability(0, NEVER, new DeviceRate.Given(List.of(1e6)), new DeviceRate.Given(List.of(1e3)), 1,
                Reliability.TooFew.SKIP, 0);
        RoundReport report = run(1, timed, 1).reports().getFirst();
        double bytes = (report.costs().traffic().bytesDown() + report.costs().traffic().bytesUp()) / (double) TinyRuns.DEVICES;
        assertEquals(report.maxDeviceFlops() / 1e6 + bytes / 1e3, report.effort().simulatedSeconds(), 1e-9);
        assertEquals(0, run(1, Reliability.PERFECT, 1).reports().getFirst().effort().simulatedSeconds());
    }

    @Test
    void tooFewReportersRepeatTheRoundFromTheSameModel() {
        TinyRuns.Run run = run(6, dropout(0.5, 3, Reliability.TooFew.REPEAT, 50), 1);
        int repeated = 0;
        int twice = 0;
        for (RoundReport report : run.reports()) {
            assertTrue(report.reporters().size() >= 3, report.toString());
            repeated += report.effort().attempts() - 1;
            assertEquals(report.devices().stream().mapToLong(DeviceRound::flops).max().orElseThrow(), report.maxDeviceFlops());
            twice += report.effort().inVain().stream().anyMatch(report.reporters()::contains) ? 1 : 0;
            assertEquals(report.effort().inVain().isEmpty(), report.costs().flops() == flopsOfReporters(report));
        }
        assertTrue(repeated > 0 && twice > 0, repeated + " attempts more, " + twice + " rounds in which a device worked in two");
        assertEquals(6, run.states().getLast().round());
    }

    private static long flopsOfReporters(RoundReport report) {
        // Every attempt costs a device as much as another.
        return report.devices().stream().filter(device -> report.reporters().contains(device.device()))
                .mapToLong(device -> device.flops() / (1 + Collections.frequency(report.effort().inVain(), device.device()))).sum();
    }

    /** Who else was asked is not waited for: such a round has all the answers that it wants. */
    @Test
    void aRoundThatHasAllItWantsWaitsForNobody() {
        List<Double> speeds = List.of(1e9, 2e9, 3e9, 4e9);
        Reliability reliability = new Reliability(0.3, 10, new DeviceRate.Given(speeds), UNLIMITED, 1, Reliability.TooFew.SKIP, 0);
        TrainingPlan usual = TinyRuns.plan(8, 3);
        TrainingPlan plan = new TrainingPlan(usual.network(), usual.seed(), new RoundSchedule(8, 3, usual.schedule().learningRate(),
                4 / 3.0, Optional.empty(), Optional.empty()), usual.local(), usual.pretraining(), reliability, usual.robustness());
        int absent = 0;
        int fewer = 0;
        try (FederationContext context = FederationContext.inProcess(plan, TinyRuns.DATA, 1, 1)) {
            for (RoundReport report : TinyRuns.run(METHOD, context).reports()) {
                assertEquals(4, report.participants().size());
                boolean enough = report.reporters().size() == 3;
                double slowest = report.devices().stream().mapToDouble(device -> device.flops() / speeds.get(device.device())).max()
                        .orElse(0);
                assertEquals(enough ? slowest : 10, report.effort().simulatedSeconds(), 1e-9, report.toString());
                absent += enough && report.failures().stream().allMatch(failure -> failure.cause() == Cause.OFFLINE) ? 1 : 0;
                fewer += enough ? 0 : 1;
            }
        }
        assertTrue(absent > 0 && fewer > 0, absent + " rounds had just enough, " + fewer + " fewer");
    }

    @Test
    void tooFewReportersSkipTheRoundAndTheModelStays() {
        TinyRuns.Run run = run(3, dropout(0.3, 4, Reliability.TooFew.SKIP, 0), 1);
        int skipped = 0;
        for (int r = 0; r < 3; r++) {
            RoundReport report = run.reports().get(r);
            if (report.reporters().isEmpty()) {
                skipped++;
                assertSame(run.states().get(r).model(), run.states().get(r + 1).model());
                assertEquals(report.participants().size() - report.failures().size(), report.effort().inVain().size());
                assertTrue(Double.isNaN(report.trainLoss()));
                assertTrue(report.costs().flops() > 0);
                // Work that was thrown away cost something, and counts for nothing.
                assertEquals(report.effort().inVain(), report.devices().stream().map(DeviceRound::device).toList());
                for (DeviceRound device : report.devices()) {
                    assertEquals(0, device.samples(), device.toString());
                    assertTrue(Double.isNaN(device.loss()) && Double.isNaN(device.seconds()), device.toString());
                    assertTrue(device.flops() > 0 && device.bytesUp() > 0, device.toString());
                }
            } else {
                assertEquals(4, report.reporters().size());
            }
        }
        assertTrue(skipped > 0, "no round was skipped");
        // Repeating ends, too.
        RoundReport hopeless = run(1,
                new Reliability(0, 1, new DeviceRate.Given(List.of(1.0)), UNLIMITED, 1, Reliability.TooFew.REPEAT, 2), 1)
                .reports().getFirst();
        assertEquals(3, hopeless.effort().attempts());
        assertEquals(12, hopeless.failures().size());
        assertEquals(3, hopeless.effort().simulatedSeconds());
    }

    @Test
    void speedsAreDrawnByNameOrGiven() {
        DeviceRate drawn = new DeviceRate.LogUniform(1e8, 1e10);
        List<Double> speeds = IntStream.range(0, 200).mapToObj(device -> drawn.of(3, "device-speed", device)).toList();
        assertTrue(speeds.stream().allMatch(speed -> speed >= 1e8 && speed <= 1e10));
        long slow = speeds.stream().filter(speed -> speed < 1e9).count();
        assertTrue(slow > 70 && slow < 130, slow + " of 200 below the middle");
        assertEquals(speeds.get(7), drawn.of(3, "device-speed", 7));
        assertTrue(drawn.of(3, "device-bandwidth", 7) != speeds.get(7));
        assertThrows(IllegalArgumentException.class, () -> new DeviceRate.LogUniform(2, 1));
        assertThrows(IllegalArgumentException.class, () -> new DeviceRate.Given(List.of(0.0)));
        assertThrows(IllegalArgumentException.class, () -> dropout(1, 1, Reliability.TooFew.SKIP, 0));
    }
}
