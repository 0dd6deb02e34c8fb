package dev.fedtiny.pruning;

/** How much of the network one adjustment touches. */
public enum Granularity {
    /** One prunable layer. */
    LAYER,
    /** One of the network's blocks. */
    BLOCK,
    /** All prunable layers. */
    ENTIRE
}
