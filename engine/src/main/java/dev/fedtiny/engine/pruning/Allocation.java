package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.model.ModelState;

/**
 * How a density is shared out between layers. Every layer keeps at least one weight, and none more than it keeps already. With N positions
 * in all selected layers, at most ⌊d·N⌋ weights are kept; each allocation says how many exactly.
 */
@FunctionalInterface
public interface Allocation {
    /**
     * Every layer at the same density: max(1, ⌊d·n⌋) of n positions, cut from the largest layer on where that is more than ⌊d·N⌋ in all.
     */
    Allocation UNIFORM = (state, layers, density) -> LayerCounts.uniform(Allocations.sizes(state, layers), density);

    /**
     * The largest weights wherever they are, ⌊d·N⌋ in all: each layer's largest, and of the others those of largest magnitude; of equal
     * ones the earlier layer's, then the lower position's.
     */
    Allocation GLOBAL = Allocations::global;

    /**
     * Erdős–Rényi kernels (Evci and others 2020): densities in proportion to (C + K + kh + kw) / (C·K·kh·kw), (in + out) / (in·out) for
     * linear layers, where that is more than 1 the whole layer; ⌊d·N⌋ in all, shares of weights going to the largest fractions, of equal
     * ones to the earlier layer's.
     */
    Allocation ERDOS_RENYI_KERNEL = Allocations::erdosRenyiKernel;

    /**
     * Weights that each layer keeps.
     *
     * @param state the model
     * @param layers positions of the weights among the network's parameters, ascending
     * @param density d of all of them together, in (0, 1]
     * @return one count a layer, at least 1; a layer that keeps fewer already stays as it is
     * @throws IllegalArgumentException if d leaves fewer than one weight a layer; names the smallest possible density
     */
    int[] counts(ModelState state, int[] layers, double density);
}
