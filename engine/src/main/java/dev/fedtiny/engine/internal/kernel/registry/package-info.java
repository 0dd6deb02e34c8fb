/** Which kernels run in this JVM, and why: the one place that knows scalar and vector kernels both. */
package dev.fedtiny.engine.internal.kernel.registry;
