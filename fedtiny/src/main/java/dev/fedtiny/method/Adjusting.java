package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.pruning.AdjustmentSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What methods with a schedule of adjustments have in common. */
public final class Adjusting {
    private Adjusting() {
    }

    /**
     * Checks a density.
     *
     * @throws IllegalArgumentException unless it is in (0, 1]
     */
    public static double checkDensity(double density) {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("density is " + density + ", expected more than 0 and at most 1");
        }
        return density;
    }

    /** Whether the state's round adjusts. */
    public static boolean adjusts(Optional<AdjustmentSchedule> schedule, MethodState state) {
        return schedule.isPresent() && schedule.get().adjusts(state.round());
    }

    /** a_l of every layer whose turn it is; layers with nothing to exchange are left out; empty in other rounds. */
    public static List<GrowthRequest> requests(Optional<AdjustmentSchedule> schedule, MethodState state) {
        if (!adjusts(schedule, state)) {
            return List.of();
        }
        return requests(schedule.get(), state.round(), state.model(),
                schedule.get().layers(state.model().network(), state.adjustments()));
    }

    /** a_l of some layers. */
    public static List<GrowthRequest> requests(AdjustmentSchedule schedule, int round, ModelState model, List<Integer> layers) {
        return layers.stream().map(p -> new GrowthRequest(p, schedule.count(round, model.mask(p).count(), model.mask(p).size())))
                .filter(request -> request.limit() > 0).toList();
    }

    /** What the user should know of a schedule that does less than it seems to. */
    public static List<String> warnings(Optional<AdjustmentSchedule> schedule, TrainingPlan plan) {
        List<String> warnings = new ArrayList<>();
        if (schedule.isPresent()) {
            AdjustmentSchedule s = schedule.get();
            int adjustments = s.adjustments(plan.rounds());
            int parts = s.turns(plan.network());
            if (adjustments == 0) {
                warnings.add("no round of " + plan.rounds() + " adjusts the mask: adjustments come "
                        + (s.interval() == 1 ? "in every round" : "in one of " + s.interval() + " rounds") + ", the first in round "
                        + (s.interval() + 1L) + " and none after round " + s.until());
            } else if (adjustments < parts) {
                warnings.add(adjustments + " adjustments visit only " + adjustments + " of " + parts
                        + " parts of the network; adjust more often (adjust-every), later (adjust-until) or more at once (granularity)");
            }
        }
        return warnings;
    }
}
