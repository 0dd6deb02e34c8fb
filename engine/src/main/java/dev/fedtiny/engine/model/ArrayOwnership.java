package dev.fedtiny.engine.model;

/** What becomes of the arrays of a state that a session takes its values from. */
public enum ArrayOwnership {
    /** The session has copies; the state stays as it is. */
    COPIED,
    /** They become the session's own: no second copy of the model exists, and the state must not be used any more. */
    TAKEN_OVER
}
