package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One adjustment: in each layer the pruned positions of largest gradient grow, at value 0, and as many active weights of smallest |θ| go,
 * counted among those active before. So what was just grown stays, what was just pruned cannot come back, and every layer's count is
 * constant.
 */
public final class GrowAndPrune {
    private GrowAndPrune() {
    }

    /**
     * What happened in a layer.
     *
     * @param parameter position of the weight
     * @param grown positions now active, ascending
     * @param pruned positions no longer active, ascending; as many
     */
    public record Change(int parameter, int[] grown, int[] pruned) {
    }

    /**
     * The outcome.
     *
     * @param state the new state
     * @param changes one a layer, in the order given
     */
    public record Adjusted(ModelState state, List<Change> changes) {
    }

    /**
     * Adjusts layers.
     *
     * @param state the model
     * @param gradients one a layer; positions must be pruned ones, values that are 0 or not finite do not count
     * @return the new state and what has changed
     * @throws IllegalArgumentException if a position is active, outside the layer or named twice
     */
    public static Adjusted apply(ModelState state, List<LayerGradient> gradients) {
        Given.notNull(state, "grow and prune: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(gradients, "grow and prune: gradients", "the largest gradients at pruned positions, a layer each");
        List<Change> changes = new ArrayList<>();
        ModelState current = state;
        for (LayerGradient gradient : gradients) {
            Given.notNull(gradient, "grow and prune: a layer's gradients", "its largest gradients at pruned positions");
            int p = gradient.parameter();
            Mask mask = current.mask(p);
            float[] values = current.values(p);
            int[] candidates = usable(current, gradient);
            int count = Math.min(Math.min(gradient.limit(), candidates.length), mask.count());
            Adjusted step = exchange(current, p, Arrays.copyOf(candidates, count), Magnitude.smallest(values, count));
            current = step.state();
            changes.addAll(step.changes());
        }
        return new Adjusted(current, changes);
    }

    /** Positions with finite gradients other than 0, first in order first. */
    private static int[] usable(ModelState state, LayerGradient gradient) {
        int[] places = new int[gradient.indices().length];
        int count = 0;
        for (int i = 0; i < places.length; i++) {
            checkPruned(state, gradient.parameter(), gradient.indices()[i]);
            double value = gradient.values()[i];
            if (value != 0 && Double.isFinite(value)) {
                places[count++] = i;
            }
        }
        Integer[] order = new Integer[count];
        for (int i = 0; i < count; i++) {
            order[i] = places[i];
        }
        Arrays.sort(order, (a, b) -> {
            int byMagnitude = Double.compare(Math.abs(gradient.values()[b]), Math.abs(gradient.values()[a]));
            return byMagnitude != 0 ? byMagnitude : Integer.compare(gradient.indices()[a], gradient.indices()[b]);
        });
        return Arrays.stream(order).mapToInt(i -> gradient.indices()[i]).toArray();
    }

    /**
     * One layer with some positions exchanged.
     *
     * @param state the model
     * @param parameter the weight's position among the network's parameters
     * @param grow pruned positions, each once, in any order; they start at 0
     * @param places as many places among the active weights, each once, in any order: they leave
     * @return the new state and what has changed
     * @throws IllegalArgumentException if they are not equally many, there is no such place, one of either is named twice, or what is to
     *     grow is active or outside the layer
     */
    public static Adjusted exchange(ModelState state, int parameter, int[] grow, int[] places) {
        Given.notNull(state, "grow and prune: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
        Given.notNull(grow, "grow and prune: grow", "positions that become active");
        Given.notNull(places, "grow and prune: places", "places of the weights that go");
        Mask mask = state.mask(parameter);
        checkPlaces(state, parameter, grow.length, places);
        int[] grown = grow.clone();
        Arrays.sort(grown);
        checkGrown(state, parameter, grown);
        int[] pruned = new int[places.length];
        boolean[] leaves = new boolean[mask.count()];
        for (int i = 0; i < pruned.length; i++) {
            leaves[places[i]] = true;
            pruned[i] = mask.index(places[i]);
        }
        Arrays.sort(pruned);
        return new Adjusted(exchange(state, parameter, mask, state.values(parameter), leaves, grown),
                List.of(new Change(parameter, grown, pruned)));
    }

    private static void checkPlaces(ModelState state, int parameter, int grow, int[] places) {
        String name = name(state, parameter);
        int count = state.mask(parameter).count();
        if (grow != places.length) {
            throw new IllegalArgumentException("exchange '" + name + "': " + grow + " positions grow and " + places.length
                    + " leave; give as many of both");
        }
        boolean[] named = new boolean[count];
        for (int place : places) {
            if (place < 0 || place >= count || named[place]) {
                throw new IllegalArgumentException("exchange '" + name + "': place " + place + (place < 0 || place >= count
                        ? " is outside [0, " + count + "), the active weights" : " is named twice"));
            }
            named[place] = true;
        }
    }

    private static void checkGrown(ModelState state, int parameter, int[] ascending) {
        for (int i = 0; i < ascending.length; i++) {
            checkPruned(state, parameter, ascending[i]);
            if (i > 0 && ascending[i] == ascending[i - 1]) {
                throw new IllegalArgumentException("grow '" + name(state, parameter) + "': position " + ascending[i]
                        + " is named twice; give each once");
            }
        }
    }

    private static void checkPruned(ModelState state, int parameter, int index) {
        Mask mask = state.mask(parameter);
        if (index < 0 || index >= mask.size()) {
            throw new IllegalArgumentException("grow '" + name(state, parameter) + "': position " + index + " is outside [0, "
                    + mask.size() + ")");
        }
        if (mask.contains(index)) {
            throw new IllegalArgumentException("grow '" + name(state, parameter) + "': position " + index
                    + " is active already, only pruned ones can grow");
        }
    }

    private static String name(ModelState state, int parameter) {
        return state.network().parameters().get(parameter).name();
    }

    /** The layer without the leaving places and with the grown positions at 0. */
    private static ModelState exchange(ModelState state, int p, Mask mask, float[] values, boolean[] leaves, int[] grown) {
        int[] active = new int[mask.count()];
        float[] newValues = new float[active.length];
        int next = 0;
        int count = 0;
        for (int i = 0; i <= values.length; i++) {
            int index = i < values.length ? mask.index(i) : Integer.MAX_VALUE;
            while (next < grown.length && grown[next] < index) {
                active[count++] = grown[next++];
            }
            if (i < values.length && !leaves[i]) {
                newValues[count] = values[i];
                active[count++] = index;
            }
        }
        return state.with(p, Mask.of(mask.size(), active), newValues);
    }
}
