package dev.fedtiny.benchmarks.check;

/**
 * How far a tensor is from its reference: the largest difference over the reference's largest magnitude.
 *
 * @param tensor its name
 * @param error relative error; NaN where a value is not finite
 * @param tolerance the largest error that passes
 */
public record Deviation(String tensor, double error, double tolerance) {
    /** Compares two tensors of one length. */
    static Deviation of(String tensor, float[] actual, float[] expected, double tolerance) {
        if (actual.length != expected.length) {
            throw new IllegalArgumentException("check '" + tensor + "': " + actual.length + " values, the reference has "
                    + expected.length);
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < actual.length; i++) {
            if (!Float.isFinite(actual[i])) {
                return new Deviation(tensor, Double.NaN, tolerance);
            }
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
        }
        return new Deviation(tensor, largest == 0 ? difference : difference / largest, tolerance);
    }

    /** Whether the error is within the tolerance. */
    public boolean passes() {
        return error <= tolerance;
    }
}
