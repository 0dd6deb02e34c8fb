package dev.fedtiny.federation;

import dev.fedtiny.engine.pruning.LayerGradient;
import java.util.Arrays;
import java.util.List;

/**
 * Sums the top gradients that devices send of one layer, exactly: g̃ = Σ p_k·g_k, absent = 0. Where devices are not weighed by their
 * samples alone, every device's gradient has the same length, too: only its direction votes. Memory, 24 bytes a position, grows with the
 * number of different positions. Not thread-safe.
 */
public final class GradientSum {
    private final int parameter;
    private final int limit;
    private final Aggregation rule;
    private int[] indices = new int[0];
    private ExactSums sums = new ExactSums(0);
    private long weights;

    GradientSum(int parameter, int limit, Aggregation rule) {
        this.parameter = parameter;
        this.limit = limit;
        this.rule = rule;
    }

    /**
     * Adds a device.
     *
     * @param samples n_k
     * @param deviceIndices different positions in any order
     * @param deviceValues gradients at them
     */
    public void add(int samples, int[] deviceIndices, float[] deviceValues) {
        int[] ascending = deviceIndices.clone();
        Arrays.sort(ascending);
        cover(ascending);
        int weight = rule.weight(samples);
        double factor = rule instanceof Aggregation.Mean ? weight : DirectionAverage.factor(weight, List.of(deviceValues));
        sums.begin();
        for (int i = 0; i < deviceIndices.length; i++) {
            sums.add(Arrays.binarySearch(indices, deviceIndices[i]), factor * deviceValues[i]);
        }
        weights = Math.addExact(weights, weight);
    }

    /** Makes places for positions that were not there. */
    private void cover(int[] ascending) {
        int[] union = new int[indices.length + ascending.length];
        int[] from = new int[union.length];
        int old = 0;
        int next = 0;
        int count = 0;
        while (old < indices.length || next < ascending.length) {
            boolean known = old < indices.length && (next == ascending.length || indices[old] <= ascending[next]);
            int index = known ? indices[old] : ascending[next];
            union[count] = index;
            from[count++] = known ? old++ : -1;
            next += next < ascending.length && ascending[next] == index ? 1 : 0;
        }
        if (count > indices.length) {
            indices = Arrays.copyOf(union, count);
            sums = sums.spread(Arrays.copyOf(from, count));
        }
    }

    /**
     * The sums divided by the weight of all devices that reported, whether or not they named a position.
     *
     * @return by position
     * @throws IllegalStateException if nobody was added
     */
    public LayerGradient total() {
        if (weights == 0) {
            throw new IllegalStateException("gradients: nobody reported");
        }
        double[] divided = new double[indices.length];
        for (int i = 0; i < divided.length; i++) {
            divided[i] = sums.sum(i) / weights;
        }
        return new LayerGradient(parameter, limit, indices.clone(), divided);
    }
}
