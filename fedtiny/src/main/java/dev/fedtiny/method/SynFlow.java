package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
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
import java.util.function.Function;

/**
 * SynFlow (Tanaka et al., NeurIPS 2020) at the server, without data: the score of a weight is |w·∂R/∂w|, where R is the sum of the outputs
 * for an input of ones when all weights and γ are replaced by their absolute values, β and biases by 0, running means by 0 and variances by
 * 1. The mask stays afterwards.
 *
 * <p>Deviations: the pretrained model is scored, so that all methods start alike. R is homogeneous in the input and overflows single
 * precision in deep networks, so input and output gradient are scaled by powers of two; scores are the same up to one factor.
 *
 * @param density d in (0, 1]
 * @param steps after step i the density is d^(i/steps)
 * @param scope whether weights compete within their layer or all together
 * @param absolute as the published code of its authors: of β, biases and running means the absolute values, running variances as they are,
 *        instead of 0, 0, 0 and 1
 */
public record SynFlow(double density, int steps, ScoreScope scope, boolean absolute) implements StaticMaskMethod {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "synflow";
    /** Steps in which the density comes down. */
    public static final SettingSpec<Integer> STEPS = SettingSpec.whole("synflow-steps", "100",
            "synflow: steps in which the density comes down, exponentially", new Numbers.Whole(1, ScorePruning.MOST_STEPS, "steps"));
    /** What normalisations and biases are. */
    public static final SettingSpec<Boolean> ABSOLUTE = SettingSpec.bool("synflow-absolute", "false",
            "synflow: whether biases, beta and running means count with their absolute values and running variances as they are, as in "
            + "its authors' code, or as 0 and 1: true or false");
    /** Steps used by default. */
    public static final int USUAL_STEPS = 100;

    /**
     * With β, biases and running means 0 and variances 1.
     *
     * @param density d in (0, 1]
     * @param steps after step i the density is d^(i/steps)
     * @param scope whether weights compete within their layer or all together
     */
    public SynFlow(double density, int steps, ScoreScope scope) {
        this(density, steps, scope, false);
    }

    /** Checks the ranges. */
    public SynFlow {
        Adjusting.checkDensity(density);
        Objects.requireNonNull(scope, "scope");
        if (steps < 1) {
            throw new IllegalArgumentException("synflow: " + steps + " steps, expected at least 1");
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
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        long start = System.nanoTime();
        ModelState model = pretrained.model();
        PositiveNetwork flow = absolute ? new AbsoluteFlow(model.network()) : new SynapticFlow(model.network());
        long flops = 0;
        try (SessionCache sessions = context.sessions()) {
            for (int step = 1; step <= steps; step++) {
                flops = Exact.sum("FLOPs of scoring", flops, stepFlops(flow.positive(model, 1)));
                ModelState scored = model;
                List<float[]> scores = ScorePruning.scores(NAME, () -> scores(scored, flow, positive -> sessions.session(positive,
                        Mode.TRAINING, 1, context.plan().serverSessions())));
                double target = step == steps ? density : StrictMath.pow(density, (double) step / steps);
                model = ScorePruning.keep(model, scores, target, scope);
            }
        }
        ScoringReport report = new ScoringReport(steps, 1, new Costs(Traffic.NONE, flops, System.nanoTime() - start));
        return context.start(pretrained, model, report, new AlgorithmState.None());
    }

    /** A pass that finds the scale, and one with its gradients. */
    private static long stepFlops(ModelState model) {
        return Exact.sum("FLOPs of scoring", ExactCost.forwardFlops(model, 1), ExactCost.trainingFlops(model, 1));
    }

    @Override
    public long scoringFlops(TrainingPlan plan, int publicImages) {
        return ScorePruning.flops(plan.network(), steps, step -> StrictMath.pow(density, (double) step / steps), SynFlow::stepFlops);
    }

    /** The network that paths are summed in. Its outputs are scaled as its input and everything that it adds is, all by one factor. */
    interface PositiveNetwork {
        /**
         * The network with no negative weight, under the masks of a model.
         *
         * @param scale of what it adds, as that of the input
         */
        ModelState positive(ModelState model, double scale);
    }

    /** As {@link #scores(Session, ModelState, ModelState, double)}, after a pass that finds the scale. */
    private static List<float[]> scores(ModelState model, PositiveNetwork network, Function<ModelState, Session> sessions) {
        double scale = 0x1p-60;
        double total = flow(sessions.apply(network.positive(model, scale)), scale);
        if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
            throw new ArithmeticException("synflow: the sum of all paths is " + total / scale + " at density " + model.density()
                    + ", expected a positive number; 0: no path from input to output is left; use a larger density or more steps");
        }
        double better = StrictMath.scalb(1.0, Math.clamp(-Math.getExponent(total / scale) / 2, -100, 100));
        ModelState positive = network.positive(model, better);
        return scores(sessions.apply(positive), model, positive, better);
    }

    /** |w·∂R/∂w| · scale² of every active prunable weight, for an input and an output gradient of {@code scale}. */
    static List<float[]> scores(Session session, ModelState model, ModelState positive, double scale) {
        flow(session, scale);
        float[] outputs = new float[positive.network().classes()];
        Arrays.fill(outputs, (float) scale);
        session.backward(outputs);
        List<float[]> scores = new ArrayList<>();
        for (int p : model.network().prunable()) {
            int q = positive.network().indexOf(model.network().parameters().get(p).name());
            float[] gradient = session.gradient(q);
            float[] values = positive.values(q);
            float[] score = new float[values.length];
            for (int j = 0; j < score.length; j++) {
                score[j] = Math.abs(gradient[j] * values[j]);
            }
            scores.add(score);
        }
        return scores;
    }

    /** The sum of the outputs for an input of {@code scale} everywhere. */
    private static double flow(Session session, double scale) {
        float[] input = new float[session.network().input().size()];
        Arrays.fill(input, (float) scale);
        session.setImages(input, 1);
        session.forward(1);
        double sum = 0;
        for (float output : session.outputs()) {
            sum += output;
        }
        return sum;
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
            return "one mask by synaptic flow, without data";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, ScorePruning.SCOPE, STEPS, ABSOLUTE);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new SynFlow(settings.density(), settings.get(STEPS), settings.get(ScorePruning.SCOPE),
                    settings.get(ABSOLUTE));
        }
    }
}
