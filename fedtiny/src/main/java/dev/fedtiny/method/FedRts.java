package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Magnitude;
import dev.fedtiny.pruning.PositionPosterior;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * FedRTS (NeurIPS 2025, federated robust pruning by Thompson sampling): whether a weight should be kept is a Beta variable, Beta(1, 1) at
 * first. Every adjustment observes an outcome X in [0, 1] for each position of a layer, α ← α + λ·X, β ← β + λ·(1 − X), and keeps the m_l
 * positions of largest sample. For a kept weight X = γ·[in the averaged model's top κ_l by |w|] + (1 − γ)·Σ p_k·[in device k's top κ_l],
 * with κ_l = ⌈m_l − 0.2·(1 + cos(π·r/R_stop))·m_l⌉. A pruned one is voted for when it is in a device's top m_l − κ_l gradients; only
 * positions travel.
 *
 * <p>Deviations: for a pruned position X = γ·[in the m_l − κ_l positions of most votes] + (1 − γ)·Σ p_k·[voted for by device k], since
 * gradient values are not sent; the layers of an adjustment follow the common schedule; the start is a uniform magnitude mask.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments; empty: the mask stays
 * @param weight λ of an outcome, above 0
 * @param globalShare γ, what the averaged model counts against the devices, in [0, 1]
 */
public record FedRts(double density, Optional<AdjustmentSchedule> schedule, double weight, double globalShare) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedrts";
    /** λ. */
    public static final SettingSpec<Double> WEIGHT = SettingSpec.decimal("fedrts-weight", "10",
            "fedrts: weight of an outcome in the Beta variables", new Numbers.Decimal(0, false, Double.MAX_VALUE, ""));
    /** γ. */
    public static final SettingSpec<Double> GLOBAL_SHARE = SettingSpec.decimal("fedrts-global-share", "0.5",
            "fedrts: what the averaged model counts against the devices", new Numbers.Decimal(0, true, 1, "share"));
    /** λ by default. */
    public static final double USUAL_WEIGHT = 10;
    /** γ by default. */
    public static final double USUAL_GLOBAL_SHARE = 0.5;

    /** Checks the ranges. */
    public FedRts {
        Adjusting.checkDensity(density);
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY && globalShare >= 0 && globalShare <= 1)) {
            throw new IllegalArgumentException("fedrts: weight " + weight + " and global share " + globalShare
                    + ", expected a positive weight and a share from 0 to 1");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.GROWTH_IN_ONE_BATCH;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        List<PositionPosterior> posteriors = context.plan().network().prunable().stream()
                .map(p -> PositionPosterior.uniform(context.plan().network().parameters().get(p).size())).toList();
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Adjusting.warnings(schedule, context.plan()),
                new AlgorithmState.Posteriors(schedule.isPresent() ? posteriors : List.of(), new AlgorithmState.Grown()));
    }

    /** m_l − κ_l of every layer whose turn it is, at most as many as are pruned. */
    private List<GrowthRequest> requests(MethodState state) {
        if (!Adjusting.adjusts(schedule, state)) {
            return List.of();
        }
        AdjustmentSchedule s = schedule.get();
        double share = 0.2 * (1 + StrictMath.cos(StrictMath.PI * state.round() / s.until()));
        return s.layers(state.model().network(), state.adjustments()).stream().map(p -> {
            Mask mask = state.model().mask(p);
            return new GrowthRequest(p, Math.min(mask.size() - mask.count(), (int) StrictMath.floor(share * mask.count())));
        }).filter(request -> request.limit() > 0).toList();
    }

    @Override
    public LocalTask task(MethodState state) {
        List<GrowthRequest> layers = requests(state);
        return layers.isEmpty() ? new LocalTask.Ordinary() : new LocalTask.Vote(layers);
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        LocalTask task = task(state);
        List<GrowthRequest> layers = task.layers();
        Aggregation rule = context.aggregation();
        Aggregation.Average average = rule.average();
        double[][] votes = layers.stream().map(layer -> new double[state.model().mask(layer.parameter()).size()]).toArray(double[][]::new);
        FederatedRound round = FederatedRound.run(context, state, task, (_, update) -> {
            double weight = rule.weight(update.samples());
            average.add(weight, update.values());
            for (int i = 0; i < votes.length; i++) {
                int p = layers.get(i).parameter();
                Mask mask = state.model().mask(p);
                count(votes[i], weight, top(mask, update.values().get(p), layers.get(i)).indices());
                count(votes[i], weight, ((LocalResult.Votes) update.result()).positions().get(i));
            }
        });
        if (!round.somebody()) {
            return round.unchanged(state.model());
        }
        ModelState mean = average.in(state.model());
        if (!Adjusting.adjusts(schedule, state)) {
            return round.unchanged(mean);
        }
        AlgorithmState.Posteriors memory = (AlgorithmState.Posteriors) state.memory();
        List<PositionPosterior> posteriors = new ArrayList<>(memory.layers());
        List<Mask> masks = new ArrayList<>(mean.masks());
        for (int i = 0; i < votes.length; i++) {
            int p = layers.get(i).parameter();
            int place = mean.network().prunable().indexOf(p);
            Mask mask = mean.mask(p);
            double[] outcomes = outcomes(votes[i], average.weights(), mask, top(mask, mean.values(p), layers.get(i)),
                    layers.get(i).limit());
            posteriors.set(place, posteriors.get(place).observed(outcomes, weight));
            masks.set(p, posteriors.get(place).sample(mask.count(), RandomStream.of(context.plan().seed(), "thompson", state.round(), p)));
        }
        MaskChange change = MaskChange.of(state.model(), mean.masked(masks), layers, memory.grown());
        return round.adjusted(change, new AlgorithmState.Posteriors(posteriors, change.grown()));
    }

    /** The κ_l largest of a layer's kept weights. */
    private static Mask top(Mask mask, float[] values, GrowthRequest layer) {
        return Magnitude.keepLargest(mask, values, mask.count() - layer.limit());
    }

    private static void count(double[] votes, double samples, int[] positions) {
        for (int position : positions) {
            votes[position] += samples;
        }
    }

    /** X of every position of a layer. */
    private double[] outcomes(double[] votes, double samples, Mask mask, Mask globalTop, int limit) {
        double[] outcomes = new double[votes.length];
        float[] pruned = new float[votes.length];
        for (int i = 0; i < votes.length; i++) {
            outcomes[i] = (1 - globalShare) * votes[i] / samples;
            pruned[i] = mask.contains(i) ? 0 : (float) votes[i];
        }
        for (int i = 0; i < globalTop.count(); i++) {
            outcomes[globalTop.index(i)] += globalShare;
        }
        int[] ranking = Magnitude.ranking(pruned);
        for (int i = 0; i < limit && pruned[ranking[i]] > 0; i++) {
            outcomes[ranking[i]] += globalShare;
        }
        return outcomes;
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
            return "masks drawn by Thompson sampling from votes of the devices";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, AdjustmentSettings.PROGRESSIVE,
                    WEIGHT, GLOBAL_SHARE);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FedRts(settings.density(), AdjustmentSettings.schedule(settings), settings.get(WEIGHT), settings.get(GLOBAL_SHARE));
        }
    }
}
