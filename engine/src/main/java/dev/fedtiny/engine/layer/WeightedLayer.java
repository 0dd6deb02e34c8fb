package dev.fedtiny.engine.layer;

/** A layer with a weight matrix, which may be pruned: its first parameter; the bias, where there is one, is the second. */
public sealed interface WeightedLayer extends Layer permits Conv2d, Linear {
    /** Position of the layer's input. */
    int source();

    /** Whether there is a bias. */
    boolean bias();

    /** Whether methods prune the weight, and densities count it. */
    boolean prunable();

    /** The same layer, whose weight may or may not be pruned. */
    WeightedLayer withPrunable(boolean allowed);

    /** Multiply-adds that one kept weight costs an image, in a forward pass and in either half of a backward pass. */
    long multiplyAdds();

    /** The weight. */
    default Parameter weight() {
        return parameters().getFirst();
    }
}
