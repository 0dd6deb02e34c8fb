/**
 * Which weights to keep: by magnitude to a density, uniform, global or by Erdős–Rényi kernels; gradual schedules; growth by gradients. All
 * of it is deterministic, and densities count the positions of the layers that are pruned.
 */
package dev.fedtiny.engine.pruning;
