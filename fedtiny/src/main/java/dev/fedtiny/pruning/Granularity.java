package dev.fedtiny.pruning;

import dev.fedtiny.engine.model.Network;
import java.util.List;

/** How much of the network one adjustment touches. */
public enum Granularity {
    /** One prunable layer. */
    LAYER,
    /** One of the network's blocks. */
    BLOCK,
    /** All prunable layers. */
    ENTIRE;

    /**
     * What single adjustments touch.
     *
     * @param network whose layers they are
     * @return positions of prunable weights among the network's parameters, from the input on
     */
    public List<List<Integer>> parts(Network network) {
        return switch (this) {
            case LAYER -> network.prunable().stream().map(List::of).toList();
            case BLOCK -> network.blocks().stream().map(block -> block.parameters()).toList();
            case ENTIRE -> List.of(network.prunable());
        };
    }
}
