package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;
import java.util.List;

/**
 * What the server's optimiser remembers between rounds: numbers that belong to the active positions of the trained parameters. Immutable.
 *
 * @param steps taken so far
 * @param arrays by parameter one array for every name of the rule's state, in the order of the model's masks; none for parameters that are
 *        not trained, and none at all before the first step. Not copied, not to be changed
 */
public record ServerMemory(long steps, List<float[][]> arrays) {
    /** Before the first step. */
    public static final ServerMemory NONE = new ServerMemory(0, List.of());

    /** Keeps its own list. */
    public ServerMemory {
        if (steps < 0) {
            throw new IllegalArgumentException("server memory: " + steps + " steps, expected at least 0");
        }
        arrays = List.copyOf(arrays);
    }

    /**
     * Arrays for a parameter's mask: what a position that stays has, stays; a new one begins with 0.
     *
     * @param parameter position among the network's
     * @param before the model that this memory belongs to
     * @param mask the one now
     * @param count how many arrays
     * @return new arrays
     */
    float[][] of(int parameter, ModelState before, Mask mask, int count) {
        float[][] moved = new float[count][mask.count()];
        if (arrays.isEmpty()) {
            return moved;
        }
        if (arrays.get(parameter).length != count) {
            throw new IllegalArgumentException("server memory: " + arrays.get(parameter).length + " numbers a value, expected " + count
                    + " as the server's optimiser remembers; it belongs to another optimiser");
        }
        Mask old = before.mask(parameter);
        for (int a = 0; a < count; a++) {
            float[] known = arrays.get(parameter)[a];
            for (int i = 0; i < mask.count(); i++) {
                int place = old.find(mask.index(i));
                moved[a][i] = place < 0 ? 0 : known[place];
            }
        }
        return moved;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServerMemory that && steps == that.steps
                && Arrays.deepEquals(arrays.toArray(), that.arrays.toArray());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(steps) + 31 * Arrays.deepHashCode(arrays.toArray());
    }
}
