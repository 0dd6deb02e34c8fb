package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pruning by magnitude. One order everywhere: |w| descending, then index ascending; −0 equals 0, NaN is an error. Keeping takes from the
 * front, pruning from the back.
 */
public final class Magnitude {
    private Magnitude() {
    }

    /**
     * Places of values in order.
     *
     * @param values in the order of a mask
     * @return places 0 … values.length − 1, largest magnitude first
     * @throws IllegalArgumentException if a value is NaN
     */
    public static int[] ranking(float[] values) {
        Given.notNull(values, "magnitude: values", "the values to rank");
        long[] keys = new long[values.length];
        for (int i = 0; i < keys.length; i++) {
            if (Float.isNaN(values[i])) {
                throw new IllegalArgumentException("magnitude: the value at place " + i + " is NaN and has no rank");
            }
            // Bits of |w| order as |w| does; negated, so that ascending keys mean descending magnitudes.
            long descending = Integer.MAX_VALUE - (Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
            keys[i] = descending << 32 | i;
        }
        Arrays.sort(keys);
        int[] places = new int[keys.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = (int) keys[i];
        }
        return places;
    }

    /** The place of the first value in order; there must be one. */
    static int largest(float[] values) {
        int best = 0;
        for (int i = 0; i < values.length; i++) {
            if (Float.isNaN(values[i])) {
                throw new IllegalArgumentException("magnitude: the value at place " + i + " is NaN and has no rank");
            }
            best = Math.abs(values[i]) > Math.abs(values[best]) ? i : best;
        }
        return best;
    }

    /**
     * Places of the smallest values, smallest first; at most as many as there are.
     *
     * @param values in the order of a mask
     * @param count how many
     * @return places in the array
     */
    public static int[] smallest(float[] values, int count) {
        if (count < 0) {
            throw new IllegalArgumentException("magnitude: the smallest " + count + " values; give a number of at least 0");
        }
        int[] ranking = ranking(values);
        int[] places = new int[Math.min(count, ranking.length)];
        for (int i = 0; i < places.length; i++) {
            places[i] = ranking[ranking.length - 1 - i];
        }
        return places;
    }

    /**
     * The mask of the largest of some active values.
     *
     * @param within which positions the values are at
     * @param values one an active position
     * @param count how many stay
     * @return a mask of that many positions
     * @throws IllegalArgumentException if there are not as many values as active positions, or fewer than stay
     */
    public static Mask keepLargest(Mask within, float[] values, int count) {
        Given.notNull(within, "magnitude: within", "the mask that the values are of");
        Given.notNull(values, "magnitude: values", "one an active position");
        if (values.length != within.count()) {
            throw new IllegalArgumentException("magnitude: " + values.length + " values for " + within.count()
                    + " active positions; give one each");
        }
        if (count < 0 || count > values.length) {
            throw new IllegalArgumentException("magnitude: keeping " + count + " of " + values.length + " values");
        }
        return prefix(within, ranking(values), count);
    }

    /**
     * The mask of the first {@code count} places of a ranking.
     *
     * @param within which positions the ranking is of
     * @param ranking places among them, first in order first
     * @param count how many
     * @return a mask of that many positions
     * @throws IllegalArgumentException if the ranking has fewer, or one of them is no place among the positions
     */
    public static Mask prefix(Mask within, int[] ranking, int count) {
        Given.notNull(within, "magnitude: within", "the mask that the ranking is of");
        Given.notNull(ranking, "magnitude: ranking", "places among the active positions");
        if (count < 0 || count > ranking.length) {
            throw new IllegalArgumentException("magnitude: keeping " + count + " of a ranking of " + ranking.length + " places");
        }
        int[] active = new int[count];
        for (int i = 0; i < count; i++) {
            if (ranking[i] < 0 || ranking[i] >= within.count()) {
                throw new IllegalArgumentException("magnitude: place " + ranking[i] + " of the ranking, must be in [0, " + within.count()
                        + "), the active positions");
            }
            active[i] = within.index(ranking[i]);
        }
        Arrays.sort(active);
        return Mask.of(within.size(), active);
    }

    /**
     * A state in which each prunable layer keeps its largest weights; counts in the order of {@code network.prunable()}.
     *
     * @param state the model
     * @param activeCounts weights of each layer, in the order of {@code network.prunable()}
     * @return the pruned state
     * @throws IllegalArgumentException if a layer has fewer active weights than it is to keep, as in every method that prunes by counts
     */
    public static ModelState prune(ModelState state, int[] activeCounts) {
        Given.notNull(state, "magnitude: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(activeCounts, "magnitude: counts", "how many positions of each prunable layer stay");
        List<Integer> prunable = state.network().prunable();
        if (activeCounts.length != prunable.size()) {
            throw new IllegalArgumentException("magnitude: " + activeCounts.length + " counts for " + prunable.size() + " prunable layers");
        }
        List<Mask> masks = new ArrayList<>(state.masks());
        for (int i = 0; i < activeCounts.length; i++) {
            int p = prunable.get(i);
            if (activeCounts[i] < 0 || activeCounts[i] > state.mask(p).count()) {
                throw new IllegalArgumentException("magnitude: '" + state.network().parameters().get(p).name() + "' is to keep "
                        + activeCounts[i] + " of " + state.mask(p).count() + " active weights; prune it less before, or keep at most what "
                        + "there is (atMost)");
            }
            masks.set(p, keepLargest(state.mask(p), state.values(p), activeCounts[i]));
        }
        return state.masked(masks);
    }

    /**
     * Every prunable layer at one density: the largest weights stay, as many as {@link LayerCounts#uniform(Network, double)} says.
     *
     * @param state the model
     * @param density d of all these layers together, in (0, 1]
     * @return the pruned state
     */
    public static ModelState uniform(ModelState state, double density) {
        Given.notNull(state, "magnitude: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        return prune(state, LayerCounts.uniform(state.network(), density));
    }

    /**
     * At most as many weights of every prunable layer stay as {@link LayerCounts#uniform(Network, double)} says, the largest; a layer that
     * keeps fewer stays as it is.
     *
     * @param state the model
     * @param density d of all these layers together, in (0, 1]
     * @return what stays
     */
    public static ModelState atMost(ModelState state, double density) {
        Given.notNull(state, "magnitude: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        return prune(state, atMost(state, LayerCounts.uniform(state.network(), density)));
    }

    /**
     * What every prunable layer keeps that is to keep at most so many, in the order of {@code network.prunable()}.
     *
     * @param state the model
     * @param counts weights of each layer, in the order of {@code network.prunable()}
     * @return what stays
     */
    public static int[] atMost(ModelState state, int[] counts) {
        Given.notNull(state, "magnitude: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(counts, "magnitude: counts", "how many weights each layer keeps at most");
        if (counts.length != state.network().prunable().size()) {
            throw new IllegalArgumentException("magnitude: counts of " + counts.length + " layers, expected those of the "
                    + state.network().prunable().size() + " in Network.prunable()");
        }
        int[] active = counts.clone();
        for (int i = 0; i < active.length; i++) {
            active[i] = Math.min(active[i], state.mask(state.network().prunable().get(i)).count());
        }
        return active;
    }
}
