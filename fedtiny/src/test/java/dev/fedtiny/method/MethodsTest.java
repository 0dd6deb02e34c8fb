package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What tells the methods from one another. */
class MethodsTest {
    private static final Optional<AdjustmentSchedule> SCHEDULE = Optional.of(TinyRuns.EVERY_OTHER);

    private static TinyRuns.Run run(Method method, int rounds) {
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(rounds), TinyRuns.DATA, 1, 1)) {
            return TinyRuns.run(method, context);
        }
    }

    @Test
    void staticMasksTrainSparselyAndCostNothingMore() {
        TinyRuns.Run magnitude = run(new FlPqsu(0.25), 2);
        TinyRuns.Run dense = run(new FedAvg(), 1);
        assertTrue(magnitude.init().layers().stream().allMatch(l -> l.active() == (int) (0.25 * l.size())));
        assertEquals(magnitude.states().getFirst().model().masks(), magnitude.states().getLast().model().masks());
        assertEquals(0, magnitude.states().getLast().maskVersion());
        assertTrue(magnitude.reports().getFirst().costs().flops() < 0.6 * dense.reports().getFirst().costs().flops());
        assertTrue(magnitude.reports().getLast().costs().traffic().bytesDown()
                < 0.4 * dense.reports().getFirst().costs().traffic().bytesDown());
    }

    @Test
    void scoresOfOneLayerOrOfAllDecide() {
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(1), TinyRuns.DATA, 1, 1)) {
            for (ScoreScope scope : ScoreScope.values()) {
                List<Method> methods = List.of(new Snip(0.1, 4, scope), new SynFlow(0.1, 20, scope));
                for (Method method : methods) {
                    Method.InitOutcome init = method.init(context);
                    List<LayerCount> layers = init.report().layers();
                    assertEquals(scope == ScoreScope.LAYER, layers.stream().allMatch(l -> l.active() == (int) (0.1 * l.size())),
                            method.toString());
                    long kept = layers.stream().mapToLong(LayerCount::active).sum();
                    long size = layers.stream().mapToLong(LayerCount::size).sum();
                    assertTrue(scope == ScoreScope.LAYER ? kept <= 0.1 * size : kept == (int) (0.1 * size), method.toString());
                    assertTrue(layers.stream().allMatch(l -> l.active() > 0));
                    assertTrue(init.report().scoring().orElseThrow().costs().flops() > 0);
                    ModelState pretrained = context.pretrain().model();
                    assertTrue(TinyRuns.sameBits(pretrained.masked(init.state().model().masks()), init.state().model()),
                            "scoring changes masks, not weights");
                    assertNotEquals(Magnitude.uniform(pretrained, 0.1).masks(), init.state().model().masks());
                }
            }
            // Iterative scoring is a matter of scores after pruning, so the number of steps matters.
            assertNotEquals(new Snip(0.1, 1, ScoreScope.LAYER).init(context).state().model().masks(),
                    new Snip(0.1, 4, ScoreScope.LAYER).init(context).state().model().masks());
        }
    }

    @Test
    void aGlobalThresholdLeavesEveryLayerItsBestWeight() {
        ModelState model = Initializer.initialize(TinyRuns.NETWORK, 3);
        List<float[]> scores = new ArrayList<>();
        for (int p : TinyRuns.NETWORK.prunable()) {
            float[] layer = new float[model.mask(p).size()];
            Arrays.fill(layer, scores.isEmpty() ? 1e-9f : 1f);
            layer[7] *= 2;
            scores.add(layer);
        }
        ModelState pruned = ScorePruning.keep(model, scores, 0.05, ScoreScope.GLOBAL);
        int first = TinyRuns.NETWORK.prunable().getFirst();
        assertEquals(Mask.of(model.mask(first).size(), new int[] {7}), pruned.mask(first));
        assertEquals((long) (0.05 * model.prunableActive()), pruned.prunableActive());
        scores.getFirst()[0] = Float.NaN;
        assertThrows(ArithmeticException.class, () -> ScorePruning.keep(model, scores, 0.05, ScoreScope.GLOBAL));
    }

    /** R of the positive network by its definition, in double: 3 × 3 convolution with padding, factor of γ, ReLU, mean, linear. */
    private static double flow(float[] conv, float[] gamma, float[] linear) {
        int channels = gamma.length;
        double total = 0;
        for (int k = 0; k < channels; k++) {
            double map = 0;
            for (int y = 0; y < 4; y++) {
                for (int x = 0; x < 4; x++) {
                    for (int r = -1; r < 2; r++) {
                        for (int s = -1; s < 2; s++) {
                            boolean inside = y + r >= 0 && y + r < 4 && x + s >= 0 && x + s < 4;
                            map += inside ? Math.abs(conv[9 * k + 3 * (r + 1) + s + 1]) : 0;
                        }
                    }
                }
            }
            for (int out = 0; out < linear.length / channels; out++) {
                total += map / 16 * Math.abs(gamma[k]) / Math.sqrt(1 + 1e-5) * Math.abs(linear[out * channels + k]);
            }
        }
        return total;
    }

    @Test
    void synFlowScoresAreWhatEachWeightCarries() {
        Network.Builder builder = Network.builder(new Shape(1, 4, 4)).block("all");
        int x = builder.relu(builder.batchNorm2d("bn", builder.conv2d("conv", 0, 2, 3, 1, 1, false, true)));
        builder.linear("fc", builder.globalAveragePool(x), 3, true, true);
        Network network = builder.build();
        ModelState model = Initializer.initialize(network, 4);
        model = model.withValues(network.indexOf("bn.weight"), new float[] {-2, 0.5f})
                .withValues(network.indexOf("bn.bias"), new float[] {7, 7});
        ModelState positive = new SynapticFlow(network).positive(model, 1);
        assertTrue(positive.network().layers().stream().noneMatch(layer -> layer instanceof BatchNorm2d));
        float[] conv = model.values(network.indexOf("conv.weight"));
        float[] gamma = {-2, 0.5f};
        float[] linear = model.values(network.indexOf("fc.weight"));
        List<float[]> scores = SynFlow.scores(Session.open(positive, Mode.TRAINING, 1), model, positive, 0x1p-20);
        double whole = flow(conv, gamma, linear);
        double scale = Arrays.stream(new int[] {0, 1, 2, 3, 4, 5}).mapToDouble(i -> scores.get(1)[i]).sum() / whole;
        for (int j = 0; j < conv.length; j++) {
            float[] without = conv.clone();
            without[j] = 0;
            assertEquals(whole - flow(without, gamma, linear), scores.get(0)[j] / scale, 1e-5 * whole, "conv " + j);
        }
        for (int j = 0; j < linear.length; j++) {
            float[] without = linear.clone();
            without[j] = 0;
            assertEquals(whole - flow(conv, gamma, without), scores.get(1)[j] / scale, 1e-5 * whole, "fc " + j);
        }
    }

    @Test
    void pruneFlPaysForDenseGradientsAndSendsThemWhenItAdjusts() {
        TinyRuns.Run dear = run(new PruneFl(0.25, SCHEDULE, true), 4);
        TinyRuns.Run cheap = run(new PruneFl(0.25, SCHEDULE, false), 4);
        TinyRuns.Run still = run(new FlPqsu(0.25), 4);
        assertTrue(TinyRuns.sameBits(dear.states().getLast().model(), cheap.states().getLast().model()));
        long upload = 4L * TinyRuns.DEVICES * (288 + 864 + 120);
        for (int r = 0; r < 4; r++) {
            long sent = dear.reports().get(r).costs().traffic().bytes(MessageKind.UPDATE);
            assertEquals(still.reports().get(r).costs().traffic().bytes(MessageKind.UPDATE) + (r == 2 ? upload : 0), sent, "round " + r);
            assertEquals(r == 2, cheap.reports().get(r).costs().flops() == dear.reports().get(r).costs().flops(), "round " + r);
        }
        assertEquals(3, dear.reports().get(2).adjustments().size(), "all layers at once");
        assertTrue(dear.reports().get(2).adjustments().stream().allMatch(a -> a.exchanged() > 0 && a.exchanged() <= a.asked()));
    }

    @Test
    void lotteryFlStartsDenseAndDevicesGoTheirOwnWay() {
        LotteryFl method = new LotteryFl(0.25, 0.05, 0.4);
        TinyRuns.Run run = run(method, 6);
        Map<String, Number> first = run.reports().getFirst().figures().orElseThrow().values();
        Map<String, Number> last = run.reports().getLast().figures().orElseThrow().values();
        assertTrue(first.get("pruned").intValue() > 0 && last.get("meanDensity").doubleValue() < first.get("meanDensity").doubleValue()
                && last.get("lowestDensity").doubleValue() >= 0.24, last.toString());
        assertTrue(first.get("lowestDensity").doubleValue() <= 0.61 && first.get("highestDensity").doubleValue() <= 1, first.toString());
        assertTrue(first.get("accuracy").doubleValue() >= 0 && first.get("accuracy").doubleValue() <= 1, first.toString());
        LotteryFl.SubNetworks memory = (LotteryFl.SubNetworks) run.states().getLast().memory();
        assertTrue(memory.masks().stream().distinct().count() > 1, "devices have masks of their own");
        assertTrue(run.reports().getLast().costs().flops() < run.reports().getFirst().costs().flops());
        assertTrue(run.reports().getLast().costs().traffic().bytesDown() < run.reports().getFirst().costs().traffic().bytesDown());
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(1), TinyRuns.DATA, 1, 1)) {
            TestResult mean = method.evaluate(context, run.states().getLast());
            assertEquals(TinyRuns.DEVICES * TinyRuns.DATA.test().count(), mean.count());
            int correct = memory.masks().stream().mapToInt(m -> context.evaluate(run.states().getLast().model().masked(m)).correct()).sum();
            assertEquals(correct, mean.correct());
            TestResult start = method.evaluate(context, run.states().getFirst());
            assertEquals(context.evaluate(run.states().getFirst().model()).accuracy(), start.accuracy());
        }
        TinyRuns.Run proud = run(new LotteryFl(0.25, 1, 0.4), 2);
        assertEquals(0L, proud.reports().getLast().figures().orElseThrow().values().get("pruned"),
                "nobody is right on more than everything");
    }

    @Test
    void aDeviceOfLotteryFlThatFailedGetsMaskAndInitialValuesAgain() {
        LotteryFl method = new LotteryFl(0.25, 0.05, 0.4);
        TrainingPlan plan = TinyRuns.plan(3);
        int[] updates = new int[1];
        FaultyFleet faulty = new FaultyFleet(TinyRuns.fleet(plan), 1, frame -> updates[0]++ == 0 ? null : frame);
        try (FederationContext context = TinyRuns.over(plan, faulty)) {
            TinyRuns.Run run = TinyRuns.run(method, context);
            assertEquals(List.of(0, 2, 3), run.reports().getFirst().reporters());
            assertEquals(List.of(0, 1, 2, 3), run.reports().get(1).reporters());
            LotteryFl.SubNetworks memory = (LotteryFl.SubNetworks) run.states().get(1).memory();
            assertTrue(memory.masks().get(1).stream().allMatch(Mask::isFull), "what was lost did not happen");
            run.states().getLast().model().check();
        }
    }

    @Test
    void extrusionPullsWhatIsLikelyToGo() {
        MethodState gentle = run(new FedMef(0.25, SCHEDULE, 0, 1), 3).states().get(2);
        double without = smallest(run(new FedMef(0.25, SCHEDULE, 0, 1), 3), gentle);
        double with = smallest(run(new FedMef(0.25, SCHEDULE, 1, 1), 3), gentle);
        assertTrue(with < 0.9 * without, with + " against " + without);
        FedMef method = new FedMef(0.25, SCHEDULE, 0.01, 1);
        TrainingPlan plan = TinyRuns.plan(9);
        List<MethodState> states = run(method, 9).states();
        assertEquals(plan.learningRate(2) * (1 + 7.0 / 9), method.learningRate(plan, states.get(2)), 1e-12);
        assertEquals(plan.learningRate(3), method.learningRate(plan, states.get(3)));
        assertFalse(TinyRuns.sameBits(run(new FedMef(0.25, SCHEDULE, 0, 0.2), 1).states().getLast().model(),
                run(new FedMef(0.25, SCHEDULE, 0, 1), 1).states().getLast().model()), "activations are cut");
    }

    /** |w| after round 2, the mean over those of the fifty smallest weights of the last convolution before it that are still kept. */
    private static double smallest(TinyRuns.Run run, MethodState before) {
        int p = TinyRuns.NETWORK.indexOf("conv3.weight");
        ModelState after = run.states().get(3).model();
        double sum = 0;
        int[] places = Magnitude.smallest(before.model().values(p), 50);
        int kept = 0;
        for (int place : places) {
            int found = after.mask(p).find(before.model().mask(p).index(place));
            sum += found >= 0 ? Math.abs(after.values(p)[found]) : 0;
            kept += found >= 0 ? 1 : 0;
        }
        return kept == 0 ? 0 : sum / kept;
    }

    @Test
    void schedulesThatVisitTooLittleWarn() {
        AdjustmentSchedule layers = new AdjustmentSchedule(2, 5, Granularity.LAYER, Order.BACKWARD);
        TinyRuns.Run run = run(new FedDst(0.25, Optional.of(layers)), 1);
        assertTrue(run.init().warnings().getFirst().contains("no round of 1"), run.init().warnings().toString());
        List<String> warnings = Adjusting.warnings(Optional.of(layers), TinyRuns.plan(9));
        assertTrue(warnings.getFirst().contains("2 of 3 parts"), warnings.toString());
        assertEquals(2, AdjustmentSchedule.usualInterval(300, Granularity.LAYER));
        assertEquals(10, AdjustmentSchedule.usualInterval(300, Granularity.BLOCK));
    }
}
