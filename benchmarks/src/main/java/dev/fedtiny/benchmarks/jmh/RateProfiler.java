package dev.fedtiny.benchmarks.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Makes rates of what {@link Counters} say of a call and of the time that JMH measured: JMH prints them as they are, in GFLOP/s, GB/s and
 * percent of what the same process can do at best.
 */
public final class RateProfiler implements InternalProfiler {
    @Override
    public String getDescription() {
        return "rates of work and of bytes, beside the limits of the process";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        // Nothing: rates need the iteration's time alone.
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        Counters call = Counters.current();
        if (call == null) {
            return List.of();
        }
        // 10⁹ a second, of something a call and milliseconds a call.
        double toRate = 1 / result.getPrimaryResult().getScore() / 1e6;
        List<ScalarResult> rates = new ArrayList<>();
        add(rates, Counters.FLOPS, call.flops, "FLOP/op");
        add(rates, Counters.DENSE_FLOPS, call.denseFlops, "FLOP/op");
        add(rates, Counters.BYTES, call.bytes, "B/op");
        if (call.flops > 0) {
            add(rates, "rate", call.flops * toRate, "GFLOP/s");
            add(rates, "rate.denseEquivalent", call.denseFlops * toRate, "GFLOP/s");
            add(rates, "rate.shareOfPeak", 100 * call.flops * toRate / call.peakGflops, "%");
        }
        if (call.bytes > 0) {
            add(rates, "bandwidth", call.bytes * toRate, "GB/s");
            add(rates, "bandwidth.shareOfRead", 100 * call.bytes * toRate / call.readGigabytes, "%");
        }
        add(rates, Counters.PEAK, call.peakGflops, "GFLOP/s");
        add(rates, Counters.READ, call.readGigabytes, "GB/s");
        return rates;
    }

    private static void add(List<ScalarResult> rates, String name, double value, String unit) {
        if (value > 0) {
            rates.add(new ScalarResult(name, value, unit, AggregationPolicy.AVG));
        }
    }
}
