package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.report.Repetitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Durations of one thing done again and again.
 *
 * @param sortedMillis ascending, at least one
 */
public record Timings(double[] sortedMillis) {
    private static final int LEAST = Repetitions.FOR_PERCENTILES;

    /** As {@link #measure(Runnable, double, int)}, nine repetitions at least. */
    public static Timings measure(Runnable repetition, double seconds) {
        return measure(repetition, seconds, LEAST);
    }

    /**
     * Warms up, then measures. Warming up ends when it has lasted a given time and the last repetitions were no faster than those before
     * (C2 compiles a kernel after some thousand calls, which small layers reach soon and few large ones late), or after four times that
     * time.
     *
     * @param seconds for which to measure, after half as long of warming up
     * @param least repetitions to measure at least; half as many are compared when warming up
     */
    public static Timings measure(Runnable repetition, double seconds, int least) {
        warmUp(repetition, seconds / 2, Math.ceilDiv(least, 2));
        double[] millis = new double[least];
        int count = 0;
        long start = System.nanoTime();
        while (count < least || System.nanoTime() - start < seconds * 1e9) {
            if (count == millis.length) {
                millis = Arrays.copyOf(millis, 2 * count);
            }
            millis[count++] = time(repetition);
        }
        double[] measured = Arrays.copyOf(millis, count);
        Arrays.sort(measured);
        return new Timings(measured);
    }

    /** Two things in turn, so that what disturbs the machine disturbs both; as many repetitions of each. */
    public static List<Timings> inTurn(Runnable one, Runnable other, double seconds) {
        warmUp(one, seconds / 4, Math.ceilDiv(LEAST, 2));
        warmUp(other, seconds / 4, Math.ceilDiv(LEAST, 2));
        List<Double> ones = new ArrayList<>();
        List<Double> others = new ArrayList<>();
        long start = System.nanoTime();
        while (ones.size() < LEAST || System.nanoTime() - start < seconds * 1e9) {
            ones.add(time(one));
            others.add(time(other));
        }
        return List.of(ascending(ones), ascending(others));
    }

    private static Timings ascending(List<Double> millis) {
        return new Timings(millis.stream().mapToDouble(Double::doubleValue).sorted().toArray());
    }

    private static void warmUp(Runnable repetition, double seconds, int window) {
        long start = System.nanoTime();
        double before = Double.MAX_VALUE;
        while (true) {
            double best = Double.MAX_VALUE;
            for (int i = 0; i < window; i++) {
                best = Math.min(best, time(repetition));
            }
            double elapsed = (System.nanoTime() - start) / 1e9;
            if (elapsed >= seconds && (best >= 0.97 * before || elapsed >= 4 * seconds)) {
                return;
            }
            before = best;
        }
    }

    private static double time(Runnable repetition) {
        long before = System.nanoTime();
        repetition.run();
        return (System.nanoTime() - before) / 1e6;
    }

    /** How many were measured. */
    public int count() {
        return sortedMillis.length;
    }

    /** The smallest duration that {@code share} of all do not exceed, by nearest rank. */
    public double percentile(double share) {
        return sortedMillis[(int) Math.round(share * (sortedMillis.length - 1))];
    }

    /** Half are shorter, half are longer. */
    public double median() {
        return percentile(0.5);
    }
}
