package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.Growth;
import dev.fedtiny.protocol.GrowthRequest;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.pruning.LayerGradient;
import dev.fedtiny.pruning.WeightedGradients;
import java.util.List;

/** θ = Σ p_k θ_k, and g̃ = Σ p_k g_k of the layers that grow. */
public final class GrowthAverage implements Server.UpdateTaker {
    private final Aggregation rule;
    private final Aggregation.Average average;
    private final List<WeightedGradients> gradients;

    /** Of no update yet. */
    public GrowthAverage(Aggregation rule, List<GrowthRequest> layers) {
        this.rule = rule;
        this.average = rule.average();
        gradients = layers.stream().map(layer -> new WeightedGradients(layer.parameter(), layer.limit())).toList();
    }

    @Override
    public void take(int device, Update update) {
        average.add(rule.weight(update.samples()), update.values());
        if (update.result() instanceof LocalResult.Grown grown) {
            for (int i = 0; i < gradients.size(); i++) {
                Growth layer = grown.layers().get(i);
                gradients.get(i).add(weight(update.samples(), layer.values()), layer.indices(), layer.values());
            }
        }
    }

    /** Where every device counts alike, every device's gradient has the same length too: only its direction votes. */
    private double weight(int samples, float[] gradient) {
        if (rule instanceof Aggregation.Mean) {
            return samples;
        }
        double squares = 0;
        for (float value : gradient) {
            squares += (double) value * value;
        }
        return squares > 0 ? 1 / Math.sqrt(squares) : 1;
    }

    /** The mean, or the state itself when nobody reported. */
    public ModelState in(ModelState state) {
        return average.weights() > 0 ? average.in(state) : state;
    }

    /** g̃ of every layer. */
    public List<LayerGradient> gradients() {
        return gradients.stream().map(gradient -> gradient.total(average.weights())).toList();
    }
}
