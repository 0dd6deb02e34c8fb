package dev.fedtiny.method;

import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.GrowthRequest;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.GrowAndPrune;
import dev.fedtiny.pruning.Magnitude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * FedTiny (Huang et al., ICDCS 2023, arXiv 2212.01977): adaptive batch-normalisation selection of a coarse mask, then federated training
 * with progressive pruning.
 *
 * @param density d in (0, 1], over the prunable weights
 * @param pool C, how many candidates stage one draws, usually {@link dev.fedtiny.pruning.CandidatePool#defaultSize}; unused by {@link Selection#NONE} and at density 1
 * @param selection how the coarse mask is picked
 * @param schedule of progressive pruning; empty: the mask stays
 */
public record FedTiny(double density, int pool, Selection selection, Optional<AdjustmentSchedule> schedule) implements Method {
    /** Checks the ranges. */
    public FedTiny {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("density is " + density + ", expected more than 0 and at most 1");
        }
        if (pool < 1) {
            throw new IllegalArgumentException("pool of " + pool + " candidates, expected at least 1");
        }
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(schedule, "schedule");
    }

    @Override
    public String name() {
        return "fedtiny";
    }

    @Override
    public DensityPromise promise() {
        return new DensityPromise(DensityPromise.Kind.CONSTANT, density);
    }

    @Override
    public InitOutcome init(FederationContext context) {
        Pretraining.Outcome pretrained = context.pretrain();
        List<String> warnings = warnings(context.plan());
        MethodMemory memory = new MethodMemory.Grown(Map.of());
        if (density == 1) {
            return context.start(pretrained, pretrained.model(), Optional.empty(), warnings, memory);
        }
        if (selection == Selection.NONE) {
            return context.start(pretrained, Magnitude.uniform(pretrained.model(), density), Optional.empty(), warnings, memory);
        }
        StageOne.Outcome selected = StageOne.run(context, pretrained.model(), density, pool, selection);
        return context.start(pretrained, selected.model(), Optional.of(selected.report()), warnings, memory);
    }

    private List<String> warnings(TrainingPlan plan) {
        if (schedule.isPresent() && schedule.get().adjustments(plan.rounds()) == 0) {
            return List.of("no round of " + plan.rounds() + " adjusts the mask: an adjustment needs a round above 0 that is a multiple of "
                    + schedule.get().interval() + " and below " + schedule.get().until());
        }
        return List.of();
    }

    @Override
    public RoundOutcome round(FederationContext context, MethodState state) {
        boolean adjusts = schedule.isPresent() && schedule.get().adjusts(state.round());
        FederatedRound round = FederatedRound.run(context, state, adjusts ? requests(schedule.get(), state) : List.of());
        ModelState average = round.outcome().model();
        if (!adjusts || round.outcome().reporters().isEmpty()) {
            return round.finish(context, average, state.maskVersion(), state.adjustments(), List.of(), state.memory());
        }
        GrowAndPrune.Adjusted adjusted = GrowAndPrune.apply(average, round.outcome().gradients());
        boolean changed = adjusted.changes().stream().anyMatch(change -> change.grown().length > 0);
        Map<Integer, int[]> grown = new TreeMap<>(state.memory() instanceof MethodMemory.Grown memory ? memory.positions() : Map.of());
        List<LayerAdjustment> changes = new ArrayList<>();
        for (int i = 0; i < adjusted.changes().size(); i++) {
            GrowAndPrune.Change change = adjusted.changes().get(i);
            changes.add(describe(adjusted.state(), change, round.task().growth().get(i).limit(), grown.get(change.parameter())));
            grown.put(change.parameter(), change.grown());
        }
        return round.finish(context, adjusted.state(), state.maskVersion() + (changed ? 1 : 0), state.adjustments() + 1, changes,
                new MethodMemory.Grown(grown));
    }

    /** a_l of every layer whose turn it is; layers with nothing to exchange are left out. */
    private static List<GrowthRequest> requests(AdjustmentSchedule schedule, MethodState state) {
        ModelState model = state.model();
        return schedule.layers(model.network(), state.adjustments()).stream()
                .map(p -> new GrowthRequest(p, schedule.count(state.round(), model.mask(p).count(), model.mask(p).size())))
                .filter(request -> request.limit() > 0).toList();
    }

    private static LayerAdjustment describe(ModelState after, GrowAndPrune.Change change, int asked, int[] grownBefore) {
        Mask mask = after.mask(change.parameter());
        int before = grownBefore == null ? 0 : grownBefore.length;
        int survivors = grownBefore == null ? 0 : (int) Arrays.stream(grownBefore).filter(mask::contains).count();
        return new LayerAdjustment(after.network().parameters().get(change.parameter()).name(), mask.count(), asked, change.grown().length,
                before, survivors);
    }
}
