package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.MaskCodec;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.RunningStatistics;
import dev.fedtiny.protocol.Welcome;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FedTinyTest {
    private static final int ROUNDS = 9;
    private static TinyRuns.Run run;
    private static TestResult result;

    @BeforeAll
    static void runOnce() {
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(ROUNDS), TinyRuns.DATA, 1, 1)) {
            run = TinyRuns.run(TinyRuns.fedTiny(Selection.ADAPTIVE), context);
            result = context.evaluate(run.states().getLast().model());
        }
    }

    @Test
    void everyLayersCountIsConstantAndWithinTheDensity() {
        List<LayerCount> first = LayerCount.of(run.states().getFirst().model());
        assertTrue(run.init().density() <= 0.25 && run.init().density() >= 0.98 * 0.25 - 0.002, run.init().density() + "");
        for (RoundReport report : run.reports()) {
            assertEquals(first, report.layers());
            assertEquals(run.init().density(), report.density());
        }
        run.states().forEach(state -> state.model().check());
    }

    @Test
    void adjustmentsExchangePositionsInTurns() {
        List<List<String>> names = run.reports().stream().map(r -> r.adjustments().stream().map(LayerAdjustment::name).toList()).toList();
        List<String> second = List.of("conv3.weight", "fc.weight");
        assertEquals(List.of(List.of(), List.of(), second, List.of(), List.of("conv2.weight"), List.of(), second, List.of()),
                names.subList(0, 8).stream().map(n -> n.stream().sorted().toList()).toList());
        for (int r = 0; r < ROUNDS; r++) {
            MethodState before = run.states().get(r);
            MethodState after = run.states().get(r + 1);
            long changed = 0;
            for (LayerAdjustment adjustment : run.reports().get(r).adjustments()) {
                int p = TinyRuns.NETWORK.indexOf(adjustment.name());
                Mask kept = before.model().mask(p);
                long grown = Arrays.stream(after.model().mask(p).indices()).filter(i -> !kept.contains(i)).count();
                assertEquals(adjustment.exchanged(), grown, adjustment.toString());
                assertTrue(grown <= adjustment.asked() && adjustment.survivors() <= adjustment.grownBefore(), adjustment.toString());
                changed += grown;
            }
            assertEquals(before.maskVersion() + (changed > 0 ? 1 : 0), after.maskVersion());
            assertEquals(changed == 0, before.model().masks().equals(after.model().masks()));
        }
        assertTrue(run.reports().get(2).adjustments().stream().mapToInt(LayerAdjustment::exchanged).sum() > 10);
        LayerAdjustment later = run.reports().get(6).adjustments().getFirst();
        assertEquals(run.reports().get(2).adjustments().stream().filter(a -> a.name().equals(later.name())).findFirst().orElseThrow()
                .exchanged(), later.grownBefore());
        assertEquals(3, run.states().get(7).adjustments());
    }

    @Test
    void bytesOfOrdinaryAndAdjustmentRoundsEqualTheFormula() {
        for (int r = 0; r < ROUNDS; r++) {
            RoundReport report = run.reports().get(r);
            ModelState sent = run.states().get(r).model();
            boolean maskChanged = r == 0 || run.states().get(r).maskVersion() != run.states().get(r - 1).maskVersion();
            long masks = maskChanged ? TinyRuns.NETWORK.prunable().stream().mapToLong(p -> MaskCodec.encodedBytes(sent.mask(p))).sum() : 0;
            int layers = report.adjustments().size();
            long down = 22 + 21 + 1 + (layers > 0 ? 4 + 8L * layers : 0) + masks + 4 * sent.valueCount();
            assertEquals(TinyRuns.DEVICES * down, report.costs().traffic().bytes(MessageKind.TRAIN), "round " + r);
            long fixedUp = 22 + 24 + 4L * layers + 4 * sent.valueCount();
            long pairs = report.costs().traffic().bytes(MessageKind.UPDATE) - TinyRuns.DEVICES * fixedUp;
            long mostPairs = report.adjustments().stream().mapToLong(LayerAdjustment::asked).sum();
            assertEquals(0, pairs % 8);
            assertTrue(layers == 0 ? pairs == 0 : pairs > 0 && pairs <= 8 * TinyRuns.DEVICES * mostPairs, "round " + r + ": " + pairs);
            assertEquals(2, report.costs().traffic().counts().size());
        }
    }

    @Test
    void stageOneIsReportedWithItsOwnCosts() {
        SelectionReport report = run.init().selection().orElseThrow();
        assertEquals(3, report.candidates().size());
        assertTrue(report.candidates().stream().allMatch(c -> report.candidates().get(report.chosen()).loss() <= c.loss()));
        assertEquals(run.states().getFirst().model().prunableActive(), report.candidates().get(report.chosen()).active());
        long statistics = RunningStatistics.count(TinyRuns.NETWORK);
        assertEquals(TinyRuns.DEVICES * (30 + 4 * 3 * statistics), report.costs().traffic().bytes(MessageKind.STATISTICS));
        assertEquals(TinyRuns.DEVICES * (26 + 4 * 3 * statistics), report.costs().traffic().bytes(MessageKind.CANDIDATE_STATISTICS));
        assertEquals(TinyRuns.DEVICES * (30 + 20 * 3), report.costs().traffic().bytes(MessageKind.EVALUATION));
        assertEquals(TinyRuns.DEVICES, report.costs().traffic().frames(MessageKind.POOL));
        assertEquals(report.spread() <= report.standardError(), report.coinToss());
        assertTrue(report.standardError() > 0 && report.costs().flops() > 0);
        PretrainingReport pretraining = run.init().pretraining();
        assertEquals(2 * 3, pretraining.steps());
        Costs total = run.states().getLast().costs();
        assertEquals(pretraining.costs().flops() + report.costs().flops() + run.reports().stream().mapToLong(r -> r.costs().flops()).sum(),
                total.flops());
    }

    @Test
    void trainingLearns() {
        assertTrue(run.reports().getLast().trainLoss() < run.reports().getFirst().trainLoss() - 0.03,
                run.reports().getFirst().trainLoss() + " to " + run.reports().getLast().trainLoss());
        assertTrue(result.loss() < 2.4 && result.count() == 101, result.toString());
    }

    @Test
    @Tag("scalar")
    void threadsAndSlotsDoNotChangeABit() {
        for (int[] threadsAndSlots : new int[][] {{2, 1}, {2, 2}}) {
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(ROUNDS), TinyRuns.DATA, threadsAndSlots[0],
                    threadsAndSlots[1])) {
                FedTiny method = TinyRuns.fedTiny(Selection.ADAPTIVE);
                MethodState state = method.init(context).state();
                // As far as the second adjustment.
                while (state.round() < 5) {
                    assertTrue(TinyRuns.sameBits(run.states().get(state.round()).model(), state.model()),
                            "round " + state.round() + " with slots " + threadsAndSlots[1]);
                    Method.RoundOutcome outcome = method.round(context, state);
                    assertEquals(run.reports().get(state.round()).trainLoss(), outcome.report().trainLoss());
                    state = outcome.state();
                }
                assertTrue(TinyRuns.sameBits(run.states().get(5).model(), state.model()));
                assertEquals(run.states().get(5).costs().traffic(), state.costs().traffic());
            }
        }
    }

    @Test
    void aResumedRunGoesOnWithTheSameBitsAndBytes() {
        FedTiny method = TinyRuns.fedTiny(Selection.ADAPTIVE);
        for (int from : new int[] {1, 3, 5}) {
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(ROUNDS), TinyRuns.DATA, 1, 1)) {
                MethodState state = context.resume(method, run.states().get(from));
                while (state.round() < ROUNDS) {
                    Method.RoundOutcome outcome = method.round(context, state);
                    RoundReport expected = run.reports().get(state.round());
                    assertEquals(expected.costs().traffic(), outcome.report().costs().traffic(), "round " + state.round());
                    assertEquals(expected.adjustments(), outcome.report().adjustments());
                    state = outcome.state();
                }
                assertTrue(TinyRuns.sameBits(run.states().getLast().model(), state.model()), "from " + from);
                assertEquals(run.states().getLast().memory(), state.memory());
            }
        }
    }

    @Test
    void otherSelectionsKeepTheirPromise() {
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(1), TinyRuns.DATA, 1, 1)) {
            Method.InitOutcome vanilla = TinyRuns.fedTiny(Selection.VANILLA).init(context);
            SelectionReport report = vanilla.report().selection().orElseThrow();
            assertEquals(0, report.costs().traffic().bytes(MessageKind.STATISTICS));
            ModelState pretrained = context.pretrain().model();
            int mean = TinyRuns.NETWORK.indexOf("bn2.running_mean");
            assertEquals(Arrays.toString(pretrained.values(mean)), Arrays.toString(vanilla.state().model().values(mean)));
            assertNotEquals(Arrays.toString(pretrained.values(mean)),
                    Arrays.toString(run.states().getFirst().model().values(mean)));
            Method.InitOutcome none = TinyRuns.fedTiny(Selection.NONE).init(context);
            assertEquals(Optional.empty(), none.report().selection());
            assertTrue(none.report().layers().stream().allMatch(l -> l.active() == (int) (0.25 * l.size())));
            assertEquals(1, none.report().warnings().size());
            FedTiny fixed = new FedTiny(1, 1, Selection.ADAPTIVE, Optional.empty());
            assertEquals(1, fixed.init(context).report().density());
            assertThrows(IllegalArgumentException.class, () -> new FedTiny(0.001, 3, Selection.ADAPTIVE, Optional.empty()).init(context));
        }
        assertThrows(IllegalArgumentException.class, () -> new FedTiny(0, 3, Selection.ADAPTIVE, Optional.empty()));
        assertFalse(run.init().warnings().iterator().hasNext());
    }

    @Test
    void garbageToADeviceIsAnsweredWithAFailure() {
        Device device = new Device(0, TinyRuns.NETWORK, TinyRuns.DATA.devices().getFirst(), TinyRuns.plan(1).deviceSettings());
        try (SessionCache sessions = new SessionCache(Workers.of(1))) {
            for (byte[] garbage : new byte[][] {{}, new byte[40], {1, 2, 3}}) {
                byte[] answer = device.handle(garbage, sessions);
                assertEquals(MessageKind.FAILURE, Frame.decode(answer).kind());
            }
            byte[] wrong = new Codec(TinyRuns.NETWORK).encode(0, 0, new Welcome(5));
            assertEquals(MessageKind.FAILURE, Frame.decode(device.handle(wrong, sessions)).kind());
        }
    }

    /** Only those drawn are asked, the draw is the seed's, and how devices are run changes no bit. */
    @Test
    void stageOneAsksItsSample() {
        FedTiny two = new FedTiny(0.25, 3, Selection.ADAPTIVE, Optional.empty(), 2);
        List<Integer> drawn = two.selectionParticipants(roster(TinyRuns.DEVICES), 11, 0);
        assertEquals(2, drawn.size());
        assertEquals(drawn, two.selectionParticipants(roster(TinyRuns.DEVICES), 11, 0));
        ModelState expected = null;
        for (int slots : new int[] {1, 2}) {
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(1), TinyRuns.DATA, 2, slots)) {
                Method.InitOutcome init = two.init(context);
                assertEquals(drawn, init.report().selection().orElseThrow().reporters());
                assertTrue(expected == null || TinyRuns.sameBits(expected, init.state().model()));
                expected = init.state().model();
                assertEquals(2, init.state().costs().traffic().frames(MessageKind.STATISTICS));
                assertEquals(2, init.state().costs().traffic().frames(MessageKind.EVALUATION));
            }
        }
        FedTiny usual = TinyRuns.fedTiny(Selection.ADAPTIVE);
        assertEquals(List.of(0, 1, 2, 3), usual.selectionParticipants(roster(4), 11, 0));
        assertEquals(100, usual.selectionParticipants(roster(100), 1, 0).size());
        List<Integer> hundred = usual.selectionParticipants(roster(1000), 1, 0);
        assertEquals(100, hundred.stream().distinct().count());
        assertNotEquals(hundred, usual.selectionParticipants(roster(1000), 2, 0));
        assertNotEquals(hundred, usual.selectionParticipants(roster(1000), 1, 1), "another attempt asks others");
        assertThrows(IllegalArgumentException.class, () -> new FedTiny(0.25, 3, Selection.ADAPTIVE, Optional.empty(), -1));
    }

    private static List<Integer> roster(int devices) {
        return IntStream.range(0, devices).boxed().toList();
    }
}
