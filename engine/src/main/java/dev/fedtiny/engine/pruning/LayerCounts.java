package dev.fedtiny.engine.pruning;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.Network;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many weights each prunable layer keeps at a density d: at least one weight a layer, and all together at most
 * B = ⌊d·N⌋ of N prunable weights. Pure arithmetic on layer sizes, in the order of {@code network.prunable()}.
 */
public final class LayerCounts {
    private LayerCounts() {
    }

    /**
     * Refuses what is not in (0, 1].
     *
     * @param density d of all these layers together, in (0, 1]
     */
    public static void checkDensity(double density) {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("density " + density + " is impossible, it must be above 0 and at most 1");
        }
    }

    private static void checkSizes(int[] sizes) {
        Given.notNull(sizes, "layer counts: sizes", "how many weights each layer has");
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] < 1) {
                throw new IllegalArgumentException("layer counts: layer " + i + " has " + sizes[i] + " weights, must be at least 1");
            }
        }
    }

    /**
     * n_l of all prunable layers.
     *
     * @param network whose prunable layers are counted
     * @return one number a layer, in the order of {@code network.prunable()}
     */
    public static int[] sizes(Network network) {
        Given.notNull(network, "layer counts: network", "a network: of a NetworkSpec, a builder or a model file");
        return network.prunable().stream().mapToInt(p -> network.parameters().get(p).size()).toArray();
    }

    /**
     * Every layer at the same density: max(1, ⌊d·n_l⌋). Where layers that must keep a weight bring the sum above B, the layers are walked
     * from largest to smallest, the first of equal ones first, and cut, not below 1, until it fits.
     *
     * @param sizes n_l, at least 1 each
     * @param density d in (0, 1]
     * @return weights of each layer
     * @throws IllegalArgumentException if d leaves fewer than one weight a layer; names the smallest possible density
     */
    public static int[] uniform(int[] sizes, double density) {
        long budget = budget(sizes, density);
        int[] counts = new int[sizes.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.max(1, (int) StrictMath.floor(density * sizes[i]));
        }
        return fit(counts, sizes, 0, budget);
    }

    /**
     * As {@link #uniform(int[], double)}, of a network's prunable layers.
     *
     * @param network whose prunable layers are counted
     * @param density d of all these layers together, in (0, 1]
     * @return weights of each layer
     */
    public static int[] uniform(Network network, double density) {
        Given.notNull(network, "layer counts: network", "a network: of a NetworkSpec, a builder or a model file");
        return uniform(sizes(network), density);
    }

    /**
     * Weights kept of every parameter, as many as it has where it is not prunable: {@link #uniform(Network, double)} in the order of
     * {@code network.parameters()}.
     *
     * @param network whose prunable layers are counted
     * @param density d of all these layers together, in (0, 1]
     * @return one count a parameter
     */
    public static int[] uniformOfAll(Network network, double density) {
        Given.notNull(network, "layer counts: network", "a network: of a NetworkSpec, a builder or a model file");
        int[] counts = network.parameters().stream().mapToInt(parameter -> parameter.size()).toArray();
        int[] prunable = uniform(network, density);
        for (int i = 0; i < prunable.length; i++) {
            counts[network.prunable().get(i)] = prunable[i];
        }
        return counts;
    }

    /**
     * B = ⌊d·N⌋, the most weights that all prunable layers keep together.
     *
     * @param sizes n of each layer, at least 1
     * @param density d of all these layers together, in (0, 1]
     * @return B
     * @throws IllegalArgumentException if that is fewer than one a layer; names the smallest possible density
     */
    public static long budget(int[] sizes, double density) {
        checkSizes(sizes);
        checkDensity(density);
        long total = IntStream.of(sizes).asLongStream().sum();
        long budget = (long) StrictMath.floor(density * total);
        if (budget < sizes.length) {
            throw new IllegalArgumentException("density " + density + " keeps " + budget + " of " + total
                    + " weights, fewer than one for each of " + sizes.length + " prunable layers; the smallest possible density is "
                    + smallestDensity(sizes));
        }
        return budget;
    }

    /**
     * The smallest d with ⌊d·N⌋ ≥ layers.
     *
     * @param sizes n of each layer, at least 1
     * @return d
     */
    public static double smallestDensity(int[] sizes) {
        checkSizes(sizes);
        long total = IntStream.of(sizes).asLongStream().sum();
        double density = Math.nextUp((double) sizes.length / total);
        while (StrictMath.floor(Math.nextDown(density) * total) >= sizes.length) {
            density = Math.nextDown(density);
        }
        return density;
    }

    /**
     * Walks the layers from largest to smallest, cutting or raising until the sum is from {@code least} to {@code budget}.
     *
     * @param counts weights of each layer, in the order of {@code network.prunable()}
     * @param sizes n of each layer, at least 1
     * @param least the smallest sum that will do
     * @param budget B, the largest one
     * @return the same array, changed
     * @throws IllegalArgumentException if there is no such sum, since a layer keeps at least one weight and at most all; or if a layer has
     *     no weights, or no count
     */
    public static int[] fit(int[] counts, int[] sizes, long least, long budget) {
        Given.notNull(counts, "layer counts: counts", "weights of each layer");
        checkSizes(sizes);
        if (counts.length != sizes.length) {
            throw new IllegalArgumentException("layer counts: counts of " + counts.length + " layers and sizes of " + sizes.length
                    + "; give one of each a layer");
        }
        long sum = IntStream.of(counts).asLongStream().sum();
        if (sum >= least && sum <= budget) {
            return counts;
        }
        List<Integer> order = IntStream.range(0, sizes.length).boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> -sizes[i]).thenComparing(Comparator.naturalOrder())).toList();
        for (int i : order) {
            if (sum > budget) {
                int cut = (int) Math.min(sum - budget, counts[i] - 1);
                counts[i] -= cut;
                sum -= cut;
            } else if (sum < least) {
                int raise = (int) Math.min(least - sum, sizes[i] - counts[i]);
                counts[i] += raise;
                sum += raise;
            }
        }
        if (sum < least || sum > budget) {
            throw new IllegalArgumentException("layer counts: " + sum + " weights are the nearest that " + sizes.length + " layers of "
                    + IntStream.of(sizes).asLongStream().sum() + " weights come to, at least one a layer; expected from " + least + " to "
                    + budget);
        }
        return counts;
    }
}
