package dev.fedtiny.protocol;

/** What a device is doing when its memory is looked at, in the order of a round. */
public enum RoundPhase {
    /** A request is read. */
    DECODE,
    /** Candidates are recalibrated or scored. */
    STAGE_ONE,
    /** Local steps. */
    TRAINING,
    /** Local steps of which at least one gave gradients at pruned positions; looked at after them. */
    GROWTH,
    /** An answer is made. */
    ENCODE
}
