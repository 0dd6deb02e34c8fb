package dev.fedtiny.pruning;

import dev.fedtiny.engine.pruning.LayerCounts;

/** How many weights of each layer a part of a model keeps. Pure arithmetic, in the order of {@code network.prunable()}. */
public final class PartCounts {
    private PartCounts() {
    }

    /**
     * The same share of every layer of a model: max(1, ⌊share·k_l⌋), so that the part has the model's profile of densities over the layers.
     * Where layers that must keep a weight bring the sum above the budget, layers are cut as {@link LayerCounts#fit} does.
     *
     * @param whole k_l, weights of each layer of the model, at least 1
     * @param within the most that each layer may keep: what a larger part keeps
     * @param share in (0, 1]
     * @param budget the most weights of all layers together
     * @return weights of each layer
     */
    public static int[] of(int[] whole, int[] within, double share, long budget) {
        int[] counts = new int[whole.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.clamp((long) StrictMath.floor(share * whole[i]), 1, within[i]);
        }
        return LayerCounts.fit(counts, within, 0, budget);
    }
}
