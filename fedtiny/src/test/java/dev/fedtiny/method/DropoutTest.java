package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.device.Device;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Baseline;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.Codec;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.SampleCounts;
import dev.fedtiny.protocol.Train;
import dev.fedtiny.protocol.Update;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final FedTiny METHOD = TinyRuns.fedTiny(Selection.NONE);

    private static TinyRuns.Run run(int rounds, UnaryOperator<byte[]> change) {
        TrainingPlan plan = TinyRuns.plan(rounds);
        try (FederationContext context = TinyRuns.over(plan, new FaultyFleet(TinyRuns.fleet(plan), 1, change))) {
            return TinyRuns.run(METHOD, context);
        }
    }

    @Test
    void theAverageIsThatOfTheOthers() {
        TinyRuns.Run run = run(1, frame -> null);
        RoundReport report = run.reports().getFirst();
        assertEquals(List.of(0, 2, 3), report.reporters());
        assertEquals(List.of(new DeviceFailure(1, DeviceFailure.Cause.LOST, "the line went dead")), report.failures());
        assertEquals(List.of(0, -1, 0, 0), run.states().getLast().acknowledged().versions());
        ModelState start = run.states().getFirst().model();
        TrainingPlan plan = TinyRuns.plan(1);
        Codec codec = new Codec(TinyRuns.NETWORK);
        Aggregation.Average average = new Aggregation.Mean().average(Baseline.of(start));
        try (SessionCache sessions = new SessionCache(Workers.of(1))) {
            for (int k : new int[] {0, 2, 3}) {
                Device device = new Device(k, TinyRuns.NETWORK, TinyRuns.DATA.devices().get(k), plan.deviceSettings());
                byte[] answer = device.handle(codec.encode(0, k,
                        new Train(0, Optional.of(start.masks()), start.allValues(), 2, 16, plan.learningRate(0),
                                new PlainTraining())), sessions);
                int samples = TinyRuns.DATA.devices().get(k).count();
                Update update = (Update) codec.decodeAnswer(answer, 0, k,
                        new Update.Expected(new CachedMasks(0, start.masks()), 2, 16,
                                SampleCounts.Range.exactly(samples, plan.deviceSettings().development()), new PlainTraining()));
                average.add(samples, update.values());
            }
        }
        assertTrue(TinyRuns.sameBits(average.in(start), run.states().getLast().model()));
    }

    @Test
    void damagedUpdatesAreNamedAndChangeNothingElse() {
        TinyRuns.Run lost = run(4, frame -> null);
        TinyRuns.Run damaged = run(4, frame -> {
            byte[] copy = frame.clone();
            copy[frame.length / 2] ^= 4;
            return copy;
        });
        TinyRuns.Run cut = run(4, frame -> Arrays.copyOf(frame, frame.length - 9));
        for (TinyRuns.Run other : List.of(damaged, cut)) {
            for (int r = 0; r < 4; r++) {
                assertTrue(TinyRuns.sameBits(lost.states().get(r + 1).model(), other.states().get(r + 1).model()), "round " + r);
                assertEquals(DeviceFailure.Cause.REJECTED, other.reports().get(r).failures().getFirst().cause());
                assertEquals(1, other.reports().get(r).failures().getFirst().device());
            }
        }
        assertTrue(damaged.reports().getFirst().failures().getFirst().reason().contains("checksum"));
        // Whoever dropped out is sent the mask again, the others are not.
        assertTrue(lost.reports().get(1).costs().traffic().bytes(MessageKind.TRAIN)
                > TinyRuns.DEVICES * (44 + 4 * lost.states().getFirst().model().valueCount()));
    }

    @Test
    void aRoundWithoutReportersLeavesTheModelAlone() {
        TrainingPlan plan = TinyRuns.plan(3, 1);
        try (FederationContext context = TinyRuns.over(plan, new FaultyFleet(TinyRuns.fleet(plan), 0, frame -> null))) {
            Method.InitOutcome init = METHOD.init(context);
            MethodState state = init.state();
            int empty = 0;
            for (int r = 0; r < 12; r++) {
                Method.RoundOutcome outcome = METHOD.round(context, state);
                assertEquals(1, outcome.report().participants().size());
                if (outcome.report().participants().equals(List.of(0))) {
                    empty++;
                    assertSame(state.model(), outcome.state().model());
                    assertEquals(List.of(), outcome.report().adjustments());
                    assertTrue(Double.isNaN(outcome.report().trainLoss()));
                }
                state = outcome.state();
            }
            assertTrue(empty > 0, "device 0 was never drawn");
        }
    }

    @Test
    void divergedDevicesSayThemselvesThatTheyFailed() {
        TrainingPlan tame = TinyRuns.plan(1);
        TrainingPlan wild = new TrainingPlan(tame.network(), tame.seed(), new RoundSchedule(1, 4, new LearningRateSchedule.Constant(1e30)),
                tame.local(), tame.pretraining());
        try (FederationContext context = TinyRuns.over(wild, TinyRuns.fleet(wild))) {
            Method.RoundOutcome outcome = METHOD.round(context, METHOD.init(context).state());
            assertEquals(4, outcome.report().failures().size());
            assertTrue(outcome.report().failures().stream().allMatch(f -> f.cause() == DeviceFailure.Cause.DIVERGED
                    && f.reason().contains("smaller learning rate")), outcome.report().failures().toString());
        }
    }
}
