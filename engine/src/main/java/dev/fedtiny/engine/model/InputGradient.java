package dev.fedtiny.engine.model;

/** Whether a training session also computes the gradient of its images. */
public enum InputGradient {
    /** Not computed: what training needs. */
    NONE,
    /** Computed: one pass more, and a buffer of the size of the images. Everything else has the same bits as without. */
    COMPUTED
}
