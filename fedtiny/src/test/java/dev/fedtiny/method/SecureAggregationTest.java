package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.DeviceClasses;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.protocol.Frame;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Metering;
import dev.fedtiny.pruning.AdjustmentSchedule;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs whose server sees sums alone: the bits of open runs, whoever drops out, and refusals that say why. */
class SecureAggregationTest {
    /** Of four devices three hold enough shares. */
    private static final SecureAggregation RULES = new SecureAggregation(20, 0.5, 3);

    private static TrainingPlan open(int rounds) {
        return TinyRuns.plan(rounds).withRobustness(new Robustness(new Aggregation.Mean(), Double.POSITIVE_INFINITY, SelectionVote.MEAN,
                1000));
    }

    private static TrainingPlan secure(int rounds) {
        return open(rounds).withPrivacy(new Privacy(Optional.of(RULES)));
    }

    @Test
    void everyCopyOfAPlanHidesAsMuch() {
        TrainingPlan plan = secure(1);
        for (TrainingPlan copy : List.of(plan.withClasses(DeviceClasses.NONE), plan.withReliability(plan.reliability()),
                plan.withRobustness(plan.robustness()), plan.withServer(Optional.empty()))) {
            assertEquals(plan.privacy(), copy.privacy());
        }
    }

    private static TinyRuns.Run run(Method method, TrainingPlan plan, Fleet fleet) {
        try (FederationContext context = TinyRuns.over(plan, fleet)) {
            return TinyRuns.run(method, context);
        }
    }

    private static TinyRuns.Run run(Method method, TrainingPlan plan) {
        return run(method, plan, TinyRuns.fleet(plan));
    }

    static Stream<Method> methods() {
        Optional<AdjustmentSchedule> schedule = Optional.of(TinyRuns.EVERY_OTHER);
        return Stream.of(new FedAvg(), new FlPqsu(0.25), new Snip(0.25, 3, ScoreScope.LAYER), new SynFlow(0.25, 10, ScoreScope.LAYER),
                new PruneFl(0.25, schedule, true), new FedRts(0.25, schedule, 10, 0.5), new FedRts(0.25, Optional.empty(), 10, 0.5, true),
                new FedMef(0.25, Optional.empty(), 0.01, 0.3),
                new FedTiny(0.25, TinyRuns.CANDIDATES, Selection.ADAPTIVE, Optional.empty()),
                new FedTiny(0.25, TinyRuns.CANDIDATES, Selection.VANILLA, Optional.empty()));
    }

    private static void assertSameModels(TinyRuns.Run expected, TinyRuns.Run actual) {
        assertEquals(expected.states().size(), actual.states().size());
        for (int r = 0; r < expected.states().size(); r++) {
            assertTrue(TinyRuns.sameBits(expected.states().get(r).model(), actual.states().get(r).model()), "round " + r);
            assertEquals(expected.states().get(r).acknowledged(), actual.states().get(r).acknowledged());
            if (r > 0) {
                RoundReport open = expected.reports().get(r - 1);
                RoundReport masked = actual.reports().get(r - 1);
                assertEquals(open.reporters(), masked.reporters());
                assertEquals(open.costs().flops(), masked.costs().flops());
                assertEquals(open.maxDeviceFlops(), masked.maxDeviceFlops());
                assertEquals(open.trainLoss(), masked.trainLoss(), 1e-12 * open.trainLoss());
            }
        }
    }

    /** Masks that every device is sent, and PruneFL's squared gradients beside the values: nothing is lost in the sum. */
    @ParameterizedTest
    @MethodSource("methods")
    void theModelHasTheBitsOfAnOpenRun(Method method) {
        TinyRuns.Run masked = run(method, secure(4));
        assertSameModels(run(method, open(4)), masked);
        for (RoundReport report : masked.reports()) {
            assertEquals(0, report.costs().traffic().frames(MessageKind.UPDATE), "no update in the open");
            assertEquals(TinyRuns.DEVICES, report.costs().traffic().frames(MessageKind.MASKED_VECTOR));
        }
    }

