package dev.fedtiny.protocol;

/**
 * One layer of an adjustment: send the largest gradients of its pruned positions.
 *
 * @param parameter position of the weight among the network's parameters
 * @param limit a_l, how many at most
 */
public record GrowthRequest(int parameter, int limit) {
}
