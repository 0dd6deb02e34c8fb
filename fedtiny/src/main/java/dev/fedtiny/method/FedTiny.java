package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.SelectionVote;
import dev.fedtiny.protocol.CandidatePoolMessage;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.CandidatePool;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * FedTiny (Huang et al., ICDCS 2023, arXiv 2212.01977): adaptive batch-normalisation selection of a coarse mask, then federated training
 * with progressive pruning.
 *
 * @param density d in (0, 1], over the prunable weights
 * @param pool C, how many candidates stage one draws, usually {@link dev.fedtiny.pruning.CandidatePool#defaultSize}; unused by
 *        {@link Selection#NONE} and at density 1
 * @param selection how the coarse mask is picked
 * @param schedule of progressive pruning; empty: the mask stays
 * @param selectionSample devices asked in stage one, a seeded sample without replacement; 0: all, or {@link #USUAL_SELECTION_SAMPLE} where
 *        there are more; at least K: all
 */
public record FedTiny(double density, int pool, Selection selection, Optional<AdjustmentSchedule> schedule, int selectionSample)
        implements Method {
    /** The name in files, tables and on the command line. */
    public static final String NAME = "fedtiny";
    /** How the first mask is chosen. */
    public static final SettingSpec<Selection> SELECTION = SettingSpec.choice("selection", "adaptive",
            "choice of the first mask: adaptive, vanilla or none", Selection.class);
    /** Devices of stage one. */
    public static final SettingSpec<Integer> SELECTION_SAMPLE = SettingSpec.whole("selection-sample", "0",
            "devices that choose the first mask, a seeded draw; each goes at least ten "
            + "times through its development data for every candidate; 0: all, or 100 where there are more",
            new Numbers.Whole(0, Numbers.MOST_WHOLE, "devices"));
    /** C. */
    public static final SettingSpec<Integer> POOL = SettingSpec.whole("pool", "0", "candidates of stage one; 0: 0.1 / density, rounded up",
            new Numbers.Whole(0, CandidatePoolMessage.MAXIMUM_CANDIDATES, "candidates"));
    /** The most devices asked in stage one unless more are wanted. */
    public static final int USUAL_SELECTION_SAMPLE = 100;

    /**
     * With the usual sample of devices in stage one.
     *
     * @param density d in (0, 1]
     * @param pool C, how many candidates stage one draws
     * @param selection how the coarse mask is picked
     * @param schedule of progressive pruning; empty: the mask stays
     */
    public FedTiny(double density, int pool, Selection selection, Optional<AdjustmentSchedule> schedule) {
        this(density, pool, selection, schedule, 0);
    }

    /** Checks the ranges. */
    public FedTiny {
        Adjusting.checkDensity(density);
        if (pool < 1) {
            throw new IllegalArgumentException("pool of " + pool + " candidates, expected at least 1");
        }
        if (selectionSample < 0) {
            throw new IllegalArgumentException("sample of " + selectionSample + " devices in stage one, expected 0 (the usual) or more");
        }
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(schedule, "schedule");
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
        List<String> warnings = Adjusting.warnings(schedule, context.plan());
        AlgorithmState memory = new GrownPositions();
        if (density == 1) {
            return context.start(pretrained, pretrained.model(), warnings, memory);
        }
        if (selection == Selection.NONE) {
            return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), warnings, memory);
        }
        BatchNormSelection.Outcome selected = BatchNormSelection.run(context, pretrained.model(), this);
        return context.start(pretrained, selected, warnings, memory);
    }

    @Override
    public Optional<SelectionReport> select(FederationContext context, ModelState pretrained) {
        return density == 1 || selection == Selection.NONE ? Optional.empty()
                : Optional.of(BatchNormSelection.run(context, pretrained, this).report());
    }

    /**
     * Devices asked in stage one, ascending: all, or a sample of its own random stream.
     *
     * @param roster devices that may be asked, ascending
     * @param seed of the run
     * @param attempt 0, or from 1 on when stage one is attempted again
     */
    List<Integer> selectionParticipants(List<Integer> roster, long seed, int attempt) {
        return TrainingPlan.sample(roster, selectionSample == 0 ? USUAL_SELECTION_SAMPLE : selectionSample,
                () -> attempt == 0 ? RandomStream.of(seed, "selection-participants")
                        : RandomStream.of(seed, "selection-participants", attempt));
    }

    /** Weighted means, ballots where it grows, and in stage one sums of losses: a median of devices' losses needs each of them. */
    @Override
    public Optional<String> refusesSums(Robustness robustness) {
        return density < 1 && selection != Selection.NONE && robustness.vote() == SelectionVote.MEDIAN
                ? Optional.of("stage one compares candidates by the median of single devices' losses; use selection-vote = mean, or "
                + "selection = none") : Optional.empty();
    }

    @Override
    public Optional<String> refusesNoise(Robustness robustness) {
        if (schedule.isPresent()) {
            return Optional.of("growth goes by the devices' gradients, which lie outside of the mechanism; use progressive = false");
        }
        return density < 1 && selection != Selection.NONE ? Optional.of("stage one goes by what devices measure on their data, which lies "
                + "outside of the mechanism; use selection = none") : Optional.empty();
    }

    @Override
    public LocalTask task(MethodState state) {
        List<GrowthRequest> layers = Adjusting.requests(schedule, state);
        return layers.isEmpty() ? new PlainTraining() : new GrowTask(layers);
    }

    @Override
    public RoundStep step(FederationContext context, MethodState state) {
        return new GrowthStep(context.aggregation(), state.model(), adjusts(state), task(state).layers());
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
            return "adaptive batch-normalisation selection of a coarse mask, then progressive pruning";
        }

        @Override
        public List<SettingSpec<?>> settings() {
            return List.of(MethodSettings.DENSITY, AdjustmentSettings.EVERY, AdjustmentSettings.UNTIL, AdjustmentSettings.SHARE,
                    AdjustmentSettings.GROWTH_BATCH, AdjustmentSettings.GRANULARITY,
                    AdjustmentSettings.ORDER, SELECTION,
                    AdjustmentSettings.PROGRESSIVE, SELECTION_SAMPLE, POOL);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of(GrowTask.KIND);
        }

        @Override
        public void check(MethodSettings settings) {
            int sample = settings.get(SELECTION_SAMPLE);
            if (sample > settings.devices()) {
                throw new IllegalArgumentException(SELECTION_SAMPLE.key() + " = '" + sample + "', expected at most devices = "
                        + settings.devices());
            }
            AdjustmentSettings.schedule(settings);
        }

        @Override
        public Method create(MethodSettings settings) {
            int pool = settings.get(POOL);
            return new FedTiny(settings.density(), pool == 0 ? CandidatePool.defaultSize(settings.density()) : pool,
                    settings.get(SELECTION),
                    AdjustmentSettings.schedule(settings), settings.get(SELECTION_SAMPLE));
        }
    }
}
