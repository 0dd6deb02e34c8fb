package dev.fedtiny.benchmarks;

import java.util.Arrays;

/**
 * The median of independent measurements and an interval that holds the true median with at least a given probability, whatever their
 * distribution: the k-th smallest and the k-th largest, k as large as the binomial distribution allows.
 *
 * @param median of the sample
 * @param low lower end
 * @param high upper end
 * @param confidence probability that the interval holds the true median; less than asked for when there are too few measurements
 */
public record MedianInterval(double median, double low, double high, double confidence) {
    /**
     * The interval of a sample.
     *
     * @param asked confidence asked for, in (0, 1)
     * @throws IllegalArgumentException if there are no values
     */
    public static MedianInterval of(double[] values, double asked) {
        if (values.length == 0) {
            throw new IllegalArgumentException("median interval: no values");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        int rank = 1;
        while (2 * (rank + 1) <= n && confidence(n, rank + 1) >= asked) {
            rank++;
        }
        return new MedianInterval(median, sorted[rank - 1], sorted[n - rank], confidence(n, rank));
    }

    /** Whether there were enough measurements for an interval of the confidence asked for. */
    public boolean holds(double asked) {
        return confidence >= asked;
    }

    /** P(k-th smallest ≤ median ≤ k-th largest of n) = 1 − 2·P(Binomial(n, ½) < k). */
    static double confidence(int n, int k) {
        double term = Math.pow(0.5, n);
        double below = 0;
        for (int i = 0; i < k; i++) {
            below += term;
            term *= (double) (n - i) / (i + 1);
        }
        return 1 - 2 * below;
    }
}
