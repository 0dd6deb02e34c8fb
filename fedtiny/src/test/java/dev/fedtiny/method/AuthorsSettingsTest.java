package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Granularity;
import dev.fedtiny.pruning.Order;
import dev.fedtiny.pruning.PositionPosterior;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Settings in which a method does what the published code of its authors does. */
class AuthorsSettingsTest {
    private static final double DENSITY = 0.25;
    private static final Optional<AdjustmentSchedule> SCHEDULE = Optional.of(TinyRuns.EVERY_OTHER);

    private static TinyRuns.Run run(Method method, int rounds) {
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(9), TinyRuns.DATA, 1, 1)) {
            Method.InitOutcome init = method.init(context);
            List<MethodState> states = new java.util.ArrayList<>(List.of(init.state()));
            List<RoundReport> reports = new java.util.ArrayList<>();
            while (states.getLast().round() < rounds) {
                Method.RoundOutcome outcome = method.round(context, states.getLast());
                states.add(outcome.state());
                reports.add(outcome.report());
            }
            return new TinyRuns.Run(init.report(), states, reports);
        }
    }

    /** conv → normalisation → ReLU → mean → dropout → linear. */
    private static Network network(double dropout) {
        Network.Builder builder = Network.builder(new Shape(1, 4, 4)).block("all");
        int x = builder.relu(builder.batchNorm2d("bn", builder.conv2d("conv", 0, 2, 3, 1, 1, true, true)));
        x = builder.globalAveragePool(x);
        builder.linear("fc", dropout > 0 ? builder.dropout(x, dropout) : x, 3, true, true);
        return builder.build();
    }

    private static ModelState model(Network network) {
        ModelState model = Initializer.initialize(network, 4);
        return model.withValues(network.indexOf("conv.bias"), new float[] {-0.3f, 0.2f})
                .withValues(network.indexOf("bn.weight"), new float[] {-2, 0.5f})
                .withValues(network.indexOf("bn.bias"), new float[] {0.4f, -0.1f})
                .withValues(network.indexOf("bn.running_mean"), new float[] {0.2f, -0.05f})
                .withValues(network.indexOf("bn.running_var"), new float[] {4, 0.25f})
                .withValues(network.indexOf("fc.bias"), new float[] {1, -2, 3});
    }

    /** The evaluation form computes what inference computes, image by image, whatever else is in the batch; nothing moves. */
    @Test
    void theEvaluationFormIsInferenceWithGradients() {
        Network network = network(0.5);
        ModelState model = model(network);
        EvaluationNetwork evaluation = new EvaluationNetwork(network);
        assertEquals(network.parameters(), evaluation.network().parameters());
        float[] images = new float[2 * 16];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) Math.sin(i + 1);
        }
        try (Session inference = Session.open(model, Mode.INFERENCE, 2);
                Session scored = Session.open(evaluation.of(model), Mode.TRAINING, 2)) {
            inference.setImages(images, 2);
            inference.forward(2);
            scored.setImages(images, 2);
            scored.labels()[0] = 1;
            scored.forward(2);
            scored.backward();
            for (int image = 0; image < 2; image++) {
                for (int label = 0; label < 3; label++) {
                    assertEquals(inference.logit(image, label), scored.logit(image, label), 1e-5);
                }
            }
            assertTrue(TinyRuns.sameBits(evaluation.of(model), scored.state()), "running statistics stay");
        }
    }

    @Test
    void snipInEvaluationModeScoresAnotherMask() {
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(1), TinyRuns.DATA, 1, 1)) {
            InitReport training = new Snip(0.1, 3, ScoreScope.LAYER).init(context).report();
            Method.InitOutcome evaluation = new Snip(0.1, 3, ScoreScope.LAYER, Snip.Scoring.EVALUATION).init(context);
            assertEquals(training.scoring().orElseThrow().costs().flops(), evaluation.report().scoring().orElseThrow().costs().flops());
            assertEquals(training.layers(), evaluation.report().layers(), "the same counts");
            ModelState model = evaluation.state().model();
            assertNotEquals(new Snip(0.1, 3, ScoreScope.LAYER).init(context).state().model().masks(), model.masks());
            assertEquals(TinyRuns.NETWORK, model.network(), "the run goes on with the full network");
            assertTrue(TinyRuns.sameBits(context.pretrain().model().masked(model.masks()), model), "scoring changes masks alone");
        }
    }

    /** R by its definition, in double: |w|, |b|, |γ|, |β|, |μ|, σ² of a network in evaluation mode for an input of ones. */
    private static double flow(ModelState m) {
        Network n = m.network();
        float[] conv = m.dense(n.indexOf("conv.weight"));
        float[] linear = m.dense(n.indexOf("fc.weight"));
        double total = 0;
        for (float bias : m.values(n.indexOf("fc.bias"))) {
            total += Math.abs(bias);
        }
        for (int k = 0; k < 2; k++) {
            double mean = 0;
            for (int place = 0; place < 16; place++) {
                double sum = Math.abs(m.values(n.indexOf("conv.bias"))[k]);
                for (int r = -1; r < 2; r++) {
                    for (int s = -1; s < 2; s++) {
                        boolean inside = place / 4 + r >= 0 && place / 4 + r < 4 && place % 4 + s >= 0 && place % 4 + s < 4;
                        sum += inside ? Math.abs(conv[9 * k + 3 * (r + 1) + s + 1]) : 0;
                    }
                }
                double normal = (sum - Math.abs(m.values(n.indexOf("bn.running_mean"))[k]))
                        / Math.sqrt(m.values(n.indexOf("bn.running_var"))[k] + 1e-5);
                mean += Math.max(0, Math.abs(m.values(n.indexOf("bn.weight"))[k]) * normal
                        + Math.abs(m.values(n.indexOf("bn.bias"))[k])) / 16;
            }
            for (int out = 0; out < 3; out++) {
                total += mean * Math.abs(linear[out * 2 + k]);
            }
        }
        return total;
    }

    /** Scores are |w·∂R/∂w|, R with absolute statistics, at any scale. */
    @Test
    void synFlowWithAbsoluteStatisticsIsThatOfItsAuthors() {
        Network network = network(0);
        ModelState model = model(network);
        AbsoluteFlow flow = new AbsoluteFlow(network);
        double step = 1e-3;
        for (double scale : new double[] {1, 0x1p-20}) {
            ModelState positive = flow.positive(model, scale);
            List<float[]> scores = SynFlow.scores(Session.open(positive, Mode.TRAINING, 1), model, positive, scale);
            for (int i = 0; i < 2; i++) {
                int p = network.prunable().get(i);
                for (int j = 0; j < model.values(p).length; j++) {
                    float[] more = model.values(p).clone();
                    float[] less = model.values(p).clone();
                    more[j] *= (float) (1 + step);
                    less[j] *= (float) (1 - step);
                    double expected = (flow(model.withValues(p, more)) - flow(model.withValues(p, less))) / (2 * step);
                    assertEquals(expected, scores.get(i)[j] / (scale * scale), 1e-3 * flow(model), "parameter " + p + ", " + j);
                }
            }
        }
        try (FederationContext context = FederationContext.inProcess(TinyRuns.plan(1), TinyRuns.DATA, 1, 1)) {
            ModelState without = new SynFlow(0.1, 5, ScoreScope.LAYER).init(context).state().model();
            ModelState with = new SynFlow(0.1, 5, ScoreScope.LAYER, true).init(context).state().model();
            assertNotEquals(without.masks(), with.masks());
            assertEquals(without.prunableActive(), with.prunableActive());
        }
    }

    @Test
    void fedMefExtrudesInEveryRoundUpToACap() {
        TrainingPlan plan = TinyRuns.plan(9);
        FedMef usual = new FedMef(DENSITY, SCHEDULE, 1, 1);
        FedMef every = new FedMef(DENSITY, SCHEDULE, 1, 1, true, 0.22);
        TinyRuns.Run gentle = run(new FedMef(DENSITY, SCHEDULE, 0, 1, true, 0.22), 2);
        TinyRuns.Run pulled = run(every, 2);
        MethodState first = pulled.states().getFirst();
        FedMef.PullTask task = (FedMef.PullTask) every.task(first);
        assertEquals(List.of("conv3.weight", "fc.weight"), task.marked().stream()
                .map(layer -> TinyRuns.NETWORK.parameters().get(layer.parameter()).name()).toList(), "those whose turn it is next");
        assertFalse(usual.task(first) instanceof FedMef.PullTask);
        assertTrue(task.layers().isEmpty(), "nothing grows");
        // The same rate and the same data: only the penalty differs.
        int p = TinyRuns.NETWORK.indexOf("conv3.weight");
        int marked = task.marked().getFirst().limit();
        assertTrue(size(pulled.states().get(1).model(), first, p, marked) < 0.8 * size(gentle.states().get(1).model(), first, p, marked),
                "what is likely to go is pulled to 0");
        assertEquals(plan.learningRate(0) * 2, new FedMef(DENSITY, SCHEDULE, 1, 1, true, Double.POSITIVE_INFINITY)
                .learningRate(plan, first), 1e-12);
        assertEquals(0.22, every.learningRate(plan, first), "raised up to the cap");
        assertEquals(plan.learningRate(0), usual.learningRate(plan, first));
        FedMef low = new FedMef(DENSITY, SCHEDULE, 1, 1, true, 1e-6);
        assertEquals(plan.learningRate(0), low.learningRate(plan, first), "a cap below the schedule lowers nothing");
        MethodState last = new MethodState(TinyRuns.EVERY_OTHER.until(), first.model(), 0, 0, first.acknowledged(), first.costs(),
                first.memory());
        assertFalse(every.task(last) instanceof FedMef.PullTask, "not from R_stop on");
        assertThrows(IllegalArgumentException.class, () -> new FedMef(DENSITY, SCHEDULE, 1, 1, true, 0));
    }

    /** Mean |w| of the weights that were smallest before. */
    private static double size(ModelState after, MethodState before, int parameter, int count) {
        int[] places = dev.fedtiny.engine.pruning.Magnitude.smallest(before.model().values(parameter), count);
        return Arrays.stream(places).mapToDouble(place -> Math.abs(after.values(parameter)[place])).average().orElseThrow();
    }

    @Test
    void fedRtsLearnsOfActiveWeightsInEveryRound() {
        AdjustmentSchedule entire = new AdjustmentSchedule(2, 9, Granularity.ENTIRE, Order.BACKWARD);
        TinyRuns.Run usual = run(new FedRts(DENSITY, Optional.of(entire), 10, 0.5), 3);
        TinyRuns.Run every = run(new FedRts(DENSITY, Optional.of(entire), 10, 0.5, true), 3);
        assertTrue(TinyRuns.sameBits(usual.states().get(2).model(), every.states().get(2).model()), "until masks change");
        List<PositionPosterior> before = ((Posteriors) every.states().get(1).memory()).layers();
        assertEquals(PositionPosterior.uniform(288), ((Posteriors) usual.states().get(1).memory()).layers().getFirst());
        MethodState start = every.states().getFirst();
        for (int i = 0; i < before.size(); i++) {
            Mask mask = start.model().mask(TinyRuns.NETWORK.prunable().get(i));
            PositionPosterior layer = before.get(i);
            double rises = 0;
            for (int position = 0; position < mask.size(); position++) {
                float told = layer.alpha()[position] + layer.beta()[position];
                assertEquals(mask.contains(position) ? 12 : 2, told, 1e-4, "λ is added where there is an outcome, and only there");
                rises += layer.alpha()[position] - 1;
            }
            // X is 1 for κ_l positions of the mean and of every device.
            int kept = mask.count() - Math.min(mask.size() - mask.count(), (int) (0.4 * mask.count()));
            assertEquals(10.0 * kept, rises, 1e-2 * kept);
        }
        assertNotEquals(usual.states().get(3).model().masks(), every.states().get(3).model().masks(), "what was learnt decides");
        assertEquals(usual.states().get(3).model().prunableActive(), every.states().get(3).model().prunableActive());
        // Layers whose turn it is not are observed, too.
        TinyRuns.Run blocks = run(new FedRts(DENSITY, SCHEDULE, 10, 0.5, true), 3);
        PositionPosterior first = ((Posteriors) blocks.states().get(3).memory()).layers().getFirst();
        Mask mask = blocks.states().get(2).model().mask(TinyRuns.NETWORK.prunable().getFirst());
        for (int position = 0; position < mask.size(); position++) {
            assertEquals(mask.contains(position) ? 32 : 2, first.alpha()[position] + first.beta()[position], 1e-3);
        }
        float[] copy = first.alpha().clone();
        first.observed(new double[copy.length], 1, mask);
        assertArrayEquals(copy, first.alpha(), "a posterior stays");
    }

    @Test
    void pretrainingHasItsOwnAugmentation() {
        TrainingPlan usual = TinyRuns.plan(1);
        PretrainingPlan plain = new PretrainingPlan(2, 4, 0.05, InitialValues.drawn(false), Augmentation.NONE);
        TrainingPlan other = new TrainingPlan(usual.network(), usual.seed(), usual.schedule(), usual.local(), plain);
        LocalPlan quiet = new LocalPlan(2, 16, usual.local().optimizer(), Augmentation.NONE);
        TrainingPlan none = new TrainingPlan(usual.network(), usual.seed(), usual.schedule(), quiet, plain);
        ModelState augmented = pretrained(usual);
        assertFalse(TinyRuns.sameBits(augmented, pretrained(other)));
        assertTrue(TinyRuns.sameBits(pretrained(none), pretrained(other)), "that of devices does not matter");
    }

    private static ModelState pretrained(TrainingPlan plan) {
        try (FederationContext context = FederationContext.inProcess(plan, TinyRuns.DATA, 1, 1)) {
            return context.pretrain().model();
        }
    }
}
