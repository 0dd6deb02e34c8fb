package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import dev.fedtiny.protocol.MessageKind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** Stage one is attempted as often as a round, and gives what it gives where nothing fails. */
class PoolAttemptsTest {
    private static final int TYPE = 5;

    /** Answers that do not arrive: by device, and how often it was asked for this kind of answer before. */
    private static final class DyingFleet extends RelayedFleet {
        private final MessageKind kind;
        private final BiPredicate<Integer, Integer> lost;
        private final Map<Integer, Integer> asked;

        DyingFleet(Fleet fleet, MessageKind kind, BiPredicate<Integer, Integer> lost, Map<Integer, Integer> asked) {
            super(fleet);
            this.kind = kind;
            this.lost = lost;
            this.asked = asked;
        }

        @Override
        protected byte[] up(int device, byte[] frame, Requests requests) {
            return frame[TYPE] == kind.code() && lost.test(device, asked.merge(device, 1, Integer::sum) - 1) ? null : frame;
        }
    }

    private static TrainingPlan plan(int minimum, int repeats) {
        return TinyRuns.plan(2).withReliability(new Reliability(0, Double.POSITIVE_INFINITY, new DeviceRate.Unlimited(),
                new DeviceRate.Unlimited(), minimum, Reliability.TooFew.SKIP, repeats));
    }

    private static Method.InitOutcome init(Selection selection, TrainingPlan plan, MessageKind kind, BiPredicate<Integer, Integer> lost,
            Map<Integer, Integer> asked) {
        try (FederationContext context = TinyRuns.over(plan, new DyingFleet(TinyRuns.fleet(plan), kind, lost, asked))) {
            return TinyRuns.fedTiny(selection).init(context);
        }
    }

    private static Method.InitOutcome init(Selection selection, TrainingPlan plan, MessageKind kind, BiPredicate<Integer, Integer> lost) {
        return init(selection, plan, kind, lost, new TreeMap<>());
    }

    @Test
    void afterAttemptsInVainItGivesTheBitsOfOneInWhichNothingFailed() {
        for (Selection selection : List.of(Selection.ADAPTIVE, Selection.VANILLA)) {
            Method.InitOutcome good = init(selection, plan(4, 3), MessageKind.EVALUATION, (_, _) -> false);
            SelectionReport expected = good.report().selection().orElseThrow();
            for (MessageKind kind : List.of(MessageKind.STATISTICS, MessageKind.EVALUATION)) {
                if (selection == Selection.VANILLA && kind == MessageKind.STATISTICS) {
                    continue;
                }
                // All die twice; then one device once more than the others.
                for (BiPredicate<Integer, Integer> lost : List.<BiPredicate<Integer, Integer>>of((_, before) -> before < 2,
                        (device, before) -> before < (device == 2 ? 3 : 0))) {
                    Method.InitOutcome init = init(selection, plan(4, 3), kind, lost);
                    SelectionReport report = init.report().selection().orElseThrow();
                    assertTrue(TinyRuns.sameBits(good.state().model(), init.state().model()), selection + " " + kind);
                    assertEquals(expected.candidates(), report.candidates());
                    assertEquals(List.of(0, 1, 2, 3), report.reporters());
                    assertTrue(report.failures().size() >= 3 && report.failures().stream().allMatch(f -> f.cause() == Cause.LOST));
                    // What was done for nothing counts: bytes of every attempt, and FLOPs where devices told of their work.
                    assertTrue(report.costs().traffic().bytesDown() > 2 * expected.costs().traffic().bytesDown());
                    assertTrue(report.costs().flops() >= expected.costs().flops());
                    if (kind == MessageKind.EVALUATION && selection == Selection.ADAPTIVE) {
                        assertTrue(report.costs().flops() > 2 * expected.costs().flops());
                    }
                }
            }
        }
    }

    @Test
    void withTooFewAfterAllAttemptsItGoesOnWithThoseAndWithNobodyItEnds() {
        Map<Integer, Integer> asked = new TreeMap<>();
        Method.InitOutcome three = init(Selection.ADAPTIVE, plan(4, 2), MessageKind.EVALUATION, (device, _) -> device == 1, asked);
        assertEquals(List.of(0, 2, 3), three.report().selection().orElseThrow().reporters());
        assertEquals(Map.of(0, 3, 1, 3, 2, 3, 3, 3), asked);
        asked.clear();
        IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> init(Selection.ADAPTIVE, plan(1, 2), MessageKind.STATISTICS, (_, _) -> true, asked));
        assertTrue(e.getMessage().contains("failed 3 times (max-repeats)") && e.getMessage().contains("the line went dead"),
                e.getMessage());
        assertEquals(3, asked.get(0));
    }

    /** A lost device is not missed where enough others report, as in rounds. */
    @Test
    void enoughReportersAreEnough() {
        Map<Integer, Integer> asked = new TreeMap<>();
        Method.InitOutcome init = init(Selection.ADAPTIVE, plan(3, 5), MessageKind.STATISTICS, (device, _) -> device == 1, asked);
        assertEquals(List.of(0, 2, 3), init.report().selection().orElseThrow().reporters());
        assertEquals(1, asked.get(1));
    }

    /** A device that is not even there counts as lost, with what it said when it was greeted. */
    @Test
    void whoIsNotThereIsNamedAndMissed() {
        Map<Integer, Integer> asked = new TreeMap<>();
        Method.InitOutcome init = init(Selection.ADAPTIVE, plan(4, 2), MessageKind.HELLO, (device, _) -> device == 3, asked);
        SelectionReport report = init.report().selection().orElseThrow();
        assertEquals(List.of(0, 1, 2), report.reporters());
        assertEquals(3, report.failures().size(), "once for each attempt");
        report.failures().forEach(failure -> {
            assertEquals(3, failure.device());
            assertEquals(Cause.LOST, failure.cause());
            assertTrue(failure.reason().contains("did not present itself: the line went dead"), failure.reason());
        });
    }
}
