package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.GrowAndPrune;
import dev.fedtiny.pruning.Magnitude;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.List;
import java.util.Optional;

/**
 * FedMef (Huang et al., "FedMef: Towards Memory-efficient Federated Dynamic Pruning", CVPR 2024): the adjustment of {@link FedTiny} from a
 * uniform magnitude mask, with budget-aware extrusion and scaled activation pruning. Extrusion: in an adjustment round an L2 penalty pulls
 * the a_l smallest weights of every layer adjusted, which are likely to go, to 0, so that what they know moves to the others, and the
 * learning rate is raised by the budget that remains: lr·(1 + (R_stop − r)/R_stop). Activation pruning: in every backward pass the inputs
 * of convolutions are cut to their largest values before gradients of weights are taken.
 *
 * <p>Deviations: the penalty lasts for the epochs of the adjustment round, and the form of the raised rate is a reading; activations
 * are not rescaled by weight standardisation, since the networks compared have batch normalisation; see
 * {@link dev.fedtiny.engine.session.Session#keepActivations} for what is cut, and that no memory is saved here.
 *
 * @param density d in (0, 1], of every prunable layer
 * @param schedule of the adjustments; empty: the mask stays
 * @param penalty λ of the extrusion, at least 0
 * @param activationShare of every activation map that backward passes keep, in (0, 1]; 1: all
 */
public record FedMef(double density, Optional<AdjustmentSchedule> schedule, double penalty, double activationShare) implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedmef";
    /** λ. */
    public static final SettingSpec<Double> PENALTY = SettingSpec.decimal("fedmef-penalty", "0.01",
            "fedmef: L2 penalty on weights that are likely to be pruned next", new Numbers.Decimal(0, true, Double.MAX_VALUE, ""));
    /** Share of activations. */
    public static final SettingSpec<Double> ACTIVATIONS = SettingSpec.decimal("fedmef-activations", "0.3",
            "fedmef: share of every activation map that backward passes keep; 1: all", new Numbers.Decimal(0, false, 1, "share"));
    /** λ by default. */
    public static final double USUAL_PENALTY = 0.01;
    /** Share of activations by default. */
    public static final double USUAL_ACTIVATION_SHARE = 0.3;

    /** Checks the ranges. */
    public FedMef {
        Adjusting.checkDensity(density);
        if (!(penalty >= 0 && penalty < Double.POSITIVE_INFINITY && activationShare > 0 && activationShare <= 1)) {
            throw new IllegalArgumentException("fedmef: penalty " + penalty + " and share of activations " + activationShare
                    + ", expected a finite penalty of at least 0 and a share above 0 and at most 1");
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
        return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Adjusting.warnings(schedule, context.plan()),
                new AlgorithmState.Grown());
    }

    @Override
    public LocalTask task(MethodState state) {
        List<GrowthRequest> layers = Adjusting.requests(schedule, state);
        return new LocalTask.Extrude(layers, penalty, activationShare);
    }

    @Override
    public double learningRate(TrainingPlan plan, int round) {
        double rate = FederatedRound.learningRate(plan, round);
        return schedule.isPresent() && schedule.get().adjusts(round)
                ? rate * (1 + (double) (schedule.get().until() - round) / schedule.get().until()) : rate;
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        LocalTask task = task(state);
        GrowthAverage average = new GrowthAverage(context.aggregation(), task.layers());
        FederatedRound round = FederatedRound.run(context, state, task, learningRate(context.plan(), state.round()), average);
        ModelState mean = average.in(state.model());
        if (!round.somebody() || !Adjusting.adjusts(schedule, state)) {
            return round.unchanged(mean);
        }
        MaskChange change = MaskChange.of(state.model(), GrowAndPrune.apply(mean, average.gradients()).state(), task.layers(),
                AlgorithmState.Grown.of(state.memory()));
        return round.adjusted(change, change.grown());
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
            return "FedTiny's adjustment with extrusion and pruned activations";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, AdjustmentSettings.PROGRESSIVE,
                    PENALTY, ACTIVATIONS);
        }

        @Override
        public void check(MethodSettings settings) {
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            return new FedMef(settings.density(), AdjustmentSettings.schedule(settings), settings.get(PENALTY), settings.get(ACTIVATIONS));
        }
    }
}
