package dev.fedtiny.method;

/** What weights compete with when scores decide which stay. */
public enum ScoreScope {
    /** The other weights of their layer: every layer has the target density. */
    LAYER,
    /** All prunable weights, but every layer keeps its best one. */
    GLOBAL
}
