package dev.fedtiny.federation;

import java.util.ArrayList;
import java.util.List;

/**
 * θ = Σ p_k θ_k with p_k = n_k / Σ n over those that reported: running sums of n_k·θ_k in double, divided once. Its memory, 8 bytes a
 * value, does not grow with the fleet. Not thread-safe.
 */
public final class WeightedAverage implements Aggregation.Average {
    private double[][] sums = new double[0][];
    private double weights;

    /** Nothing added yet. */
    public WeightedAverage() {
    }

    /**
     * Adds a device.
     *
     * @param weight n_k, above 0
     * @param values arrays of the same lengths every time
     */
    @Override
    public void add(double weight, List<float[]> values) {
        if (weights == 0) {
            sums = values.stream().map(array -> new double[array.length]).toArray(double[][]::new);
        }
        for (int i = 0; i < sums.length; i++) {
            float[] array = values.get(i);
            if (array.length != sums[i].length) {
                throw new IllegalArgumentException("average: array " + i + " has " + array.length + " values, earlier ones "
                        + sums[i].length);
            }
            for (int j = 0; j < array.length; j++) {
                sums[i][j] += weight * array[j];
            }
        }
        weights += weight;
    }

    /** Σ of the weights; 0 when nobody was added. */
    @Override
    public double weights() {
        return weights;
    }

    /**
     * The average, as new arrays.
     *
     * @throws IllegalStateException if nobody was added
     */
    @Override
    public List<float[]> values() {
        if (weights == 0) {
            throw new IllegalStateException("average: nobody reported");
        }
        List<float[]> values = new ArrayList<>();
        for (double[] sum : sums) {
            float[] array = new float[sum.length];
            for (int j = 0; j < array.length; j++) {
                array[j] = (float) (sum[j] / weights);
            }
            values.add(array);
        }
        return values;
    }
}
