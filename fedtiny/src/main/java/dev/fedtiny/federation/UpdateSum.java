package dev.fedtiny.federation;

import dev.fedtiny.engine.pruning.LayerGradient;
import java.util.List;

/**
 * What the updates of several devices come to, where nobody has seen a single one. The values are those that a mean of the single updates
 * has, bit for bit.
 *
 * @param devices whose updates are in it, ascending
 * @param samples Σ n_k
 * @param lossSum cross entropy summed over all samples trained on
 * @param trained how many samples were trained on
 * @param values of the updates, put together
 * @param averaged arrays beside them ({@link dev.fedtiny.protocol.LocalResult#averaged}), put together; of nobody where there are none
 * @param gradients of layers that may grow, at the positions of most votes; one a layer that devices voted for
 */
public record UpdateSum(List<Integer> devices, long samples, double lossSum, long trained, Aggregation.Average values,
        Aggregation.Average averaged, List<LayerGradient> gradients) {
    /** Keeps its own lists. */
    public UpdateSum {
        devices = List.copyOf(devices);
        gradients = List.copyOf(gradients);
    }
}
