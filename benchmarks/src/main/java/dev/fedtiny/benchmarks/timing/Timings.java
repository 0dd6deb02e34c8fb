package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.report.Repetitions;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
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
    /** What two windows of warming up may differ by and be alike. */
    private static final double NOTICEABLE = 0.97;
    /** Seconds of such a window, at least, where warming up lasts twice as long or longer. */
    private static final double WINDOW_SECONDS = 0.25;
    /** Share of a window in which C2 may work and count as idle. */
    private static final double BUSY = 0.05;
    /** Warming up ends after so many times what it is given, and at most so many seconds, though C2 is at work. */
    private static final double PATIENCE = 30;
    private static final double MOST_SECONDS = 15;

    /** As {@link #measure(Runnable, double, int)}, nine repetitions at least. */
    public static Timings measure(Runnable repetition, double seconds) {
        return measure(repetition, seconds, LEAST);
    }

    /**
     * Warms up, then measures. Warming up ends when it has lasted a given time, the last repetitions were no faster than those before and
     * C2 had nothing to compile (it compiles a kernel after some thousand calls, which small layers reach soon and few large ones late), or
     * after thirty times that time but no more than 15 seconds, or four times that time where it is more.
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

    /**
     * Until two windows in a row are alike and C2 was idle in the last one: a kernel that it has not compiled makes objects of its vectors,
     * and steps of a small network stay level for seconds at several times what they take in the end.
     */
    private static void warmUp(Runnable repetition, double seconds, int least) {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        boolean known = compiler != null && compiler.isCompilationTimeMonitoringSupported();
        long start = System.nanoTime();
        double before = Double.MAX_VALUE;
        double most = Math.max(4 * seconds, Math.min(MOST_SECONDS, PATIENCE * seconds));
        while (true) {
            long begin = System.nanoTime();
            long compiled = known ? compiler.getTotalCompilationTime() : 0;
            double best = Double.MAX_VALUE;
            for (int i = 0; i < least || System.nanoTime() - begin < 1e9 * Math.min(WINDOW_SECONDS, seconds / 2); i++) {
                best = Math.min(best, time(repetition));
            }
            double window = (System.nanoTime() - begin) / 1e9;
            double elapsed = (System.nanoTime() - start) / 1e9;
            boolean compiling = known && compiler.getTotalCompilationTime() - compiled > BUSY * 1e3 * window;
            boolean steady = best >= NOTICEABLE * before && !compiling;
            if (elapsed >= seconds && (steady || elapsed >= most)) {
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
