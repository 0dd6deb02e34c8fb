package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * The masks in force and their version: what values on the wire are read by.
 *
 * @param version rises with every change; {@link #NONE} when there is no mask yet
 * @param masks one a parameter; empty when there is none yet
 */
public record CachedMasks(int version, List<Mask> masks) {
    /** The version of no mask. */
    public static final int NONE = -1;

    /** Keeps its own list. */
    public CachedMasks {
        masks = List.copyOf(masks);
    }

    /** Before any mask was received. */
    public static CachedMasks none() {
        return new CachedMasks(NONE, List.of());
    }

    /** Kept positions of all parameters. */
    public long valueCount() {
        return masks.stream().mapToLong(Mask::count).sum();
    }

    /**
     * Adds the masks of what is prunable; a device takes everything else for full.
     *
     * @throws IllegalArgumentException if something else has a mask
     */
    static void write(PayloadWriter writer, Network network, List<Mask> masks) {
        for (int i = 0; i < masks.size(); i++) {
            Parameter parameter = network.parameters().get(i);
            if (!parameter.prunable() && !masks.get(i).isFull()) {
                throw new IllegalArgumentException("federation: '" + parameter.name() + "' keeps " + masks.get(i).count() + " of "
                        + parameter.size() + " positions, but methods do not prune it here and devices hold all of it; start from a model "
                        + "with a full mask there");
            }
        }
        network.prunable().forEach(i -> MaskCodec.write(writer, masks.get(i)));
    }

    static List<Mask> read(PayloadReader reader, Network network) {
        Mask[] masks = new Mask[network.parameters().size()];
        for (int i = 0; i < masks.length; i++) {
            int size = network.parameters().get(i).size();
            masks[i] = network.parameters().get(i).prunable() ? MaskCodec.read(reader, size) : Mask.full(size);
        }
        return List.of(masks);
    }
}
