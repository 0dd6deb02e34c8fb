/**
 * What all results are computed with: the threads of {@link dev.fedtiny.engine.runtime.Workers}, the kernels that run in this JVM and why
 * ({@link dev.fedtiny.engine.runtime.Kernels}), and the named random streams ({@link dev.fedtiny.engine.runtime.RandomStream}).
 */
package dev.fedtiny.engine.runtime;
