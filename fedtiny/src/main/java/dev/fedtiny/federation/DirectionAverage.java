package dev.fedtiny.federation;

import java.util.List;

/** The mean of vectors each of which is divided by its own Euclidean norm: a device weighs what it is asked to, whatever it sends. */
final class DirectionAverage implements Aggregation.Average {
    private final ExactAverage mean = new ExactAverage();

    @Override
    public void add(int weight, List<float[]> values) {
        mean.add(weight, factor(weight, values), values);
    }

    /** What a device's values are multiplied by so that together they have its weight as their norm; zeros stay zeros. */
    static double factor(int weight, List<float[]> values) {
        double squares = 0;
        for (float[] array : values) {
            for (float value : array) {
                squares += (double) value * value;
            }
        }
        return squares > 0 ? weight / Math.sqrt(squares) : weight;
    }

    @Override
    public void merge(Aggregation.Average other) {
        if (!(other instanceof DirectionAverage that)) {
            throw new IllegalArgumentException("average: one of directions is put together with " + other.getClass().getSimpleName());
        }
        mean.merge(that.mean);
    }

    @Override
    public long weights() {
        return mean.weights();
    }

    @Override
    public List<float[]> values() {
        return mean.values();
    }
}
