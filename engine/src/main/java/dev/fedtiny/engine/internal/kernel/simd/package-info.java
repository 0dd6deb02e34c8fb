/**
 * The kernels on the Vector API: the only package that imports {@code jdk.incubator.vector}, loaded only after {@code runtime.Kernels}
 * allowed it.
 */
package dev.fedtiny.engine.internal.kernel.simd;