    /** Positions of most votes grow: density and counts stay, and most of what grows is what open gradients would have chosen. */
    @Test
    void growthGoesByBallots() {
        Method method = new FedTiny(0.25, TinyRuns.CANDIDATES, Selection.NONE, Optional.of(TinyRuns.EVERY_OTHER));
        TinyRuns.Run masked = run(method, secure(5));
        TinyRuns.Run again = run(method, secure(5));
        int grown = 0;
        for (int r = 0; r < masked.reports().size(); r++) {
            assertEquals(masked.init().layers(), masked.reports().get(r).layers());
            assertTrue(TinyRuns.sameBits(masked.states().get(r + 1).model(), again.states().get(r + 1).model()), "round " + r);
            grown += masked.reports().get(r).adjustments().stream().mapToInt(LayerAdjustment::exchanged).sum();
        }
        assertTrue(grown > 0, "nothing grew");
        RoundReport adjusting = masked.reports().stream().filter(report -> !report.adjustments().isEmpty()).findFirst().orElseThrow();
        assertEquals(2 * TinyRuns.DEVICES, adjusting.costs().traffic().frames(MessageKind.MASKED_VECTOR), "a second sum for gradients");
    }

    @Test
    void fedMefGrowsByBallotsToo() {
        TinyRuns.Run masked = run(new FedMef(0.25, Optional.of(TinyRuns.EVERY_OTHER), 0.01, 0.3), secure(4));
        assertTrue(masked.reports().stream().flatMap(report -> report.adjustments().stream()).anyMatch(layer -> layer.exchanged() > 0));
    }

    /** A fleet in which frames of some kind from or to some devices are lost in one round. */
    private static final class LosingFleet extends RelayedFleet {
        private final int round;
        private final MessageKind kind;
        private final Set<Integer> devices;

        LosingFleet(Fleet fleet, int round, MessageKind kind, Set<Integer> devices) {
            super(fleet);
            this.round = round;
            this.kind = kind;
            this.devices = devices;
        }

        @Override
        protected byte[] up(int device, byte[] frame, Requests requests) {
            return devices.contains(device) && frame[5] == kind.code() && Frame.roundOf(frame) == round ? null : frame;
        }
    }

    /** Whoever drops out before or with its values is not in the sum; the others' sum is that of an open round without it. */
    @Test
    void dropoutsLeaveTheSumOfTheOthers() {
        Method method = new FedAvg();
        TinyRuns.Run expected = run(method, open(3), new LosingFleet(TinyRuns.fleet(open(3)), 1, MessageKind.UPDATE, Set.of(2)));
        assertEquals(List.of(0, 1, 3), expected.reports().get(1).reporters());
        for (MessageKind kind : List.of(MessageKind.SUM_KEYS, MessageKind.SUM_SHARES, MessageKind.MASKED_VECTOR)) {
            TinyRuns.Run masked = run(method, secure(3), new LosingFleet(TinyRuns.fleet(secure(3)), 1, kind, Set.of(2)));
            assertSameModels(expected, masked);
            assertEquals(List.of(Cause.LOST), masked.reports().get(1).failures().stream().map(DeviceFailure::cause).toList(), kind.name());
        }
        // Who does not help to take masks off is in the sum all the same.
        assertSameModels(run(method, open(3)),
                run(method, secure(3), new LosingFleet(TinyRuns.fleet(secure(3)), 1, MessageKind.SUM_UNMASKING, Set.of(2))));
    }

