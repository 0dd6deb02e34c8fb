package dev.fedtiny.report;

import java.util.Arrays;

/**
 * Mean and scatter of repetitions, and what they say about the mean of all there could be.
 *
 * @param count n
 * @param mean NaN of none
 * @param deviation standard deviation of the sample, with n − 1; NaN of fewer than two
 */
public record SampleStatistics(int count, double mean, double deviation) {
    private static final double CONFIDENCE = 0.95;
    private static final int BISECTIONS = 200;
    private static final double TINY = 1e-300;
    private static final int MOST_TERMS = 10_000;
    /** Standard deviations beyond which nothing lies. */
    private static final double FAR = 9;

    /**
     * Of values.
     *
     * @param values one a repetition; those that are not finite do not count
     * @return their statistics
     */
    public static SampleStatistics of(double... values) {
        double[] known = Arrays.stream(values).filter(Double::isFinite).toArray();
        double mean = Arrays.stream(known).average().orElse(Double.NaN);
        double squares = Arrays.stream(known).map(value -> (value - mean) * (value - mean)).sum();
        return new SampleStatistics(known.length, mean, known.length < 2 ? Double.NaN : Math.sqrt(squares / (known.length - 1)));
    }

    /** {@return whether n is large enough for a deviation and an interval to mean something: {@link Repetitions#FOR_DEVIATION}} */
    public boolean enough() {
        return count >= Repetitions.FOR_DEVIATION;
    }

    /** {@return a share in percent with its deviation, for example {@code 61.30 % ± 0.42}; without one where n is too small} */
    String percent() {
        return count == 0 ? "–" : Units.percent(mean) + (enough() ? " ± " + Units.fixed(100 * deviation, 2) : "");
    }

    /** {@return half the width of the 95 % interval of the mean: t(0.975; n − 1) · s / √n; NaN of fewer than two} */
    public double halfInterval() {
        return count < 2 ? Double.NaN : quantile((1 + CONFIDENCE) / 2, count - 1) * deviation / Math.sqrt(count);
    }

    /**
     * Quantile of Student's t distribution, by bisection of its distribution function, to about ten digits.
     *
     * @param probability in (0.5, 1)
     * @param degrees of freedom, at least 1
     * @return t with P(T ≤ t) = probability
     */
    static double quantile(double probability, int degrees) {
        double low = 0;
        double high = 1;
        while (cumulative(high, degrees) < probability) {
            high *= 2;
        }
        for (int i = 0; i < BISECTIONS && high > Math.nextUp(low); i++) {
            double middle = (low + high) / 2;
            if (cumulative(middle, degrees) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /**
     * How far the least and the largest of equal, normally distributed figures lie apart in the mean, in their standard deviations:
     * ∫ 1 − Φ(x)ⁿ − (1 − Φ(x))ⁿ dx, by the trapezoidal rule.
     *
     * @param count n, at least 1
     * @return 0 of one, 1.128 of two, 3.078 of ten
     */
    static double expectedRange(int count) {
        double step = 1e-3;
        double below = 0;
        double range = 0;
        for (double x = -FAR; x < FAR; x += step) {
            below += step * StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
            range += step * (1 - Math.pow(below, count) - Math.pow(1 - below, count));
        }
        return range;
    }

    /** P(T ≤ t) = 1 − I(ν / (ν + t²); ν/2, 1/2) / 2 for t ≥ 0. */
    private static double cumulative(double t, int degrees) {
        return 1 - incompleteBeta(degrees / (degrees + t * t), degrees / 2.0, 0.5) / 2;
    }

    /** The regularised incomplete beta function I(x; a, b), by its continued fraction (Abramowitz and Stegun, 26.5.8; Lentz's method). */
    private static double incompleteBeta(double x, double a, double b) {
        if (x <= 0 || x >= 1) {
            return x <= 0 ? 0 : 1;
        }
        if (x > (a + 1) / (a + b + 2)) {
            return 1 - incompleteBeta(1 - x, b, a);
        }
        double front = StrictMath.exp(a * StrictMath.log(x) + b * StrictMath.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
        double c = 1;
        double d = 1 / away(1 - (a + b) * x / (a + 1));
        double fraction = d;
        for (int m = 1; m < MOST_TERMS; m++) {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / away(1 + even * d);
            c = away(1 + even / c);
            fraction *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / away(1 + odd * d);
            c = away(1 + odd / c);
            fraction *= d * c;
            if (Math.abs(d * c - 1) < 1e-15) {
                break;
            }
        }
        return front * fraction;
    }

    private static double away(double value) {
        return Math.abs(value) < TINY ? TINY : value;
    }

    /** ln Γ(x) for multiples of one half, which is all that degrees of freedom need: by Γ(x + 1) = x Γ(x) from Γ(1) and Γ(1/2). */
    private static double logGamma(double x) {
        double sum = x == Math.rint(x) ? 0 : StrictMath.log(Math.PI) / 2;
        for (double factor = x == Math.rint(x) ? 1 : 0.5; factor < x; factor++) {
            sum += StrictMath.log(factor);
        }
        return sum;
    }
}
