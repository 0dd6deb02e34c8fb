package dev.fedtiny.federation;

import dev.fedtiny.privacy.OpenedSum;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * θ = Σ p_k θ_k with p_k = n_k / Σ n over those that reported: exact running sums of n_k·θ_k, divided once. Its memory, 16 bytes a value,
 * does not grow with the fleet. Not thread-safe.
 */
final class ExactAverage implements Aggregation.Average {
    private List<ExactSums> sums = List.of();
    private long weights;

    /**
     * Of devices whose values were added up under masks.
     *
     * @param from the first word of the first array
     * @param lengths of the arrays
     * @param weights of all of them together
     */
    static ExactAverage of(OpenedSum sum, int from, List<Integer> lengths, int devices, long weights) {
        ExactAverage average = new ExactAverage();
        List<ExactSums> sums = new ArrayList<>();
        int word = from;
        for (int length : lengths) {
            sums.add(ExactSums.of(sum, word, length, devices));
            word += length;
        }
        average.sums = sums;
        average.weights = weights;
        return average;
    }

    @Override
    public void add(int weight, List<float[]> values) {
        add(weight, weight, values);
    }

    /**
     * Adds a device whose values count less than the device does.
     *
     * @param weight of the device
     * @param factor of its values
     */
    void add(int weight, double factor, List<float[]> values) {
        if (weights == 0) {
            sums = values.stream().map(array -> new ExactSums(array.length)).toList();
        }
        for (int i = 0; i < sums.size(); i++) {
            if (values.get(i).length != sums.get(i).count()) {
                throw new IllegalArgumentException("average: array " + i + " has " + values.get(i).length + " values, earlier ones "
                        + sums.get(i).count());
            }
        }
        long together = Math.addExact(weights, weight);
        for (int i = 0; i < sums.size(); i++) {
            sums.get(i).add(factor, values.get(i));
        }
        weights = together;
    }

    @Override
    public void merge(Aggregation.Average other) {
        if (!(other instanceof ExactAverage that)) {
            throw new IllegalArgumentException("average: a mean is put together with " + other.getClass().getSimpleName());
        }
        if (that.weights == 0) {
            return;
        }
        long together = Math.addExact(weights, that.weights);
        if (weights == 0) {
            sums = that.sums.stream().map(sum -> new ExactSums(sum.count())).toList();
        }
        for (int i = 0; i < sums.size(); i++) {
            sums.get(i).merge(that.sums.get(i));
        }
        weights = together;
    }

    /** The sums, one an array; none when nobody was added. */
    List<ExactSums> sums() {
        return sums;
    }

    /** A sum as it was added up, before it is divided. */
    double sum(int array, int place) {
        return sums.get(array).sum(place);
    }

    @Override
    public long weights() {
        return weights;
    }

    @Override
    public List<double[]> totals() {
        return sums.stream().map(sum -> IntStream.range(0, sum.count()).mapToDouble(sum::sum).toArray()).toList();
    }

    @Override
    public List<float[]> values() {
        if (weights == 0) {
            throw new IllegalStateException("average: nobody reported");
        }
        List<float[]> values = new ArrayList<>();
        for (ExactSums sum : sums) {
            float[] array = new float[sum.count()];
            for (int j = 0; j < array.length; j++) {
                array[j] = (float) (sum.sum(j) / weights);
            }
            values.add(array);
        }
        return values;
    }
}