    /** Below the threshold the round fails as any round with too few devices does, and says why. */
    @Test
    void tooFewDevicesAreARoundThatFails() {
        Map<MessageKind, String> reasons = new TreeMap<>(Map.of(MessageKind.SUM_KEYS, "2 devices have shown keys",
                MessageKind.SUM_SHARES, "devices have shared their secrets", MessageKind.MASKED_VECTOR, "2 devices have sent their values",
                MessageKind.SUM_UNMASKING, "2 shares of device 0's secrets came back, 3 are needed"));
        reasons.forEach((kind, reason) -> {
            TrainingPlan plan = secure(3).withReliability(new Reliability(0, Double.POSITIVE_INFINITY, new DeviceRate.Unlimited(),
                    new DeviceRate.Unlimited(), 3, Reliability.TooFew.SKIP, 0));
            TinyRuns.Run run = run(new FedAvg(), plan, new LosingFleet(TinyRuns.fleet(plan), 1, kind, Set.of(1, 3)));
            assertTrue(TinyRuns.sameBits(run.states().get(1).model(), run.states().get(2).model()), "the round was skipped: " + kind);
            assertFalse(TinyRuns.sameBits(run.states().get(2).model(), run.states().get(3).model()), "the next is none the worse");
            RoundReport failed = run.reports().get(1);
            assertEquals(List.of(), failed.reporters());
            assertTrue(failed.failures().stream().anyMatch(failure -> failure.cause() == Cause.UNSUMMED
                    && failure.reason().contains(reason)),
                    kind + ": " + failed.failures());
        });
    }

    /** The round is done again with fresh keys. */
    @Test
    void aRoundThatFailedIsRepeated() {
        TrainingPlan plan = secure(2).withReliability(new Reliability(0, Double.POSITIVE_INFINITY, new DeviceRate.Unlimited(),
                new DeviceRate.Unlimited(), 3, Reliability.TooFew.REPEAT, 2));
        List<Integer> lost = new ArrayList<>();
        Fleet fleet = new RelayedFleet(TinyRuns.fleet(plan)) {
            @Override
            protected byte[] up(int device, byte[] frame, Requests requests) {
                if (device % 2 == 1 && frame[5] == MessageKind.MASKED_VECTOR.code() && lost.size() < 2) {
                    lost.add(device);
                    return null;
                }
                return frame;
            }
        };
        TinyRuns.Run masked = run(new FedAvg(), plan, fleet);
        assertEquals(List.of(1, 3), lost);
        assertEquals(2, masked.reports().getFirst().effort().attempts());
        assertEquals(List.of(0, 1, 2, 3), masked.reports().getFirst().reporters());
        assertTrue(TinyRuns.sameBits(run(new FedAvg(), open(2)).states().getLast().model(), masked.states().getLast().model()));
    }

    /** A device whose share is not the one it was given is found out, and the others do. */
    @Test
    void aWrongShareIsNotUsed() {
        TrainingPlan plan = secure(1);
        List<String> verdicts = new ArrayList<>();
        Fleet fleet = new RelayedFleet(TinyRuns.fleet(plan)) {
            @Override
            public void exchange(List<Integer> devices, Requests requests, Answers answers) {
                super.exchange(devices, requests, new Answers() {
                    @Override
                    public Optional<String> answered(int device, byte[] frame) {
                        Optional<String> refused = answers.answered(device, frame);
                        refused.ifPresent(verdicts::add);
                        return refused;
                    }

                    @Override
                    public void lost(int device, String reason) {
                        answers.lost(device, reason);
                    }
                });
            }

            @Override
            protected byte[] up(int device, byte[] frame, Requests requests) {
                return device == 2 && frame[5] == MessageKind.SUM_UNMASKING.code() ? damaged(frame) : frame;
            }
        };
        assertSameModels(run(new FedAvg(), open(1)), run(new FedAvg(), plan, fleet));
        assertEquals(1, verdicts.size());
        assertTrue(verdicts.getFirst().contains("device 2 gives a share of device 0's secrets that is not the one it was given"),
                verdicts.getFirst());
    }

    /** A share changed, with a checksum that is right. */
    private static byte[] damaged(byte[] frame) {
        byte[] changed = frame.clone();
        changed[Frame.HEADER_BYTES + 4 + 4 + 7] ^= 16;
        CRC32C crc = new CRC32C();
        crc.update(changed, 0, changed.length - 4);
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(changed.length - 4, (int) crc.getValue());
        return changed;
    }

