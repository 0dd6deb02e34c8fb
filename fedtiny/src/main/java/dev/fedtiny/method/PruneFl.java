package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.GrowAndPrune;
import dev.fedtiny.pruning.LayerGradient;
import dev.fedtiny.pruning.Magnitude;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * PruneFL (Jiang et al., "Model Pruning Enables Efficient Federated Learning on Edge Devices", TNNLS 2022): devices sum the squared
 * gradients of <em>all</em> prunable weights over all local steps, and in an adjustment round upload them. That is its price: a dense
 * weight gradient in every step, a dense buffer (4 bytes a position, pruned or kept), and 4 bytes a position sent.
 *
 * <p>Deviations: it starts from a magnitude mask at the target density of the pretrained model and the density is constant: in every layer
 * the a_l smallest |w| leave and the a_l pruned positions of largest importance enter at 0, all layers at once. A device keeps nothing
 * between rounds, so that a run can resume from the server's state: the importance that counts is that of all steps of the adjustment
 * round. The other rounds up to R_stop sum theirs too and drop it, as dear as in the paper, where the sum runs on; {@code everyRound} false
 * leaves that out and changes no weight.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments, of which granularity and order do not matter; empty: the mask stays
 * @param everyRound whether rounds without an adjustment pay for the dense gradient too
 */
public record PruneFl(double density, Optional<AdjustmentSchedule> schedule, boolean everyRound) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "prunefl";
    /** Whether rounds without an adjustment pay too. */
    public static final SettingSpec<Boolean> EVERY_ROUND = SettingSpec.bool("prunefl-every-round", "true",
            "prunefl: whether rounds up to adjust-until pay for the dense gradient also when they do not adjust: true or false");

    /** Checks the range. */
    public PruneFl {
        Adjusting.checkDensity(density);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CostClass costClass() {
        return CostClass.DENSE_GRADIENT_EVERY_STEP;
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain(promise());
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density),
                schedule.isPresent() && schedule.get().adjustments(context.plan().rounds()) == 0
                        ? Adjusting.warnings(schedule, context.plan()) : List.of(), new AlgorithmState.Grown());
    }

    @Override
    public LocalTask task(MethodState state) {
        boolean adjusts = Adjusting.adjusts(schedule, state);
        boolean pays = everyRound && schedule.isPresent() && state.round() < schedule.get().until();
        return adjusts || pays ? new LocalTask.Accumulate(adjusts) : new LocalTask.Ordinary();
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        Aggregation rule = context.aggregation();
        Aggregation.Average average = rule.average();
        Aggregation.Average importance = rule.average();
        FederatedRound round = FederatedRound.run(context, state, task(state), (_, update) -> {
            average.add(rule.weight(update.samples()), update.values());
            if (update.result() instanceof LocalResult.Importance sums && !sums.squares().isEmpty()) {
                importance.add(rule.weight(update.samples()), sums.squares());
            }
        });
        if (!round.somebody()) {
            return round.unchanged(state.model());
        }
        ModelState mean = average.in(state.model());
        if (!Adjusting.adjusts(schedule, state)) {
            return round.unchanged(mean);
        }
        List<Integer> prunable = mean.network().prunable();
        List<GrowthRequest> requests = Adjusting.requests(schedule.get(), state.round(), mean, prunable);
        List<float[]> squares = importance.values();
        List<LayerGradient> entering = new ArrayList<>();
        for (GrowthRequest request : requests) {
            entering.add(largest(request, mean.mask(request.parameter()), squares.get(prunable.indexOf(request.parameter()))));
        }
        ModelState adjusted = GrowAndPrune.apply(mean, entering).state();
        MaskChange change = MaskChange.of(state.model(), adjusted, requests, AlgorithmState.Grown.of(state.memory()));
        return round.adjusted(change, change.grown());
    }

    /** The a_l pruned positions of largest importance. */
    private static LayerGradient largest(GrowthRequest request, Mask mask, float[] squares) {
        TopK top = new TopK(request.limit());
        for (int i = 0; i < squares.length; i++) {
            if (!mask.contains(i)) {
                top.offer(i, squares[i]);
            }
        }
        TopK.Entries entries = top.sorted();
        double[] values = new double[entries.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = entries.values()[i];
        }
        return new LayerGradient(request.parameter(), request.limit(), entries.indices(), values);
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
            return "masks adjusted by squared gradients of all weights";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.PROGRESSIVE,
                    EVERY_ROUND);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new PruneFl(settings.density(), AdjustmentSettings.schedule(settings), settings.get(EVERY_ROUND));
        }
    }
}
