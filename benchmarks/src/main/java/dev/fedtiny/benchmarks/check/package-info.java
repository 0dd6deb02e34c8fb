/** Compares the engine with results that PyTorch computed. */
package dev.fedtiny.benchmarks.check;
