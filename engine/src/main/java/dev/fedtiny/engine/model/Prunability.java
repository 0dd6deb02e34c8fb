package dev.fedtiny.engine.model;

import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.WeightedLayer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What may be pruned of a network, and in which block: changes of both, as new lists. */
final class Prunability {
    private Prunability() {
    }

    /** The layers, in which one weight may be pruned or may not. */
    static List<Layer> with(List<Layer> layers, String weight, boolean prunable) {
        return layers.stream().map(layer -> layer instanceof WeightedLayer weighted && weighted.weight().name().equals(weight)
                ? weighted.withPrunable(prunable) : layer).toList();
    }

    /** The layers, of which nothing may be pruned. */
    static List<Layer> none(List<Layer> layers) {
        return layers.stream().map(layer -> layer instanceof WeightedLayer weighted ? weighted.withPrunable(false) : layer).toList();
    }

    /** The blocks without a parameter; one that is left empty disappears. */
    static List<Network.Block> leave(List<Network.Block> blocks, int parameter) {
        List<Network.Block> rest = new ArrayList<>();
        for (Network.Block block : blocks) {
            List<Integer> members = block.parameters().stream().filter(i -> i != parameter).toList();
            if (!members.isEmpty()) {
                rest.add(new Network.Block(block.name(), members));
            }
        }
        rest.sort(Comparator.comparing(block -> block.parameters().getFirst()));
        return rest;
    }

    /** The blocks with a parameter in the first one that has a later weight, or else in the last; one of its name where there is none. */
    static List<Network.Block> join(List<Network.Block> blocks, int parameter, String name) {
        if (blocks.isEmpty()) {
            return List.of(new Network.Block(name, List.of(parameter)));
        }
        int place = 0;
        while (place < blocks.size() - 1 && blocks.get(place).parameters().getLast() < parameter) {
            place++;
        }
        List<Network.Block> joined = new ArrayList<>(blocks);
        joined.set(place, new Network.Block(blocks.get(place).name(),
                Stream.concat(blocks.get(place).parameters().stream(), Stream.of(parameter)).sorted().toList()));
        return joined;
    }
}
