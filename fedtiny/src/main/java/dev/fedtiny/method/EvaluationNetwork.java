package dev.fedtiny.method;

import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import java.util.List;

/**
 * A network as it computes in evaluation, but with gradients, as PyTorch's {@code model.eval()} followed by {@code backward()} has it:
 * batch normalisation by the running statistics, which stay, and nothing of what only training does, such as dropout. Its parameters are
 * those of the full network, position by position.
 */
final class EvaluationNetwork {
    private final Network network;

    EvaluationNetwork(Network full) {
        int[] moved = new int[full.layers().size()];
        Network.Builder builder = Network.builder(full.input()).block("all");
        for (int i = 1; i < moved.length; i++) {
            Layer layer = full.layers().get(i);
            List<Integer> sources = layer.sources().stream().map(source -> moved[source]).toList();
            if (layer instanceof OperatorLayer operator && operator.isIdentity(false)) {
                moved[i] = sources.getFirst();
                continue;
            }
            Layer kept = layer instanceof BatchNorm2d norm ? new BatchNorm2d(norm.name(), norm.source(), norm.output(), norm.epsilon(),
                    norm.momentum(), BatchNorm2d.Statistics.RUNNING) : layer;
            moved[i] = builder.add(kept.withSources(sources));
        }
        network = builder.build();
    }

    /** {@return the network} */
    Network network() {
        return network;
    }

    /** The same values under the same masks. */
    ModelState of(ModelState model) {
        return ModelState.of(network, model.masks(), model.allValues());
    }
}
