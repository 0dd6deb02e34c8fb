package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.model.ModelState;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The arithmetic of {@link Allocation}'s constants. */
final class Allocations {
    /** Upper bits of a magnitude that are counted first, then the lower ones. */
    private static final int UPPER_BITS = 16;
    private static final int LOWER_BITS = 15;

    private Allocations() {
    }

    static int[] sizes(ModelState state, int[] layers) {
        return Arrays.stream(layers).map(p -> state.mask(p).size()).toArray();
    }

    static int[] global(ModelState state, int[] layers, double density) {
        long budget = LayerCounts.budget(sizes(state, layers), density);
        long active = Arrays.stream(layers).mapToLong(p -> state.mask(p).count()).sum();
        if (active <= budget) {
            return Arrays.stream(layers).map(p -> state.mask(p).count()).toArray();
        }
        int[] best = Arrays.stream(layers).map(p -> state.values(p).length == 0 ? -1 : Magnitude.largest(state.values(p))).toArray();
        long chosen = budget - Arrays.stream(best).filter(place -> place >= 0).count();
        int threshold = threshold(state, layers, best, chosen);
        int[] counts = new int[layers.length];
        long equal = chosen;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = best[i] < 0 ? 0 : 1;
            for (int j = 0; j < state.values(layers[i]).length; j++) {
                if (j != best[i] && magnitude(state.values(layers[i])[j]) > threshold) {
                    counts[i]++;
                    equal--;
                }
            }
        }
        for (int i = 0; i < counts.length; i++) {
            for (int j = 0; j < state.values(layers[i]).length && equal > 0; j++) {
                if (j != best[i] && magnitude(state.values(layers[i])[j]) == threshold) {
                    counts[i]++;
                    equal--;
                }
            }
        }
        return counts;
    }

    /** Bits of |value|, which order as it does. */
    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
    }

    /** The magnitude, as bits, of the last of so many that are chosen, each layer's best place left out: those above are fewer. */
    private static int threshold(ModelState state, int[] layers, int[] best, long chosen) {
        long[] counts = new long[1 << UPPER_BITS];
        count(state, layers, best, counts, -1);
        int upper = last(counts, chosen);
        long above = 0;
        for (int i = upper + 1; i < counts.length; i++) {
            above += counts[i];
        }
        long[] within = new long[1 << LOWER_BITS];
        count(state, layers, best, within, upper);
        return upper << LOWER_BITS | last(within, chosen - above);
    }

    /** Counts upper bits, or the lower ones of those with the upper bits given. */
    private static void count(ModelState state, int[] layers, int[] best, long[] counts, int upper) {
        for (int i = 0; i < layers.length; i++) {
            float[] values = state.values(layers[i]);
            for (int j = 0; j < values.length; j++) {
                int bits = magnitude(values[j]);
                if (j != best[i] && (upper < 0 || bits >>> LOWER_BITS == upper)) {
                    counts[upper < 0 ? bits >>> LOWER_BITS : bits & (1 << LOWER_BITS) - 1]++;
                }
            }
        }
    }

    /** The place in which the {@code chosen}-th counted from the end lies. */
    private static int last(long[] counts, long chosen) {
        long taken = 0;
        int i = counts.length;
        do {
            taken += counts[--i];
        } while (taken < chosen && i > 0);
        return i;
    }

    static int[] erdosRenyiKernel(ModelState state, int[] layers, double density) {
        int[] sizes = sizes(state, layers);
        long budget = LayerCounts.budget(sizes, density);
        double[] shares = erdosRenyiShares(state, layers, sizes, budget);
        int[] counts = new int[sizes.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.clamp((long) StrictMath.floor(shares[i]), 1, sizes[i]);
        }
        long left = budget - IntStream.of(counts).asLongStream().sum();
        List<Integer> order = IntStream.range(0, counts.length).boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> StrictMath.floor(shares[i]) - shares[i])
                .thenComparing(Comparator.naturalOrder())).toList();
        for (int i : order) {
            if (left > 0 && counts[i] < sizes[i]) {
                counts[i]++;
                left--;
            }
        }
        return LayerCounts.fit(counts, sizes, budget, budget);
    }

    /** Weights of each layer before rounding: ε·ratio, or all of them where that is more. */
    private static double[] erdosRenyiShares(ModelState state, int[] layers, int[] sizes, long budget) {
        double[] shares = new double[sizes.length];
        boolean[] whole = new boolean[sizes.length];
        boolean again = true;
        while (again) {
            again = false;
            double left = budget;
            double sum = 0;
            for (int i = 0; i < sizes.length; i++) {
                shares[i] = extents(state, layers[i]);
                left -= whole[i] ? sizes[i] : 0;
                sum += whole[i] ? 0 : shares[i];
            }
            for (int i = 0; i < sizes.length; i++) {
                shares[i] = whole[i] ? sizes[i] : left * shares[i] / sum;
                if (!whole[i] && shares[i] > sizes[i]) {
                    whole[i] = true;
                    again = true;
                }
            }
        }
        return shares;
    }

    /** Sum of a weight's extents: density times positions is in proportion to it. */
    private static double extents(ModelState state, int layer) {
        return state.network().parameters().get(layer).shape().stream().mapToInt(extent -> extent).sum();
    }
}
