package dev.fedtiny.benchmarks.jmh;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * What is going to be measured, said before it begins.
 *
 * @param measurements combinations of method and parameters, by benchmark class
 * @param seconds what they take at least
 */
record Overview(Map<String, Integer> measurements, double seconds) {
    /** The classes of benchmarks. */
    static final List<String> BENCHMARKS = List.of("ConvolutionBenchmark", "LinearBenchmark", "PoolBenchmark",
            "ElementwiseBenchmark", "StorageBenchmark", "OperatorBenchmark", "PixelBenchmark", "NetworkBenchmark");
    /** From here on a reader is told how to ask for less. */
    private static final double LONG_SECONDS = 600;

    static Overview of(List<Plan> plans, Options options) {
        Pattern filter = Pattern.compile(options.filter());
        Map<String, Integer> measurements = new LinkedHashMap<>();
        double seconds = 0;
        for (Plan plan : plans) {
            int count = methods(plan.benchmark(), filter);
            for (String[] values : plan.parameters().values()) {
                count *= values.length;
            }
            if (count > 0) {
                measurements.merge(plan.benchmark(), count, Integer::sum);
                seconds += count * Pace.of(plan.benchmark(), options.has("quick")).seconds();
            }
        }
        return new Overview(measurements, seconds);
    }

    /** Methods of a benchmark class that a filter leaves. */
    static int methods(String benchmark, Pattern filter) {
        String name = Overview.class.getPackageName() + "." + benchmark;
        try {
            return (int) Arrays.stream(Class.forName(name).getMethods()).filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .filter(method -> filter.matcher(name + "." + method.getName()).find()).count();
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("benchmark " + benchmark + " has no class", e);
        }
    }

    /** Combinations in all. */
    int count() {
        return measurements.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Some lines for a terminal. */
    String text() {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT,
                "%d measurements, each in a JVM of its own: %s or more%n", count(), duration()));
        measurements.forEach((benchmark, count) -> text.append(String.format(Locale.ROOT, "  %-21s %d%n", benchmark, count)));
        if (seconds > LONG_SECONDS) {
            text.append("""
                    Fewer: --quick, a FILTER such as ConvolutionBenchmark.forward, --layers, --models, --densities, --threads; for example
                      bin/benchmarks --quick --threads 1 --densities 0.1 ConvolutionBenchmark.forward
                    bin/benchmarks jmh --help lists all options; Ctrl-C ends this, without a table.
                    """);
        }
        return text.toString();
    }

    private String duration() {
        return seconds < 3600 ? String.format(Locale.ROOT, "%.0f min", Math.ceil(seconds / 60))
                : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }
}
