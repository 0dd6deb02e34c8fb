package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
import dev.fedtiny.engine.tensor.Layout;

/**
 * Some channels of a value on their way into scratch: links are appended, those of a sum's prefix first, and computed together once there
 * are as many as a kernel takes, or no more. One a thread; between uses it holds nothing.
 */
final class ResidualSum {
    /** Rows of each grid that are taken at a time from a map that is split by its stride (polyphase split). */
    private static final int SPLIT_ROWS = 8;
    private static final ThreadLocal<ResidualSum> SUMS = ThreadLocal.withInitial(ResidualSum::new);

    private final ResidualChain chain = new ResidualChain();
    /** The last link's map; all are stored in one form. */
    private StoredActivation map;
    private float[] scratch;
    private int base;
    private Placement placement;
    private int from;
    private int to;
    /** Whether scratch holds the sum of links before the chain's. */
    private boolean begun;

    private ResidualSum() {
    }

    /** The calling thread's own. */
    static ResidualSum ofThread() {
        return SUMS.get();
    }

    /** Channels {@code [first, end)} into a placement that begins at {@code at}. */
    void begin(float[] target, int at, Placement laidOut, int first, int end) {
        chain.clear();
        scratch = target;
        base = at;
        placement = laidOut;
        from = first;
        to = end;
        begun = false;
    }

    /**
     * Appends a map of a group.
     *
     * @param scale one factor a channel, or null for the map itself; {@code shift}: one summand a channel, null with {@code scale}
     * @param lower lower bound of the sum with it; {@code upper}: upper bound
     */
    void add(StoredActivation link, int group, float[] scale, float[] shift, float lower, float upper) {
        if (chain.count() == ResidualChain.CAPACITY) {
            put();
            begun = true;
        }
        map = link;
        chain.add(link.data, link.at(group, from), scale, shift, lower, upper);
    }

    /** Computes what has been appended, and lets go of everything. */
    void end() {
        if (chain.count() > 0) {
            put();
        }
        map = null;
        scratch = null;
        placement = null;
    }

    /**
     * Computes the chain's links and empties it. Where a placement takes rows apart, a few rows at a time, so that what several of its
     * grids read of them meets in the cache.
     */
    private void put() {
        Placement.Part[] parts = placement.parts();
        if (!placement.splits()) {
            put(parts[0], 0, parts[0].rows());
        } else {
            for (int row = 0; row < map.tile.height(); row += SPLIT_ROWS) {
                for (Placement.Part part : parts) {
                    if (row < part.rows()) {
                        put(part, row, Math.min(SPLIT_ROWS, part.rows() - row));
                    }
                }
            }
        }
        chain.clear();
    }

    private void put(Placement.Part part, int row, int rows) {
        map.storage.sum(chain, part.source() + row * part.sourcePitch(), map.tile.pixels() * Layout.LANES, part.sourcePitch(),
                part.sourceStep(), scratch, base + from * placement.channel() + part.place() + row * part.pitch(), placement.channel(),
                part.pitch(), part.step(), to - from, rows, part.columns(), from, begun);
    }
}
