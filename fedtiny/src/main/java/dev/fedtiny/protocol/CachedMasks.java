package dev.fedtiny.protocol;

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

    /** {@return the state before any mask was received} */
    public static CachedMasks none() {
        return new CachedMasks(NONE, List.of());
    }

    /** {@return how many positions of all parameters are active} */
    public long valueCount() {
        return masks.stream().mapToLong(Mask::count).sum();
    }
}
