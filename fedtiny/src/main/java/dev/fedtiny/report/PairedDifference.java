package dev.fedtiny.report;

import java.util.Map;

/**
 * By how much one configuration is better than another, over the seeds that both were run with. Runs of a seed share split, start and
 * order, so that their difference scatters less than they do; an interval of differences says what two standard deviations beside each
 * other do not.
 *
 * @param differences of the pairs: n, mean and deviation
 */
public record PairedDifference(SampleStatistics differences) {
    /**
     * Of accuracies, or of any figure.
     *
     * @param one figures by seed
     * @param other figures by seed; the difference is {@code one − other}, over the seeds in both
     * @return their difference
     */
    public static PairedDifference of(Map<String, Double> one, Map<String, Double> other) {
        return new PairedDifference(SampleStatistics.of(one.keySet().stream().filter(other::containsKey).sorted()
                .mapToDouble(seed -> one.get(seed) - other.get(seed)).toArray()));
    }

    /** {@return n, pairs of runs with the same seed} */
    public int pairs() {
        return differences.count();
    }

    /** {@return whether the 95 % interval leaves out 0; never of too few pairs} */
    public boolean distinct() {
        return differences.enough() && Math.abs(differences.mean()) > differences.halfInterval();
    }

    /**
     * In percentage points.
     *
     * @return for example {@code +1.52}; {@code –} without a pair
     */
    public String points() {
        return pairs() == 0 ? "–" : signed(100 * differences.mean());
    }

    /** {@return the 95 % interval in percentage points, for example {@code +0.31 … +2.73}, or that n is too small for one} */
    public String interval() {
        return differences.enough() ? signed(100 * (differences.mean() - differences.halfInterval())) + " … "
                + signed(100 * (differences.mean() + differences.halfInterval())) : Repetitions.tooFew(pairs());
    }

    /** With two digits and its sign, which is that of what is shown: what rounds to 0 has no minus. */
    static String signed(double value) {
        String digits = Units.fixed(Math.abs(value), 2);
        return (value < 0 && !digits.equals("0.00") ? "−" : "+") + digits;
    }
}
