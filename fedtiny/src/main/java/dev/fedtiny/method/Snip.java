package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.BatchLoader;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.SessionCache;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * SNIP (Lee, Ajanthan, Torr, ICLR 2019) at the server: the score of a weight is |g·w| on the public set, the mask stays afterwards.
 *
 * <p>Deviations: the pretrained model is scored, so that all methods start alike, and the density comes down in several steps on a linear
 * schedule, as iterative variants do, since one step at densities of 0.01 and less empties layers.
 *
 * @param density d in (0, 1]
 * @param steps after step i the density is 1 − (1 − d)·i/steps
 * @param scope whether weights compete within their layer or all together
 * @param mode how batch normalisation and dropout work while gradients are taken
 */
public record Snip(double density, int steps, ScoreScope scope, Scoring mode) implements StaticMaskMethod {
    /** How the network computes while it is scored. */
    public enum Scoring {
        /** As in training: every batch by its own statistics. */
        TRAINING,
        /** As in evaluation: by the running statistics, without dropout; what the authors of FedTiny do. */
        EVALUATION
    }

    /** The name in files, tables and on the command line. */
    public static final String NAME = "snip";
    /** Steps in which the density comes down. */
    public static final SettingSpec<Integer> STEPS = SettingSpec.whole("snip-steps", "5",
            "snip: steps in which the density comes down, linearly", new Numbers.Whole(1, ScorePruning.MOST_STEPS, "steps"));
    /** How the network computes while it is scored. */
    public static final SettingSpec<Scoring> MODE = SettingSpec.choice("snip-mode", "training",
            "snip: whether scores are gradients of the network as it computes in training, or in evaluation (running statistics, as the "
            + "authors of FedTiny do): training or evaluation", Scoring.class);
    /** Steps used by default. */
    public static final int USUAL_STEPS = 5;

    /**
     * Scored as in training.
     *
     * @param density d in (0, 1]
     * @param steps after step i the density is 1 − (1 − d)·i/steps
     * @param scope whether weights compete within their layer or all together
     */
    public Snip(double density, int steps, ScoreScope scope) {
        this(density, steps, scope, Scoring.TRAINING);
    }

    /** Checks the ranges. */
    public Snip {
        Objects.requireNonNull(mode, "mode");
        Adjusting.checkDensity(density);
        Objects.requireNonNull(scope, "scope");
        if (steps < 1) {
            throw new IllegalArgumentException("snip: " + steps + " steps, expected at least 1");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.STATIC;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public boolean needsPublicSet() {
        return true;
    }

    @Override
    public InitOutcome init(FederationContext context) {
        checkPublicSet(context.publicSet());
        Pretraining.Outcome pretrained = context.pretrain(promise());
        long start = System.nanoTime();
        Dataset images = context.publicSet();
        ModelState model = pretrained.model();
        EvaluationNetwork evaluation = new EvaluationNetwork(model.network());
        long flops = 0;
        try (SessionCache sessions = context.sessions()) {
            for (int step = 1; step <= steps; step++) {
                flops = Exact.sum("FLOPs of scoring", flops, ExactCost.trainingFlops(model, images.count()));
                ModelState scored = mode == Scoring.EVALUATION ? evaluation.of(model) : model;
                List<float[]> scores = ScorePruning.scores(NAME, () -> scores(scored, images, sessions, context.plan()));
                model = ScorePruning.keep(model, scores, step == steps ? density : 1 - (1 - density) * step / steps, scope);
            }
        }
        ScoringReport report = new ScoringReport(steps, images.count(), new Costs(Traffic.NONE, flops, System.nanoTime() - start));
        return context.start(pretrained, model, report, new AlgorithmState.None());
    }

    @Override
    public long scoringFlops(TrainingPlan plan, int publicImages) {
        return ScorePruning.flops(plan.network(), steps, step -> 1 - (1 - density) * step / steps,
                model -> ExactCost.trainingFlops(model, publicImages));
    }

    /** |g·w| of every active prunable weight, g the gradient of the mean loss over all batches; no augmentation. */
    private static List<float[]> scores(ModelState model, Dataset images, SessionCache sessions, TrainingPlan plan) {
        int[] order = new int[images.count()];
        Arrays.setAll(order, i -> i);
        Session session = sessions.session(model, Mode.TRAINING, Math.min(plan.pretraining().batch(), images.count()),
                BatchLoader.options(plan.serverSessions(), images, Augmentation.NONE));
        BatchLoader loader = BatchLoader.forImagesOf(images);
        List<Integer> prunable = model.network().prunable();
        double[][] sums = prunable.stream().map(p -> new double[model.mask(p).count()]).toArray(double[][]::new);
        for (int from = 0; from < order.length; from += session.batch()) {
            int count = Math.min(session.batch(), order.length - from);
            loader.load(images, order, from, count, session);
            BatchLoader.loadLabels(images, order, from, count, session.network().classes(), session.labels());
            session.forward(count);
            session.backward();
            for (int i = 0; i < sums.length; i++) {
                float[] gradient = session.gradient(prunable.get(i));
                for (int j = 0; j < gradient.length; j++) {
                    sums[i][j] += (double) count * gradient[j];
                }
            }
        }
        List<float[]> scores = new ArrayList<>();
        for (int i = 0; i < sums.length; i++) {
            float[] values = model.values(prunable.get(i));
            float[] score = new float[values.length];
            for (int j = 0; j < score.length; j++) {
                score[j] = (float) Math.abs(sums[i][j] / order.length * values[j]);
            }
            scores.add(score);
        }
        return scores;
    }

    /** Finds the method by its name. */
    public static final class Provider implements MethodProvider {
        /** For the service loader. */
        public Provider() {
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String description() {
            return "one mask by connection sensitivity on the public set";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, ScorePruning.SCOPE, STEPS, MODE);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new Snip(settings.density(), settings.get(STEPS), settings.get(ScorePruning.SCOPE), settings.get(MODE));
        }
    }
}
