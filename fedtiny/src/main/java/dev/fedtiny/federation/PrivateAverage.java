package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.privacy.GaussianMechanism;
import java.util.ArrayList;
import java.util.List;

/**
 * θ' = θ + (Σ_k clip_C(θ_k − θ) + noise) / m, m the devices expected: trained values, running means and running variances are clipped each
 * by themselves, so that one device changes the sum by a norm of at most C·√parts. Noise is drawn once, whoever and however few took part.
 * A running variance stays at least at half of what it was, which no device decides. Not thread-safe.
 */
final class PrivateAverage implements Aggregation.Average {
    /** Rounding to single precision must not make a change longer than the norm. */
    private static final double ROUNDING = 1 - 0x1p-20;

    private final GaussianMechanism mechanism;
    private final Baseline before;
    private final ExactAverage changes = new ExactAverage();
    private List<float[]> noised;

    PrivateAverage(GaussianMechanism mechanism, Baseline before) {
        this.mechanism = mechanism;
        this.before = before;
        changes.add(1, before.values().stream().map(array -> new float[array.length]).toList());
    }

    /** Clips the change itself, not the values that it leads to: their rounding may be longer than the norm. */
    @Override
    public void add(int weight, List<float[]> values) {
        double[] shares = ClippedAverage.shares(mechanism.clip() * ROUNDING, before.values(), before.kinds(), values);
        List<float[]> clipped = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            float[] from = before.values().get(i);
            float[] change = new float[from.length];
            for (int j = 0; j < change.length; j++) {
                change[j] = (float) (ROUNDING * shares[i] * ((double) values.get(i)[j] - from[j]));
            }
            clipped.add(change);
        }
        changes.add(1, clipped);
    }

    @Override
    public void merge(Aggregation.Average other) {
        throw new IllegalArgumentException("average: sums of several servers cannot be put together under differential privacy: each would "
                + "have its own noise");
    }

    /** The number of devices is no secret; that of nobody is as good as any. */
    @Override
    public long weights() {
        return changes.weights();
    }

    @Override
    public List<float[]> values() {
        if (noised == null) {
            double sensitivity = mechanism.clip() * Math.sqrt(parts());
            noised = new ArrayList<>();
            for (int i = 0; i < before.values().size(); i++) {
                float[] array = new float[before.values().get(i).length];
                boolean variance = before.kinds().get(i) == Kind.RUNNING_VARIANCE;
                for (int j = 0; j < array.length; j++) {
                    double sum = changes.sum(i, j) + mechanism.noise(sensitivity);
                    float was = before.values().get(i)[j];
                    float value = (float) (was + sum / mechanism.expected());
                    array[j] = variance ? Math.max(value, was / 2) : value;
                }
                noised.add(array);
            }
        }
        return noised.stream().map(float[]::clone).toList();
    }

    /** How many sorts of values there are; trained ones there always are. */
    private int parts() {
        return (int) before.kinds().stream().map(ValueSort::of).filter(sort -> sort != ValueSort.TRAINED).distinct().count() + 1;
    }
}
