/**
 * The kernels on the Vector API: the only package that imports {@code jdk.incubator.vector}, loaded only after
 * {@code internal.kernel.registry} has found that this JVM has it and compiles it.
 */
package dev.fedtiny.engine.internal.kernel.simd;
