package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.GrowAndPrune;
import dev.fedtiny.engine.pruning.LayerGradient;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.GradientSum;
import dev.fedtiny.federation.PartSum;
import dev.fedtiny.federation.UpdateSum;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.Update;
import java.util.List;

/**
 * θ = Σ p_k θ_k and, of the layers that grow, g̃ = Σ p_k g_k; where the round adjusts, the positions of largest |g̃| enter and the smallest
 * weights leave. In a secure sum g̃ is known at the positions of most votes alone.
 */
final class GrowthStep implements RoundStep {
    private final Aggregation rule;
    private final ModelState before;
    private final PartSum sum;
    private final List<GrowthRequest> layers;
    private final List<GradientSum> gradients;
    private final boolean adjusts;
    private List<LayerGradient> voted = List.of();

    /**
     * Of no update yet.
     *
     * @param before the model that devices were sent
     * @param adjusts whether the round adjusts the mask
     * @param layers asked of the devices
     */
    GrowthStep(Aggregation rule, ModelState before, boolean adjusts, List<GrowthRequest> layers) {
        this.rule = rule;
        this.before = before;
        this.sum = rule.parts(before);
        this.layers = layers;
        this.gradients = layers.stream().map(layer -> rule.gradients(layer.parameter(), layer.limit())).toList();
        this.adjusts = adjusts;
    }

    @Override
    public void take(int device, Update update) {
        take(device, before.masks(), update);
    }

    @Override
    public void take(int device, List<Mask> sent, Update update) {
        sum.add(rule.weight(update.samples()), sent, update.values());
        if (update.result() instanceof GrowTask.Grown grown) {
            for (int i = 0; i < grown.layers().size(); i++) {
                GrowTask.Growth layer = grown.layers().get(i);
                gradients.get(i).add(update.samples(), layer.indices(), layer.values());
            }
        }
    }

    @Override
    public void takeSum(UpdateSum together) {
        sum.merge(together.values());
        voted = together.gradients();
    }

    @Override
    public Method.RoundOutcome finish(FederatedRound round) {
        if (!round.somebody() && !rule.changesByNobody()) {
            return round.unchanged(round.model());
        }
        ModelState mean = sum.model();
        // Gradients at pruned positions come from devices that hold the whole model.
        if (!adjusts || sum.wholeWeights() == 0) {
            return round.unchanged(mean);
        }
        List<LayerGradient> totals = voted.isEmpty() ? gradients.stream().map(GradientSum::total).toList() : voted;
        MaskChange change = MaskChange.of(round.model(), GrowAndPrune.apply(mean, totals).state(), layers,
                GrownPositions.of(round.memory()));
        return round.adjusted(change, change.grown());
    }
}
