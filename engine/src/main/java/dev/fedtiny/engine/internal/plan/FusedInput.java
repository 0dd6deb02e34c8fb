package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
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
    private static final ThreadLocal<ResidualChain> CHAINS = ThreadLocal.withInitial(ResidualChain::new);
    /** Rows of each grid that are taken at a time from a map that is split by its stride (polyphase split). */
    private static final int SPLIT_ROWS = 8;

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
    private boolean finished;
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

    /** A stored map and nothing else. */
    boolean isStored() {
        return finished || norm == null && prefix == null && clamp == null;
    }

    /** Whether the map's producer normalises and clamps it before it stores it. */
    boolean finished() {
        return finished;
    }

    /** From here on the map's producer normalises and clamps it before it stores it. */
    void finish() {
        finished = true;
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
        int chunk = Step.chunk(placement.channel());
        ResidualChain chain = CHAINS.get();
        chain.clear();
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            placement.clearHalo(scratch, base, c, end);
            boolean begun = link(chain, group, scratch, base, placement, c, end);
            if (chain.count() > 0) {
                put(chain, scratch, base, placement, c, end, begun);
            }
        }
    }

    /**
     * Appends the value's links to a chain, its prefix's first; their maps are stored in one form. A full chain is computed at once.
     *
     * @return whether the value's place holds the sum of links before the chain's
     */
    private boolean link(ResidualChain chain, int group, float[] scratch, int base, Placement placement, int from, int to) {
        boolean begun = prefix != null && prefix.link(chain, group, scratch, base, placement, from, to);
        if (chain.count() == ResidualChain.CAPACITY) {
            put(chain, scratch, base, placement, from, to, begun);
            begun = true;
        }
        if (finished) {
            chain.add(map.data, map.at(group, from), null, null, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
        } else {
            chain.add(map.data, map.at(group, from), norm == null ? null : norm.scale, norm == null ? null : norm.shift, lower(), upper());
        }
        return begun;
    }

    /**
     * Computes a chain's links and empties it. Where a placement takes rows apart, a few rows at a time, so that what several of its grids
     * read of them meets in the cache.
     */
    private void put(ResidualChain chain, float[] scratch, int base, Placement placement, int from, int to, boolean begun) {
        int channel = map.tile.pixels() * Layout.LANES;
        Placement.Part[] parts = placement.parts();
        if (!placement.splits()) {
            putRows(chain, channel, scratch, base, placement, parts[0], 0, parts[0].rows(), from, to, begun);
        } else {
            for (int row = 0; row < map.tile.height(); row += SPLIT_ROWS) {
                for (Placement.Part part : parts) {
                    if (row < part.rows()) {
                        putRows(chain, channel, scratch, base, placement, part, row, Math.min(SPLIT_ROWS, part.rows() - row), from, to,
                                begun);
                    }
                }
            }
        }
        chain.clear();
    }

    private void putRows(ResidualChain chain, int channel, float[] scratch, int base, Placement placement, Placement.Part part,
            int row, int rows, int from, int to, boolean begun) {
        map.storage.sum(chain, part.source() + row * part.sourcePitch(), channel, part.sourcePitch(), part.sourceStep(), scratch,
                base + from * placement.channel() + part.place() + row * part.pitch(), placement.channel(), part.pitch(), part.step(),
                to - from, rows, part.columns(), from, begun);
    }
}
