package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.Platforms;
import dev.fedtiny.federation.RelayedFleet;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.RoundLog;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.protocol.MessageKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers come in any order, devices come and go, rounds close early: what comes of it depends on who was heard, and on nothing else. */
class AnyOrderTest {
    /** A fleet whose devices answer in an order that differs from exchange to exchange. */
    private static final class ShuffledFleet extends RelayedFleet {
        private final Fleet fleet;
        private final RandomStream random;

        ShuffledFleet(Fleet fleet, long seed) {
            super(fleet);
            this.fleet = fleet;
            this.random = RandomStream.of(seed, "answers");
        }

        @Override
        public void exchange(List<Integer> devices, Requests requests, Answers answers) {
            int[] order = devices.stream().mapToInt(device -> device).toArray();
            random.shuffle(order);
            fleet.exchange(IntStream.of(order).boxed().toList(), requests, answers);
        }
    }

    private static void assertSameRun(TinyRuns.Run expected, TinyRuns.Run actual) {
        assertEquals(expected.states().size(), actual.states().size());
        for (int r = 0; r < expected.states().size(); r++) {
            assertTrue(TinyRuns.sameBits(expected.states().get(r).model(), actual.states().get(r).model()), "round " + r);
            assertEquals(expected.states().get(r).memory(), actual.states().get(r).memory());
            assertEquals(expected.states().get(r).acknowledged(), actual.states().get(r).acknowledged());
            if (r > 0) {
                assertEquals(expected.reports().get(r - 1).trainLoss(), actual.reports().get(r - 1).trainLoss());
                assertEquals(expected.reports().get(r - 1).reporters(), actual.reports().get(r - 1).reporters());
                assertEquals(expected.reports().get(r - 1).costs().flops(), actual.reports().get(r - 1).costs().flops());
            }
        }
    }

    private static TinyRuns.Run run(Method method, TrainingPlan plan, long seed) {
        Fleet devices = TinyRuns.fleet(plan);
        try (FederationContext context = TinyRuns.over(plan, seed == 0 ? devices : new ShuffledFleet(devices, seed))) {
            return TinyRuns.run(method, context);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.fedtiny.method.MethodContractTest#methods")
    void everyMethodHasItsBitsInAnyOrder(Method method) {
        TrainingPlan plan = TinyRuns.plan(4);
        assertSameRun(run(method, plan, 0), run(method, plan, 1));
    }

    @Test
    void everyRuleHasItsBitsInAnyOrder() {
        for (Aggregation rule : List.of(new Aggregation.ClippedMean(0.5), new Aggregation.TrimmedMean(0.3), new Aggregation.Median())) {
            for (Method method : List.of(TinyRuns.fedTiny(Selection.ADAPTIVE),
                    new FedDst(0.25, Optional.of(TinyRuns.EVERY_OTHER)), new PruneFl(0.25, Optional.of(TinyRuns.EVERY_OTHER), false))) {
                TrainingPlan plan = TinyRuns.plan(3).withRobustness(new Robustness(rule, 20, SelectionVote.MEAN, 1000));
                assertSameRun(run(method, plan, 0), run(method, plan, 2));
            }
        }
    }

    private static TrainingPlan overSelecting(int rounds, int wanted, double times) {
        TrainingPlan plan = TinyRuns.plan(rounds, wanted);
        RoundSchedule schedule = new RoundSchedule(rounds, wanted, plan.schedule().learningRate(), times, Optional.empty(),
                Optional.empty());
        return new TrainingPlan(plan.network(), plan.seed(), schedule, plan.local(), plan.pretraining());
    }

    /** More are asked than are wanted; who is too many is let go, named, and no different with more slots. */
    @Test
    void aRoundClosesAtItsTarget() {
        TrainingPlan plan = overSelecting(4, 2, 1.5);
        Map<Integer, TinyRuns.Run> runs = new HashMap<>();
        for (int slots : new int[] {1, 3}) {
            try (FederationContext context = FederationContext.inProcess(plan, TinyRuns.DATA, 1, slots)) {
                runs.put(slots, TinyRuns.run(TinyRuns.fedTiny(Selection.NONE), context));
            }
        }
        assertSameRun(runs.get(1), runs.get(3));
        for (RoundReport report : runs.get(1).reports()) {
            assertEquals(3, report.participants().size());
            assertEquals(2, report.reporters().size());
            assertEquals(List.of(Cause.RELEASED), report.failures().stream().map(DeviceFailure::cause).toList());
            assertEquals(2, report.costs().traffic().frames(MessageKind.UPDATE));
            assertEquals(3, report.costs().traffic().frames(MessageKind.TRAIN), "who is let go was asked");
        }
        assertTrue(runs.get(1).reports().stream().map(RoundReport::reporters).distinct().count() > 1, "the same were heard every time");
    }

    /** The faster ones are heard where devices have a speed, and nobody waits for the others until the deadline. */
    @Test
    void simulatedDevicesAnswerBySpeed() {
        TrainingPlan plan = overSelecting(3, 2, 2).withReliability(new Reliability(0, 1e6,
                new DeviceRate.Given(List.of(1.0, 1e9, 2.0, 2e9)), new DeviceRate.Unlimited(), 1, Reliability.TooFew.SKIP, 0));
        try (FederationContext context = TinyRuns.over(plan, TinyRuns.fleet(plan))) {
            TinyRuns.run(new FedAvg(), context).reports().forEach(report -> {
                assertEquals(List.of(1, 3), report.reporters());
                double seconds = report.effort().simulatedSeconds();
                assertTrue(seconds > 0 && seconds < 1e6, seconds + " s");
            });
        }
    }

    /** What a server remembers that was killed: who was heard. The one after it asks these, though others would be sooner. */
    @Test
    void aServerThatIsStartedAgainHearsTheSameDevices() {
        TrainingPlan plan = overSelecting(4, 2, 2);
        Map<RoundLog.Key, List<Integer>> heard = new HashMap<>();
        RoundLog log = new RoundLog() {
            @Override
            public Optional<List<Integer>> reporters(Key key) {
                return Optional.ofNullable(heard.get(key));
            }

            @Override
            public void closed(Key key, List<Integer> reporters) {
                List<Integer> before = heard.put(key, reporters);
                assertTrue(before == null || before.equals(reporters), key + ": " + before + ", then " + reporters);
            }
        };
        List<TinyRuns.Run> runs = new ArrayList<>();
        Method method = TinyRuns.fedTiny(Selection.ADAPTIVE);
        for (long seed : new long[] {3, 4}) {
            try (FederationContext context = FederationContext.over(plan, new ShuffledFleet(TinyRuns.fleet(plan), seed),
                    TinyRuns.DATA.publicSet(), TinyRuns.DATA.test(), 1, Platforms.SAME, log)) {
                runs.add(TinyRuns.run(method, context));
            }
        }
        assertEquals(6, heard.size());
        for (int r = 0; r < runs.getFirst().states().size(); r++) {
            assertTrue(TinyRuns.sameBits(runs.get(0).states().get(r).model(), runs.get(1).states().get(r).model()), "round " + r);
        }
        TinyRuns.Run other = run(method, plan, 4);
        assertTrue(!TinyRuns.sameBits(other.states().getLast().model(), runs.getLast().states().getLast().model()),
                "without the log others are heard");
    }

    @Test
    void absurdSchedulesAreRefused() {
        for (double times : new double[] {0.99, 101, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> overSelecting(1, 1, times));
        }
    }
}
