package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * One line of results.
 *
 * @param benchmark class and method
 * @param parameters what it was run with, by name
 * @param millis mean milliseconds a call
 * @param errorMillis half of the 99.9 % confidence interval of the mean; NaN with fewer than three iterations
 * @param counters {@link Counters} by name
 * @param allocatedBytes bytes allocated a call by all threads; NaN if not measured
 * @param allocatedMegabytesPerSecond 10⁶ bytes allocated a second
 */
record Measurement(String benchmark, Map<String, String> parameters, double millis, double errorMillis, Map<String, Double> counters,
        double allocatedBytes, double allocatedMegabytesPerSecond) {
    /** JMH itself allocates some kilobytes an iteration, which is below this rate; a kernel that allocated anything would be far above. */
    private static final double NOTHING = 0.2;

    static Measurement of(RunResult result) {
        String name = result.getParams().getBenchmark();
        Map<String, String> parameters = new TreeMap<>();
        Collection<String> keys = result.getParams().getParamsKeys();
        keys.forEach(key -> parameters.put(key, result.getParams().getParam(key)));
        Map<String, Double> counters = new LinkedHashMap<>();
        double allocated = Double.NaN;
        double rate = Double.NaN;
        for (Map.Entry<String, ? extends Result<?>> secondary : secondary(result).entrySet()) {
            if (secondary.getKey().endsWith("gc.alloc.rate.norm")) {
                allocated = secondary.getValue().getScore();
            } else if (secondary.getKey().endsWith("gc.alloc.rate")) {
                rate = secondary.getValue().getScore();
            } else if (!secondary.getKey().contains("gc.")) {
                counters.put(secondary.getKey(), secondary.getValue().getScore());
            }
        }
        return new Measurement(name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1), parameters,
                result.getPrimaryResult().getScore(), result.getPrimaryResult().getScoreError(), counters, allocated, rate);
    }

    @SuppressWarnings("rawtypes")
    private static Map<String, Result<?>> secondary(RunResult result) {
        Map<String, Result<?>> results = new LinkedHashMap<>();
        for (Map.Entry<String, Result> entry : result.getSecondaryResults().entrySet()) {
            results.put(entry.getKey(), entry.getValue());
        }
        return results;
    }

    private double counter(String name) {
        return counters.getOrDefault(name, 0.0);
    }

    /** 10⁹ FLOP/s over active positions; 0 where nothing is computed. */
    double gflops() {
        return counter(Counters.FLOPS) / millis / 1e6;
    }

    /** 10⁹ FLOP/s as if nothing were pruned. */
    double denseEquivalentGflops() {
        return counter(Counters.DENSE_FLOPS) / millis / 1e6;
    }

    /** {@link #gflops()} over the peak of the same process. */
    double shareOfPeak() {
        return counter(Counters.PEAK) == 0 ? 0 : gflops() / counter(Counters.PEAK);
    }

    /** 10⁹ bytes a second; 0 where bytes are not counted. */
    double gigabytes() {
        return counter(Counters.BYTES) / millis / 1e6;
    }

    /** {@link #gigabytes()} over reading from memory in the same process; above 1 where a cache holds part of it. */
    double shareOfBandwidth() {
        return counter(Counters.READ) == 0 ? 0 : gigabytes() / counter(Counters.READ);
    }

    /** Whether a call allocates. */
    boolean allocates() {
        return allocatedMegabytesPerSecond > NOTHING;
    }

    JsonObject json() {
        JsonObject.Builder json = JsonObject.builder().put("benchmark", benchmark).put("parameters", JsonObject.ofStrings(parameters))
                .put("millis", millis);
        if (!Double.isNaN(errorMillis)) {
            json.put("errorMillis", errorMillis);
        }
        if (!Double.isNaN(allocatedBytes)) {
            json.put("allocatedBytes", allocatedBytes);
        }
        return json.put("gflops", gflops()).put("denseEquivalentGflops", denseEquivalentGflops()).put("shareOfPeak", shareOfPeak())
                .put("peakGflops", counter(Counters.PEAK)).put("gigabytesPerSecond", gigabytes())
                .put("shareOfBandwidth", shareOfBandwidth())
                .put("readGigabytesPerSecond", counter(Counters.READ)).build();
    }
}
