package dev.fedtiny.data;

import java.util.Arrays;

/**
 * A list of indices in two parts, both ascending, no index in both. Arrays are copied on the way in and out.
 *
 * @param chosen the drawn part, never empty
 * @param rest all others; may be empty
 */
public record IndexSplit(int[] chosen, int[] rest) {
    /** Copies both arrays. */
    public IndexSplit {
        chosen = chosen.clone();
        rest = rest.clone();
    }

    /** {@return A fresh copy of the drawn part} */
    @Override
    public int[] chosen() {
        return chosen.clone();
    }

    /** {@return A fresh copy of all others} */
    @Override
    public int[] rest() {
        return rest.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexSplit that && Arrays.equals(chosen, that.chosen) && Arrays.equals(rest, that.rest);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(chosen) + Arrays.hashCode(rest);
    }

    @Override
    public String toString() {
        return "IndexSplit of " + chosen.length + " chosen and " + rest.length + " others";
    }
}
