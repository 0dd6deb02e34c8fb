package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.Mask;

/** Offers gradients of pruned positions to a sink, from rows that lie in {@link Workspace#tiles}. */
final class GrowthOffers {
    private final Workspace workspace;
    /** Null where they are not wanted. */
    private GradientSink sink;

    GrowthOffers(Workspace workspace) {
        this.workspace = workspace;
    }

    /** Says who wants them from now on; null for nobody. */
    void offerTo(GradientSink newSink) {
        sink = newSink;
    }

    boolean wanted() {
        return sink != null;
    }

    /**
     * Offers what is not below the sink's floor: such gradients are moved to the row's beginning, and all of them are offered together,
     * while other threads wait.
     *
     * @param at where in the tiles the first of {@code width} gradients lies
     * @param first its position among the weights
     * @param begin the first of the row's active positions in the mask, which are not offered; {@code end}: behind the last
     */
    void offer(int worker, int at, int width, int first, Mask mask, int begin, int end) {
        float[] tiles = workspace.tiles;
        int offers = worker * workspace.offerCount();
        // By bits a negative floor, and the other zero, would lie above every gradient.
        float asked = sink.floor();
        float floor = asked > 0 ? asked : 0;
        int count = 0;
        int from = 0;
        if (floor > 0) {
            // What is kept is below the floor, so one loop without a branch goes over the whole row.
            for (int j = begin; j < end; j++) {
                tiles[at + mask.index(j) - first] = 0;
            }
        } else {
            for (int j = begin; j < end; j++) {
                int kept = mask.index(j) - first;
                count = collect(at, from, kept, first, floor, offers, count);
                from = kept + 1;
            }
        }
        count = collect(at, from, width, first, floor, offers, count);
        if (count > 0) {
            synchronized (sink) {
                sink.offer(workspace.offers, offers, tiles, at, count);
            }
        }
    }

    /**
     * Moves gradients {@code [from, to)} of a row that are not below a floor, and their positions, behind {@code count} others. Numbers
     * that are not are above every floor.
     */
    private int collect(int at, int from, int to, int first, float floor, int offers, int count) {
        float[] row = workspace.tiles;
        int[] positions = workspace.offers;
        int below = Float.floatToRawIntBits(floor) - 1;
        int next = count;
        for (int i = from; i < to; i++) {
            float value = row[at + i];
            row[at + next] = value;
            positions[offers + next] = first + i;
            next += below - (Float.floatToRawIntBits(value) & Integer.MAX_VALUE) >>> Integer.SIZE - 1;
        }
        return next;
    }
}
