package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * A mean of values of which each device's change has at most a given norm: θ'_k = θ + min(1, C / ‖θ_k − θ‖)·(θ_k − θ), for trained values,
 * running means and running variances each by themselves. Memory as of the mean. Not thread-safe.
 */
final class ClippedAverage implements Aggregation.Average {
    private final double norm;
    private final Baseline before;
    private final ExactAverage mean = new ExactAverage();

    ClippedAverage(double norm, Baseline before) {
        this.norm = norm;
        this.before = before;
    }

    @Override
    public void add(int weight, List<float[]> values) {
        mean.add(weight, clipped(norm, before.values(), before.kinds(), values));
    }

    /** The values with their change clipped; the very arrays where nothing is. */
    static List<float[]> clipped(double norm, List<float[]> before, List<Kind> kinds, List<float[]> values) {
        double[] shares = shares(norm, before, kinds, values);
        List<float[]> clipped = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            clipped.add(shares[i] == 1 ? values.get(i) : towards(before.get(i), values.get(i), shares[i]));
        }
        return clipped;
    }

    /** What is left of each array's change: 1 where those of its sort are together no longer than the norm. */
    static double[] shares(double norm, List<float[]> before, List<Kind> kinds, List<float[]> values) {
        double[] squares = ValueSort.sums();
        for (int i = 0; i < values.size(); i++) {
            for (int j = 0; j < values.get(i).length; j++) {
                double change = (double) values.get(i)[j] - before.get(i)[j];
                squares[ValueSort.of(kinds.get(i)).ordinal()] += change * change;
            }
        }
        double[] shares = new double[values.size()];
        for (int i = 0; i < shares.length; i++) {
            double length = Math.sqrt(squares[ValueSort.of(kinds.get(i)).ordinal()]);
            shares[i] = length <= norm ? 1 : norm / length;
        }
        return shares;
    }

    private static float[] towards(float[] before, float[] values, double share) {
        float[] moved = new float[values.length];
        for (int j = 0; j < moved.length; j++) {
            moved[j] = (float) (before[j] + share * ((double) values[j] - before[j]));
        }
        return moved;
    }

    @Override
    public void merge(Aggregation.Average other) {
        if (!(other instanceof ClippedAverage that) || that.norm != norm) {
            throw new IllegalArgumentException("average: a mean clipped at " + norm + " is put together with "
                    + other.getClass().getSimpleName() + " of another rule");
        }
        mean.merge(that.mean);
    }

    /** The mean of what is clipped. */
    ExactAverage mean() {
        return mean;
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
