package dev.fedtiny.engine.internal.probe;

/** Where the kernels of a {@link LayerKernels} find their input. */
public enum Residence {
    /** In one piece of scratch a worker, as in a session, which lays an image group out just before a kernel reads it. */
    SCRATCH,
    /** In an array of the whole batch, so that every group comes from memory. */
    STREAMED
}
