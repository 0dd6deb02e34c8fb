package dev.fedtiny.method;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import java.util.ArrayList;
import java.util.List;

/**
 * The network that the published code of SynFlow's authors scores: evaluation mode, every value of the {@code state_dict} replaced by its
 * absolute value, running means and variances included. What is added or subtracted (biases, β, running means) is scaled as the input is,
 * so that outputs scale with it.
 */
final class AbsoluteFlow implements SynFlow.PositiveNetwork {
    private final EvaluationNetwork evaluation;

    AbsoluteFlow(Network full) {
        evaluation = new EvaluationNetwork(full);
    }

    @Override
    public ModelState positive(ModelState model, double scale) {
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < model.network().parameters().size(); p++) {
            Parameter.Kind kind = model.network().parameters().get(p).kind();
            boolean added = kind == Parameter.Kind.BIAS || kind == Parameter.Kind.BETA || kind == Parameter.Kind.RUNNING_MEAN;
            float[] absolute = model.values(p).clone();
            for (int i = 0; i < absolute.length; i++) {
                absolute[i] = (float) (Math.abs(absolute[i]) * (added ? scale : 1));
            }
            values.add(absolute);
        }
        return ModelState.of(evaluation.network(), model.masks(), values);
    }
}
