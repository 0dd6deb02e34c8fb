package dev.fedtiny.protocol;

/**
 * A device's largest gradients at pruned positions of one layer.
 *
 * @param parameter position of the weight among the network's parameters
 * @param indices flat positions in the tensor, strictly ascending; not to be changed
 * @param values signed gradients, finite and not 0; not to be changed
 */
public record Growth(int parameter, int[] indices, float[] values) {
}
