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
     * @param density of all prunable weights together
     * @return the same density
     * @throws IllegalArgumentException unless it is in (0, 1]
     */
    public static double checkDensity(double density) {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("density is " + density + ", expected more than 0 and at most 1");
        }
        return density;
    }

    /**
     * a_l of every layer whose turn it is; layers with nothing to exchange are left out; empty in other rounds.
     *
     * @param schedule of the method; empty: never
     * @param state which round is next, and how many adjustments there were
     * @return one request a layer
     */
    public static List<GrowthRequest> requests(Optional<AdjustmentSchedule> schedule, MethodState state) {
        if (schedule.isEmpty() || !schedule.get().adjusts(state.round())) {
            return List.of();
        }
        return requests(schedule.get(), state.round(), state.model(),
                schedule.get().layers(state.model().network(), state.adjustments()));
    }

    /**
     * a_l of some layers.
     *
     * @param schedule says how many weights a layer exchanges in a round
     * @param round r, from 0
     * @param model whose active weights count
     * @param layers positions of weights in the network's parameters
     * @return one request a layer with something to exchange
     */
    public static List<GrowthRequest> requests(AdjustmentSchedule schedule, int round, ModelState model, List<Integer> layers) {
        return layers.stream().map(p -> new GrowthRequest(p, schedule.count(round, model.mask(p).count(), model.mask(p).size())))
                .filter(request -> request.limit() > 0).toList();
    }

    /**
     * What the user should know of a schedule that does less than it seems to.
     *
     * @param schedule of the method; empty: never
     * @param plan how many rounds there are, and of which network
     * @return one sentence a thing; mostly none
     */
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
                warnings.add("only " + adjustments + " of " + parts + " parts of the network " + (adjustments == 1 ? "is" : "are")
                        + " ever adjusted; adjust more often (adjust-every), later (adjust-until) or more at once (granularity)");
            }
        }
        return warnings;
    }
}
