package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.model.Network;
import java.util.List;

/**
 * The weight of a step and its bias, and which of them training changes.
 *
 * @param weight position of the weight among the network's parameters
 * @param hasBias whether there is a bias, which follows the weight
 */
record WeightParameters(int weight, boolean hasBias, boolean trainsWeight, boolean trainsBias) {
    static WeightParameters of(Network network, int weight, boolean hasBias) {
        return new WeightParameters(weight, hasBias, network.isTrained(weight), hasBias && network.isTrained(weight + 1));
    }

    int bias() {
        return weight + 1;
    }

    /** Whether training changes any of them. */
    boolean trains() {
        return trainsWeight || trainsBias;
    }

    List<Integer> positions() {
        return hasBias ? List.of(weight, bias()) : List.of(weight);
    }
}
