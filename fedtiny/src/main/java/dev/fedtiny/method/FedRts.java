package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.PartSum;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.UpdateSum;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.PositionPosterior;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * FedRTS (NeurIPS 2025, federated robust pruning by Thompson sampling): whether a weight should be kept is a Beta variable, Beta(1, 1) at
 * first. Every adjustment observes an outcome X in [0, 1] for each position of a layer, α ← α + λ·X, β ← β + λ·(1 − X), and keeps the m_l
 * positions of largest sample. For an active weight X = γ·[in the averaged model's top κ_l by |w|] + (1 − γ)·Σ p_k·[in device k's top κ_l],
 * with κ_l = ⌈m_l − 0.2·(1 + cos(π·r/R_stop))·m_l⌉. A pruned one is voted for when it is in a device's top m_l − κ_l gradients; only
 * positions travel.
 *
 * <p>With {@code everyRound} the magnitudes of active weights are observed in every round before R_stop, in all layers, as in the authors'
 * code; for pruned positions there is an outcome only where a layer adjusts, since devices send gradients' positions only then. That code
 * also adjusts all layers at once (granularity {@link dev.fedtiny.pruning.Granularity#ENTIRE}).
 *
 * <p>In a secure sum devices add up, beside their values, n_k at every position of the layers asked that counts for staying: an active
 * weight in the device's own top κ_l, a pruned position it votes for, 12 bytes a position. The server learns Σ n_k and so the same
 * outcomes.
 *
 * <p>Deviations: for a pruned position X = γ·[in the m_l − κ_l positions of most votes] + (1 − γ)·Σ p_k·[voted for by device k], since
 * gradient values are not sent; the layers of an adjustment follow the common schedule; the start is a uniform magnitude mask.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments, whatever its share: that is {@link #SHARE}, which makes of its a_l the m_l − κ_l; empty: the mask
 *        stays
 * @param weight λ of an outcome, above 0
 * @param globalShare γ, what the averaged model counts against the devices, in [0, 1]
 * @param everyRound whether active weights of all layers are observed in all rounds before R_stop
 */
public record FedRts(double density, Optional<AdjustmentSchedule> schedule, double weight, double globalShare, boolean everyRound)
        implements Method {
    /** Share of a layer's active weights that an adjustment in round 0 would exchange; the paper's. */
    public static final double SHARE = 0.4;
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedrts";
    /** λ. */
    public static final SettingSpec<Double> WEIGHT = SettingSpec.decimal("fedrts-weight", "10",
            "fedrts: weight of an outcome in the Beta variables", new Numbers.Decimal(0, false, Double.MAX_VALUE, ""));
    /** γ. */
    public static final SettingSpec<Double> GLOBAL_SHARE = SettingSpec.decimal("fedrts-global-share", "0.5",
            "fedrts: what the averaged model counts against the devices", new Numbers.Decimal(0, true, 1, "share"));
    /** Which rounds are observed. */
    public static final SettingSpec<Boolean> EVERY_ROUND = SettingSpec.bool("fedrts-every-round", "false",
            "fedrts: whether the Beta variables of all layers' active weights learn in all rounds up to adjust-until, as in its authors' "
            + "code (which has granularity = entire, too), and not only where a layer adjusts: true or false");

    /**
     * With outcomes where a layer adjusts.
     *
     * @param density d in (0, 1], of every prunable layer
     * @param schedule of the adjustments; empty: the mask stays
     * @param weight λ of an outcome, above 0
     * @param globalShare γ, what the averaged model counts against the devices, in [0, 1]
     */
    public FedRts(double density, Optional<AdjustmentSchedule> schedule, double weight, double globalShare) {
        this(density, schedule, weight, globalShare, false);
    }

    /** Checks the ranges. */
    public FedRts {
        Adjusting.checkDensity(density);
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY && globalShare >= 0 && globalShare <= 1)) {
            throw new IllegalArgumentException("fedrts: weight " + weight + " and global share " + globalShare
                    + ", expected a positive weight and a share from 0 to 1");
        }
        schedule = schedule.map(given -> given.withShare(SHARE));
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
    public Optional<String> refusesParts() {
        return Optional.empty();
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        List<PositionPosterior> posteriors = context.plan().network().prunable().stream()
                .map(p -> PositionPosterior.uniform(context.plan().network().parameters().get(p).size())).toList();
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Adjusting.warnings(schedule, context.plan()),
                new Posteriors(schedule.isPresent() ? posteriors : List.of(), new GrownPositions()));
    }

    /** Layers of which only active weights are observed. */
    private List<GrowthRequest> watched(MethodState state, List<GrowthRequest> adjusted) {
        if (!everyRound || schedule.isEmpty() || state.round() >= schedule.get().until()) {
            return List.of();
        }
        List<Integer> others = new ArrayList<>(state.model().network().prunable());
        adjusted.forEach(layer -> others.remove(Integer.valueOf(layer.parameter())));
        return Adjusting.requests(schedule.get(), state.round(), state.model(), others);
    }

    @Override
    public Optional<String> refusesNoise(Robustness robustness) {
        return Optional.of("masks go by the devices' votes, which lie outside of the mechanism");
    }

    @Override
    public Optional<String> refusesSums(Robustness robustness) {
        return everyRound && schedule.isPresent() ? Optional.of("with " + EVERY_ROUND.key() + " it counts in every round, of all layers, "
                + "which "
                + "weights are among the largest of each single device's model, and only rounds that adjust ask devices for that; set "
                + EVERY_ROUND.key() + " = false") : Optional.empty();
    }

    @Override
    public LocalTask task(MethodState state) {
        List<GrowthRequest> layers = Adjusting.requests(schedule, state);
        return layers.isEmpty() ? new PlainTraining() : new VoteTask(layers);
    }

    @Override
    public AlgorithmState expectedMemory(ModelState start, int devices) {
        return new Posteriors(List.of(), new GrownPositions());
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
        return new ThompsonStep(context, state);
    }

    /** Averages the weights, counts the votes, and where the round adjusts draws masks from what is then believed. */
    private final class ThompsonStep implements RoundStep {
        private final FederationContext context;
        private final MethodState state;
        private final List<GrowthRequest> layers;
        private final List<GrowthRequest> watched;
        private final Aggregation rule;
        private final PartSum sum;
        private final double[][] votes;
        private final double[][] watchedVotes;

        ThompsonStep(FederationContext context, MethodState state) {
            this.context = context;
            this.state = state;
            this.layers = task(state).layers();
            this.rule = context.aggregation();
            this.sum = rule.parts(state.model());
            this.votes = ballots(layers);
            this.watched = watched(state, layers);
            this.watchedVotes = ballots(watched);
        }

        private double[][] ballots(List<GrowthRequest> of) {
            return of.stream().map(layer -> new double[state.model().mask(layer.parameter()).size()]).toArray(double[][]::new);
        }

        @Override
        public void take(int device, Update update) {
            take(device, state.model().masks(), update);
        }

        @Override
        public void take(int device, List<Mask> sent, Update update) {
            int weight = rule.weight(update.samples());
            sum.add(weight, sent, update.values());
            if (!sent.equals(state.model().masks())) {
                return;
            }
            for (int i = 0; i < votes.length; i++) {
                int p = layers.get(i).parameter();
                count(votes[i], weight, VoteTask.top(state.model().mask(p), update.values().get(p), layers.get(i)).indices());
                count(votes[i], weight, ((VoteTask.Votes) update.result()).positions().get(i));
            }
            for (int i = 0; i < watchedVotes.length; i++) {
                int p = watched.get(i).parameter();
                count(watchedVotes[i], weight, VoteTask.top(state.model().mask(p), update.values().get(p), watched.get(i)).indices());
            }
        }

        @Override
        public void takeSum(UpdateSum together) {
            sum.merge(together.values());
            List<double[]> counted = together.averaged().totals();
            for (int i = 0; i < votes.length; i++) {
                double[] all = votes[i];
                double[] more = counted.get(i);
                Arrays.setAll(all, position -> all[position] + more[position]);
            }
        }

        @Override
        public RoundOutcome finish(FederatedRound round) {
            if (!round.somebody()) {
                return round.unchanged(state.model());
            }
            ModelState mean = sum.model();
            // Who votes holds the whole model.
            if (sum.wholeWeights() == 0) {
                return round.unchanged(mean);
            }
            Posteriors memory = (Posteriors) state.memory();
            List<PositionPosterior> posteriors = new ArrayList<>(memory.layers());
            for (int i = 0; i < watchedVotes.length; i++) {
                int p = watched.get(i).parameter();
                int place = mean.network().prunable().indexOf(p);
                Mask mask = mean.mask(p);
                double[] outcomes = outcomes(watchedVotes[i], sum.wholeWeights(), mask,
                        VoteTask.top(mask, mean.values(p), watched.get(i)), 0);
                posteriors.set(place, posteriors.get(place).observed(outcomes, weight, mask));
            }
            if (!adjusts(state)) {
                return watched.isEmpty() ? round.unchanged(mean) : round.unchanged(mean, new Posteriors(posteriors, memory.grown()));
            }
            List<Mask> masks = new ArrayList<>(mean.masks());
            for (int i = 0; i < votes.length; i++) {
                int p = layers.get(i).parameter();
                int place = mean.network().prunable().indexOf(p);
                Mask mask = mean.mask(p);
                double[] outcomes = outcomes(votes[i], sum.wholeWeights(), mask, VoteTask.top(mask, mean.values(p), layers.get(i)),
                        layers.get(i).limit());
                posteriors.set(place, posteriors.get(place).observed(outcomes, weight));
                RandomStream stream = RandomStream.of(context.plan().seed(), "thompson", state.round(), p);
                masks.set(p, posteriors.get(place).sample(mask.count(), stream));
            }
            MaskChange change = MaskChange.of(state.model(), mean.masked(masks), layers, memory.grown());
            return round.adjusted(change, new Posteriors(posteriors, change.grown()));
        }
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
        int[] ranking = limit == 0 ? new int[0] : Magnitude.ranking(pruned);
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
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.GROWTH_BATCH,
                    AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, AdjustmentSettings.PROGRESSIVE,
                    WEIGHT, GLOBAL_SHARE, EVERY_ROUND);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of(VoteTask.KIND);
        }

        @Override
        public List<AlgorithmState.Kind> states() {
            return List.of(Posteriors.KIND);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FedRts(settings.density(), AdjustmentSettings.schedule(settings), settings.get(WEIGHT), settings.get(GLOBAL_SHARE),
                    settings.get(EVERY_ROUND));
        }
    }
}
