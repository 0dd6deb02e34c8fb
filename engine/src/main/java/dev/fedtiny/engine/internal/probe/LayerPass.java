package dev.fedtiny.engine.internal.probe;

/** What is done with the weights of a convolution. */
public enum LayerPass {
    /** Output from input. */
    FORWARD,
    /** Gradient of the input from the gradient of the output. */
    BACKWARD_DATA,
    /** Gradient at the active positions. */
    BACKWARD_WEIGHT,
    /** Gradient at all positions, the pruned ones offered to a top-K buffer of 15 % of the active count. */
    GROWTH,
    /** Taking over changed values, forward and transposed: once a training step. */
    REFRESH,
    /** Building the packed forms for a new mask, forward and transposed, values included. */
    PACK;

    /** Whether it multiplies and adds. */
    public boolean computes() {
        return ordinal() < REFRESH.ordinal();
    }
}
