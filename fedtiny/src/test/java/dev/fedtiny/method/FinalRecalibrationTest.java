package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.device.Recalibration;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.RunningStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class FinalRecalibrationTest {
    private static final int TYPE = 5;

    /** Some devices' statistics get lost. */
    private static final class LosingFleet extends RelayedFleet {
        private final IntPredicate lost;

        LosingFleet(Fleet fleet, IntPredicate lost) {
            super(fleet);
            this.lost = lost;
        }

        @Override
        protected byte[] up(int device, byte[] frame, Requests requests) {
            return frame[TYPE] == MessageKind.STATISTICS.code() && lost.test(device) ? null : frame;
        }
    }

    private static final Method METHOD = new FlPqsu(0.25);

    /** A model after two rounds, and the step behind it. */
    private record Step(MethodState state, FinalRecalibration.Outcome outcome) {
    }

    private static Step step(Fleet fleet, TrainingPlan plan) {
        try (FederationContext context = TinyRuns.over(plan, fleet)) {
            MethodState last = TinyRuns.run(METHOD, context).states().getLast();
            return new Step(last, FinalRecalibration.run(context, last));
        }
    }

    /** μ and σ² as every device measures them, averaged by development samples in double. */
    private static List<double[]> byHand(ModelState model, TrainingPlan plan, IntPredicate lost) {
        List<double[]> sums = new ArrayList<>();
        RunningStatistics.of(model).values().forEach(values -> sums.add(new double[values.length]));
        long weights = 0;
        for (int k = 0; k < TinyRuns.DEVICES; k++) {
            if (lost.test(k)) {
                continue;
            }
            int samples = TinyRuns.DATA.devices().get(k).count();
            int[] development = DevelopmentSplit.usual(plan.batch()).draw(samples, plan.seed(), k).chosen();
            try (Session session = Session.open(model, Mode.STATISTICS, plan.batch(), Workers.of(1), plan.local().sessions())) {
                RunningStatistics own = Recalibration.run(session, TinyRuns.DATA.devices().get(k), development,
                        RandomStream.of(plan.seed(), "recalibration-shuffle", k));
                for (int i = 0; i < sums.size(); i++) {
                    for (int j = 0; j < sums.get(i).length; j++) {
                        sums.get(i)[j] += (double) development.length * own.values().get(i)[j];
                    }
                }
            }
            weights += development.length;
        }
        for (double[] sum : sums) {
            for (int j = 0; j < sum.length; j++) {
                sum[j] /= weights;
            }
        }
        return sums;
    }

    private static void assertMeasured(Step step, TrainingPlan plan, IntPredicate lost) {
        ModelState before = step.state().model();
        ModelState after = step.outcome().model().orElseThrow();
        assertEquals(before.masks(), after.masks());
        List<Integer> positions = RunningStatistics.positions(before.network());
        List<double[]> expected = byHand(before, plan, lost);
        for (int p = 0; p < before.masks().size(); p++) {
            if (positions.contains(p)) {
                double[] mean = expected.get(positions.indexOf(p));
                for (int j = 0; j < mean.length; j++) {
                    assertEquals(mean[j], after.values(p)[j], 1e-6 * Math.max(1, Math.abs(mean[j])));
                }
                assertFalse(Arrays.equals(before.values(p), after.values(p)), "statistics stayed as they were");
            } else {
                assertArrayEquals(before.values(p), after.values(p), "a weight changed");
            }
        }
    }

    @Test
    void devicesMeasureTheStatisticsAndTheServerAveragesThem() {
        TrainingPlan plan = TinyRuns.plan(2);
        Step step = step(TinyRuns.fleet(plan), plan);
        assertMeasured(step, plan, _ -> false);
        assertEquals(List.of(0, 1, 2, 3), step.outcome().reporters());
        assertEquals(List.of(), step.outcome().failures());
        long images = 0;
        for (int k = 0; k < TinyRuns.DEVICES; k++) {
            int development = DevelopmentSplit.usual(plan.batch()).size(TinyRuns.DATA.devices().get(k).count());
            images += (long) Recalibration.passes(development, plan.batch()) * development;
        }
        Costs costs = step.outcome().costs();
        assertEquals(ExactCost.forwardFlops(step.state().model(), images), costs.flops());
        assertEquals(4, costs.traffic().frames(MessageKind.POOL));
        assertEquals(4, costs.traffic().frames(MessageKind.STATISTICS));
        assertEquals(8, costs.traffic().counts().values().stream().mapToLong(count -> count.frames()).sum());
    }

    @Test
    void aDeviceThatIsLostIsNamedAndLeftOut() {
        TrainingPlan plan = TinyRuns.plan(2);
        Step step = step(new LosingFleet(TinyRuns.fleet(plan), device -> device == 2), plan);
        assertMeasured(step, plan, device -> device == 2);
        assertEquals(List.of(0, 1, 3), step.outcome().reporters());
        assertEquals(List.of(2), step.outcome().failures().stream().map(failure -> failure.device()).toList());
    }

    @Test
    void withoutAnybodyThereIsNoSecondModelAndWhatItCostIsCounted() {
        TrainingPlan plan = TinyRuns.plan(2);
        Step step = step(new LosingFleet(TinyRuns.fleet(plan), _ -> true), plan);
        assertTrue(step.outcome().model().isEmpty());
        assertEquals(List.of(), step.outcome().reporters());
        int attempts = plan.reliability().maximumRepeats() + 1;
        assertEquals(4L * attempts, step.outcome().costs().traffic().frames(MessageKind.POOL));
        assertEquals(4 * attempts, step.outcome().failures().size());
    }

    @Test
    void slotsChangeNoBit() {
        List<ModelState> models = new ArrayList<>();
        for (int slots : new int[] {1, 3}) {
            try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(2), TinyRuns.DATA, 1, slots)) {
                models.add(FinalRecalibration.run(context, TinyRuns.run(METHOD, context).states().getLast()).model().orElseThrow());
            }
        }
        assertTrue(TinyRuns.sameBits(models.getFirst(), models.getLast()));
    }
}
