/**
 * Single operators, forward and backward, over tensors: for trying out, unit-testing and timing, and for building other things.
 * {@link dev.fedtiny.engine.op.Conv2d} and {@link dev.fedtiny.engine.op.Linear} call the kernels of their weights' form directly, on
 * kernels of one's choice ({@link dev.fedtiny.engine.runtime.KernelChoice}); {@link dev.fedtiny.engine.op.Operator} runs the loops of any
 * layer that has them, pools, activation functions, norms and an embedder's own; the others run a plan of one layer. Networks train faster
 * in a session ({@link dev.fedtiny.engine.session.Session}), which shares scratch between layers and work between threads.
 */
package dev.fedtiny.engine.op;
