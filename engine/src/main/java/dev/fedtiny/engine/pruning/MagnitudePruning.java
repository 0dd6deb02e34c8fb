package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;

/**
 * Pruning by magnitude to a density:
 * {@snippet :
 * ModelState pruned = new MagnitudePruning(Allocation.GLOBAL).prune(model, 0.1);
 * }
 *
 * @param allocation how the density is shared out between layers
 * @param layers what is pruned
 */
public record MagnitudePruning(Allocation allocation, LayerSelection layers) {
    /** Checks that nothing is missing. */
    public MagnitudePruning {
        Given.notNull(allocation, "magnitude pruning: allocation", "how the density is shared out, for example Allocation.UNIFORM");
        Given.notNull(layers, "magnitude pruning: layers", "LayerSelection.PRUNABLE, or fewer layers");
    }

    /**
     * Of all prunable layers.
     *
     * @param allocation how the density is shared out between layers
     */
    public MagnitudePruning(Allocation allocation) {
        this(allocation, LayerSelection.PRUNABLE);
    }

    /**
     * The state in which each selected layer keeps its largest weights, of equal ones those of lower position. What has been pruned before
     * stays pruned. Cost: a sort of each layer's active weights.
     *
     * @param state the model
     * @param density of the selected layers together, in (0, 1]: as many weights are kept as the allocation says, exactly, but where
     *     layers keep fewer already
     * @return the pruned state
     * @throws IllegalArgumentException if the density leaves fewer than one weight a layer; names the smallest possible one. Also if an
     *     allocation of one's own gives another number of counts, or a negative one
     */
    public ModelState prune(ModelState state, double density) {
        Given.notNull(state, "magnitude pruning: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        int[] selected = layers.of(state.network());
        int[] counts = allocation.counts(state, selected, density);
        if (counts.length != selected.length) {
            throw new IllegalArgumentException("pruning: the allocation gives " + counts.length + " counts for " + selected.length
                    + " layers, expected one a layer");
        }
        List<Mask> masks = new ArrayList<>(state.masks());
        for (int i = 0; i < selected.length; i++) {
            int p = selected[i];
            masks.set(p, Magnitude.keepLargest(state.mask(p), state.values(p), Math.min(counts[i], state.mask(p).count())));
        }
        return state.masked(masks);
    }
}
