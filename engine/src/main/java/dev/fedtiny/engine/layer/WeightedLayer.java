package dev.fedtiny.engine.layer;

/** A layer with a weight matrix, which may be pruned: its first parameter; the bias, where there is one, is the second. */
public sealed interface WeightedLayer extends Layer permits Conv2d, Linear {
    /** {@return position of the layer's input} */
    int source();

    /** {@return whether there is a bias} */
    boolean bias();

    /** {@return whether methods prune the weight, and densities count it} */
    boolean prunable();

    /**
     * The same layer, whose weight may or may not be pruned.
     *
     * @param allowed whether methods prune it
     * @return a copy
     */
    WeightedLayer withPrunable(boolean allowed);

    /** {@return multiply-adds that one active weight costs an image, in a forward pass and in either half of a backward pass} */
    long multiplyAdds();

    /** {@return the weight} */
    default Parameter weight() {
        return parameters().getFirst();
    }
}