    /** A device that was told that its values are hidden tells them to nobody in the open, whatever the server asks. */
    @Test
    void aServerThatAsksInTheOpenIsRefused() {
        TrainingPlan told = secure(2);
        TinyRuns.Run run = run(new FedAvg(), open(2), TinyRuns.fleet(told));
        assertEquals(List.of(), run.reports().getFirst().reporters());
        assertTrue(run.reports().getFirst().failures().getFirst().reason().contains("in the open, but this federation uses secure"),
                run.reports().getFirst().failures().toString());
    }

    /** The server's reason tells no figure; whoever simulates the devices hears what each could not do. */
    @Test
    void whatDevicesDoNotTellTheirServerTheirSimulationHears() {
        TrainingPlan tame = secure(1);
        TrainingPlan wild = new TrainingPlan(tame.network(), tame.seed(), new RoundSchedule(1, 4, new LearningRateSchedule.Constant(1e30)),
                tame.local(), tame.pretraining()).withRobustness(tame.robustness()).withPrivacy(tame.privacy());
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        try (FederationContext context = FederationContext.inProcess(wild, TinyRuns.DATA, 2, 2, Metering.OFF, heard::add)) {
            TinyRuns.run(new FedAvg(), context);
        }
        for (int device = 0; device < TinyRuns.DEVICES; device++) {
            String whose = "device " + device + ": a request could not be done: ";
            assertTrue(heard.stream().anyMatch(text -> text.startsWith(whose) && text.contains("smaller learning rate")), heard::toString);
        }
    }

    /** A device of a federation without secure sums has no part in one. */
    @Test
    void aDeviceThatWasNotToldTheRulesRefuses() {
        TinyRuns.Run run = run(new FedAvg(), secure(1), TinyRuns.fleet(open(1)));
        assertTrue(run.reports().getFirst().failures().getFirst().reason().contains("was not told the rules"),
                run.reports().getFirst().failures().toString());
    }

    @Test
    void whatNeedsSingleUpdatesIsRefusedWithItsReason() {
        Optional<AdjustmentSchedule> schedule = Optional.of(TinyRuns.EVERY_OTHER);
        Map<Method, String> refused = Map.of(new FedDst(0.25, schedule), "masks of their own", new FedSgc(0.25, schedule, 0.3, 0.4),
                "masks of their own", new LotteryFl(0.25, 0.05, 0.4), "mask of its own", new FedRts(0.25, schedule, 10, 0.5, true),
                "fedrts-every-round = false");
        refused.forEach((method, reason) -> assertTrue(assertThrows(IllegalArgumentException.class, () -> run(method, secure(1)))
                .getMessage().contains(reason), method.name()));
        TrainingPlan median = secure(1).withPrivacy(Privacy.NONE).withRobustness(new Robustness(new Aggregation.Mean(),
                Double.POSITIVE_INFINITY, SelectionVote.MEDIAN, 1000)).withPrivacy(secure(1).privacy());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> run(TinyRuns.fedTiny(Selection.ADAPTIVE), median)).getMessage()
                .contains("selection-vote = mean"));
        for (Aggregation rule : List.of(new Aggregation.ClippedMean(1), new Aggregation.TrimmedMean(0.2), new Aggregation.Median())) {
            Robustness robustness = new Robustness(rule, Double.POSITIVE_INFINITY, SelectionVote.MEAN, 1000);
            assertTrue(assertThrows(IllegalArgumentException.class, () -> secure(1).withRobustness(robustness)).getMessage()
                    .contains("looks at single updates"));
        }
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> secure(1).withRobustness(new Robustness(new Aggregation.Mean(), 20, SelectionVote.MEAN, 1000))).getMessage()
                .contains("update-bound"));
    }

    /** A method from elsewhere that says nothing of sums does not get them. */
    @Test
    void aMethodThatDoesNotDeclareItIsRefused() {
        Method foreign = (Method) Proxy.newProxyInstance(Method.class.getClassLoader(), new Class<?>[] {Method.class},
                (proxy, method, arguments) -> method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, arguments)
                        : method.getName().equals("name") ? "foreign" : null);
        TrainingPlan plan = secure(1);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> plan.privacy().check(plan.robustness(), foreign)).getMessage()
                .contains("method 'foreign' cannot have it: it does not declare"));
    }
}
