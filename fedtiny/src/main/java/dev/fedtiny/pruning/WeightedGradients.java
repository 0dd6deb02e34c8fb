package dev.fedtiny.pruning;

import dev.fedtiny.engine.pruning.LayerGradient;
import java.util.Arrays;

/**
 * Sums the top gradients that devices send, in double: g̃ = Σ p_k·g_k, absent = 0. Memory grows with the number of different positions;
 * devices are added in their order, so the result does not depend on who was quick.
 */
public final class WeightedGradients {
    private final int parameter;
    private final int limit;
    private int[] indices = new int[0];
    private double[] values = new double[0];

    /**
     * An empty sum.
     *
     * @param limit a_l
     * @param parameter position of the layer's weight in the network's parameters
     */
    public WeightedGradients(int parameter, int limit) {
        this.parameter = parameter;
        this.limit = limit;
    }

    /**
     * Adds a device.
     *
     * @param weight n_k, or p_k; see {@link #total}
     * @param deviceIndices different positions in any order
     * @param deviceValues gradients at them
     */
    public void add(double weight, int[] deviceIndices, float[] deviceValues) {
        long[] keys = new long[deviceIndices.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) deviceIndices[i] << 32 | i;
        }
        Arrays.sort(keys);
        int[] mergedIndices = new int[indices.length + keys.length];
        double[] mergedValues = new double[mergedIndices.length];
        int old = 0;
        int next = 0;
        int count = 0;
        while (old < indices.length || next < keys.length) {
            int index = next < keys.length ? (int) (keys[next] >> 32) : Integer.MAX_VALUE;
            if (old < indices.length && indices[old] <= index) {
                mergedIndices[count] = indices[old];
                mergedValues[count] = values[old];
                if (indices[old] == index) {
                    mergedValues[count] += weight * deviceValues[(int) keys[next++]];
                }
                old++;
            } else {
                mergedIndices[count] = index;
                mergedValues[count] = weight * deviceValues[(int) keys[next++]];
            }
            count++;
        }
        indices = Arrays.copyOf(mergedIndices, count);
        values = Arrays.copyOf(mergedValues, count);
    }

    /**
     * The sums divided by the weight of all devices that reported, whether or not they named a position.
     *
     * @param weights Σ of the weights
     * @return positions that anybody named, ascending, with their mean gradients
     */
    public LayerGradient total(double weights) {
        double[] divided = new double[values.length];
        for (int i = 0; i < divided.length; i++) {
            divided[i] = values[i] / weights;
        }
        return new LayerGradient(parameter, limit, indices.clone(), divided);
    }
}
