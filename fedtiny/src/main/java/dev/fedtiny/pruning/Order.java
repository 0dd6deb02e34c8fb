package dev.fedtiny.pruning;

/** In which order adjustments visit the network. */
public enum Order {
    /** From the output to the input. */
    BACKWARD,
    /** From the input to the output. */
    FORWARD
}
