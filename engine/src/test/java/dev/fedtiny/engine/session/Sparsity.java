package dev.fedtiny.engine.session;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;

/** How the prunable weights of a test network are pruned. */
public enum Sparsity {
    /** Not at all. */
    DENSE(1),
    /** Three in ten kept, at random. */
    THIRTY_PERCENT(0.3),
    /** One in twenty kept, at random. */
    FIVE_PERCENT(0.05),
    /** Three in ten kept, none in the first and the last row of any layer. */
    EMPTY_ROWS(0.3),
    /** Three in ten kept, none in the middle one of the prunable layers. */
    EMPTY_LAYER(0.3);

    private final double density;

    Sparsity(double density) {
        this.density = density;
    }

    /** The mask of one parameter. */
    Mask mask(Network network, int parameter, RandomStream random) {
        Parameter weight = network.parameters().get(parameter);
        if (this == DENSE || !weight.prunable()) {
            return Mask.full(weight.size());
        }
        boolean emptyLayer = this == EMPTY_LAYER && network.prunable().get(network.prunable().size() / 2) == parameter;
        int[] kept = new int[weight.size()];
        int count = 0;
        for (int i = 0; i < kept.length; i++) {
            int row = i / weight.columns();
            boolean emptyRow = this == EMPTY_ROWS && (row == 0 || row == weight.rows() - 1);
            // The draw is taken in any case, so that the rest of the mask is the same for every kind.
            if (random.nextDouble() < density && !emptyLayer && !emptyRow) {
                kept[count++] = i;
            }
        }
        return Mask.of(weight.size(), java.util.Arrays.copyOf(kept, count));
    }
}
