/** Kernels by themselves and the limits of the machine, for benchmarks; used by the command line and by JMH. */
package dev.fedtiny.engine.internal.probe;
