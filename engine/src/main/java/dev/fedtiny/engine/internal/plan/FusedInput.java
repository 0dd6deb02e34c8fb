package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * What operators read: never stored, computed from stored maps an image group at a time, by its reader, into scratch:
 * {@code [relu]([prefix +] [norm](map))}. Its gradient (with respect to the sum before ReLU) is stored, from the first contribution
 * until the map's producer has used it.
 */
public final class FusedInput {
    /** How the gradient of this value gets what flows back through the sum it is the prefix of. */
    enum Link {
        /** It shares that sum's buffer. */
        SHARED,
        /** It starts as a copy. */
        COPIED,
        /** It has begun already; the sum's is added. */
        ADDED
    }

    public final StoredActivation map;
    /** Null where the map is taken as it is. */
    final Normalization norm;
    /** The other summand, or null. */
    final FusedInput prefix;
    final boolean relu;
    /** Readers, in forward order. */
    final List<Step> readers = new ArrayList<>();
    /** The value this one is the prefix of, or null. */
    FusedInput next;
    Link link;
    /** The step in whose backward pass the last contribution arrives; −1 where nobody reads the value but {@link #next}. */
    int finish = -1;
    /** Whether that last contribution comes through {@link #next} and not from a reader. */
    boolean lastIsLink;
    float[] gradient;
    int gradientOrigin;
    /** The value laid out as it would be stored. */
    final Placement contiguous;

    FusedInput(StoredActivation map, Normalization norm, FusedInput prefix, boolean relu) {
        this.map = map;
        this.norm = norm;
        this.prefix = prefix;
        this.relu = relu;
        this.contiguous = Placement.contiguous(map.tile);
    }

    static FusedInput of(StoredActivation map) {
        return new FusedInput(map, null, null, false);
    }

    /** A stored map and nothing else. */
    boolean isStored() {
        return norm == null && prefix == null && !relu;
    }

    /** Whether a map of its chain is stored in half precision, and so widened a channel at a time. */
    boolean halved() {
        return map.half != null || prefix != null && prefix.halved();
    }

    /** Whether a parameter lies before it. */
    boolean needsGradient() {
        return map.producer >= 0 || map.gradientWanted || norm != null || prefix != null && prefix.needsGradient();
    }

    /** Position of a channel of a group in the gradient. */
    int gradientAt(int group, int channel) {
        return gradientOrigin + group * map.groupFloats + channel * map.shape.pixels() * 8;
    }
}
