/** Times of training steps, of inference, of kernels by layer shape, and of adjustments, taken in one process. */
package dev.fedtiny.benchmarks.timing;
