package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * What operators read: never stored, computed from stored maps an image group at a time, by its reader, into scratch:
 * {@code [clamp]([prefix +] [norm](map))}. Its gradient (with respect to the sum before the clamp) is stored, from the first contribution
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
    /** Null where no bounds follow. */
    final Clamp clamp;
    /** Readers, in forward order. */
    final List<InputPort> readers = new ArrayList<>();
    /** The value this one is the prefix of, or null. */
    FusedInput next;
    Link link;
    /** The step in whose backward pass the last contribution arrives; −1 where nobody reads the value but {@link #next}. */
    int finish = -1;
    /** Whether that last contribution comes through {@link #next} and not from a reader. */
    boolean lastIsLink;
    float[] gradient;
    int gradientOrigin;
    /** What the map's producer makes of it before it stores it; null where it stores the map itself. */
    private ChannelFunction atOnce;
    /** The value laid out as it would be stored. */
    final Placement contiguous;

    FusedInput(StoredActivation map, Normalization norm, FusedInput prefix, Clamp clamp) {
        this.map = map;
        this.norm = norm;
        this.prefix = prefix;
        this.clamp = clamp;
        this.contiguous = Placement.contiguous(map.tile);
    }

    static FusedInput of(StoredActivation map) {
        return new FusedInput(map, null, null, null);
    }

    /** A stored map and nothing else, so that it may be read as it lies. */
    boolean isStored() {
        return finished() || map.bytes == null && norm == null && prefix == null && clamp == null;
    }

    /** Whether the map's producer normalises and clamps it before it stores it. */
    boolean finished() {
        return atOnce != null;
    }

    /** From here on the map's producer normalises and clamps it before it stores it. */
    void finish() {
        atOnce = ofMap();
    }

    /** What the map's producer makes of it before it stores it. */
    ChannelFunction atOnce() {
        return atOnce == null ? ChannelFunction.IDENTITY : atOnce;
    }

    /** What makes the value of its map, where there is no prefix. */
    ChannelFunction ofMap() {
        return new ChannelFunction(norm == null ? null : norm.scale, norm == null ? null : norm.shift, lower(), upper());
    }

    float lower() {
        return clamp == null ? Float.NEGATIVE_INFINITY : clamp.lower();
    }

    float upper() {
        return clamp == null ? Float.POSITIVE_INFINITY : clamp.upper();
    }

    /** Whether training needs its gradient. */
    boolean needsGradient() {
        return map.needsGradient || norm != null && norm.isTrained || prefix != null && prefix.needsGradient();
    }

    /** The value in whose buffer the gradient lies. */
    FusedInput gradientOwner() {
        FusedInput owner = this;
        while (owner.link == Link.SHARED) {
            owner = owner.next;
        }
        return owner;
    }

    /** Position of a channel of a group in the gradient. */
    int gradientAt(int group, int channel) {
        return gradientOrigin + group * map.groupFloats + channel * map.shape.pixels() * Layout.LANES;
    }

    /** The first step that reads it. */
    int smallestReader() {
        return readers.stream().mapToInt(port -> port.step).min().orElse(Integer.MAX_VALUE);
    }

    /** The last step that reads it; −1 where none does. */
    int largestReader() {
        return readers.stream().mapToInt(port -> port.step).max().orElse(-1);
    }

    /** Computes channels {@code [from, to)} for one group, halo included, a few channels at a time. */
    void evaluate(int group, float[] scratch, int base, Placement placement, int from, int to) {
        if (map.bytes != null) {
            map.bytes.read(group, scratch, base, placement, from, to);
            return;
        }
        int chunk = Step.chunk(placement.channel());
        ResidualSum sum = ResidualSum.ofThread();
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            placement.clearHalo(scratch, base, c, end);
            sum.begin(scratch, base, placement, c, end);
            link(sum, group);
            sum.end();
        }
    }

    /** Appends the value's links to a sum, its prefix's first. */
    private void link(ResidualSum sum, int group) {
        if (prefix != null) {
            prefix.link(sum, group);
        }
        if (finished()) {
            sum.add(map, group, null, null, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
        } else {
            sum.add(map, group, norm == null ? null : norm.scale, norm == null ? null : norm.shift, lower(), upper());
        }
    }
}
