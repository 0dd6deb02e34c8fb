package dev.fedtiny.engine.model;

/** What a session is for; decides which buffers it holds and how batch normalisation works. */
public enum Mode {
    /** Batch normalisation by the running statistics; nothing is saved for a backward pass. */
    INFERENCE,
    /**
     * Batch normalisation by the batch, which updates the running statistics, but for frozen layers, which go by these; nothing is saved
     * for a backward pass.
     */
    STATISTICS,
    /** As {@link #STATISTICS}, and every tensor the backward pass needs is kept. */
    TRAINING
}
