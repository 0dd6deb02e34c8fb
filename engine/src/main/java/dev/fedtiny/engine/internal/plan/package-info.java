/**
 * How a network is run: the execution plan of a mode, its steps forward and backward, the activations that live between them and where
 * they lie in memory, and the threads that share the work. Steps own no loops over values: those are kernels.
 */
package dev.fedtiny.engine.internal.plan;
