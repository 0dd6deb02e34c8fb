package dev.fedtiny.engine.pruning;

/**
 * g̃ of one layer: the devices' weighted gradients at pruned positions.
 *
 * @param parameter position of the weight among the network's parameters
 * @param limit a_l, the most that grows
 * @param indices flat positions, ascending
 * @param values g̃ at them
 */
public record LayerGradient(int parameter, int limit, int[] indices, double[] values) {
}
