package dev.fedtiny.engine.pruning;

/**
 * Gradients at pruned positions of one layer, by which some of them grow: those of a batch, or a mean over several batches or devices.
 *
 * @param parameter position of the weight among the network's parameters
 * @param limit the most positions that grow
 * @param indices flat positions, ascending
 * @param values gradients at them
 */
public record LayerGradient(int parameter, int limit, int[] indices, double[] values) {
}
