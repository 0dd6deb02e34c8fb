package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.internal.check.Given;

/**
 * Gradients at pruned positions of one layer, by which some of them grow: those of a batch, or a mean over several batches or devices.
 *
 * @param parameter position of the weight among the network's parameters
 * @param limit the most positions that grow, at least 0
 * @param indices flat positions, each once, in any order; the array itself
 * @param values gradients at them, one a position; the array itself
 */
public record LayerGradient(int parameter, int limit, int[] indices, double[] values) {
    /** Checks that there is a gradient for each position. */
    public LayerGradient {
        Given.notNull(indices, "layer gradient: indices", "flat positions of a weight");
        Given.notNull(values, "layer gradient: values", "a gradient a position");
        if (limit < 0 || indices.length != values.length) {
            throw new IllegalArgumentException("layer gradient: " + values.length + " gradients at " + indices.length
                    + " positions, of which at most " + limit + " grow; expected one a position and a limit of at least 0");
        }
    }
}
