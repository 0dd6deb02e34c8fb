package dev.fedtiny.engine.measure;

/** What an array is held for: the lines of a memory account, whether it predicts or observes. */
public enum MemoryCategory {
    /** Active weights, biases, γ, β and running statistics, and copies of them in the order a forward kernel reads. */
    VALUES,
    /** Masks, and positions and row pointers of the forward pass. */
    INDICES,
    /** Transposed weights with their positions and row pointers: what the gradient of a layer's input needs. */
    TRANSPOSED,
    /** Gradients of trainable values, and sums they are made from. */
    GRADIENTS,
    /** An optimiser's state. */
    OPTIMIZER,
    /** Stored maps; in training all that backward needs. */
    ACTIVATIONS,
    /** Gradients of values that steps read. */
    ACTIVATION_GRADIENTS,
    /** Scratch that steps use in turn, and coefficients and partial sums of batch normalisation. */
    WORKSPACE,
    /** Images and labels of a pass. */
    BATCH,
    /** Buffers of the largest growth gradients. */
    TOP_K,
    /** Encoded messages. */
    MESSAGES
}
