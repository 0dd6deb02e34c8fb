package dev.fedtiny.engine.measure;

/**
 * What an operator was doing. Traffic is a model, not an observation: every array that a pass walks counts once for each image group
 * (weights once for each group, since they are walked again), whether it comes from memory or from a cache, at the size it has where it
 * lies (eight lanes, halos included); channels that no active weight reads and that are not computed do not count. The formula stands at
 * each pass; an active weight in sparse form is 8 bytes (value and position), in dense form 4; a value is 4 bytes, in a map stored in
 * bfloat16 2. Where channels of such a map are computed one at a time, each stays in the nearest cache until it is rounded, and does not
 * count before.
 */
public enum PassKind {
    /** The operator itself. Traffic: input scratch read, weights read, output written, in single precision. */
    FORWARD,
    /** Gradient of the input. Traffic: gradient scratch read, weights read, input gradient written, and read where it is added to. */
    BACKWARD_DATA,
    /**
     * Gradient of active weights. Traffic: input and gradient scratch read; an active weight's eight accumulators read and written each
     * group (64 bytes) and its gradient written at the end, or, summed in registers, every position written once.
     */
    BACKWARD_WEIGHT,
    /** Gradient of all positions, active and pruned, of a layer that is to grow. Traffic: as in registers above. */
    GROWTH,
    /** Choice of the largest gradients among pruned positions. Traffic: every position read once. */
    TOP_K,
    /**
     * Input value into scratch: normalisation, shortcut, ReLU, halo. Traffic: every map it is made of read, scratch written; where an image
     * lies in bands, what each sees of the other one written and read besides.
     */
    VALUE,
    /** Gradient of the output into scratch, backward of batch normalisation applied. Traffic: gradient and map read, scratch written. */
    OUTPUT_GRADIENT,
    /**
     * After a contribution to the input's gradient: rounding, where it is stored in 16 bits; after the last one ReLU's mask, sums for the
     * normalisation before, way to the shortcut. Traffic: gradient read and written, scratch and map read; where the value of the mask is
     * not in scratch, its maps read and scratch written too; what is rounded is read from scratch and written once more.
     */
    INPUT_GRADIENT,
    /**
     * Moments of batch normalisation, joining them, and rounding where the map is stored in 16 bits. Traffic: map read; what is rounded
     * read from scratch and written before.
     */
    STATISTICS,
    /** Weights taken over into the order kernels read. Traffic: value and place read, value written: 12 bytes an active weight. */
    REFRESH,
    /** The loss and its gradient. Traffic: logits read, gradient written. */
    LOSS,
    /** The optimiser's step. Traffic: value, gradient and state read, value and state written. */
    OPTIMIZER,
    /** Weights packed anew because a mask changed. Traffic: not modelled. */
    MASK_CHANGE,
    /** A batch put into the session. Traffic: images read and written. */
    BATCH,
    /** A message made. Traffic: the frame written. */
    ENCODE,
    /** A message read and checked. Traffic: the frame read. */
    DECODE
}
