package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.probe.Bandwidths;
import dev.fedtiny.engine.internal.probe.MultiplyAddRates;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Locale;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What one call does and what this process could do at best; {@link RateProfiler} reports rates of them beside the time. */
@State(Scope.Thread)
public class Counters {
    /** Names under which JMH reports them. */
    static final String FLOPS = "flops";
    static final String DENSE_FLOPS = "flops.dense";
    static final String BYTES = "bytes";
    static final String PEAK = "limit.fma";
    static final String READ = "limit.read";

    private static volatile Counters current;

    /** FLOPs over active positions. */
    public double flops;
    /** FLOPs with nothing pruned. */
    public double denseFlops;
    /** Bytes of the arrays that are read and written, each access to a whole array once. */
    public double bytes;
    /** FMA peak of this process with as many threads, 10⁹ FLOP/s. */
    public double peakGflops;
    /** Reading from memory in this process with as many threads, 10⁹ bytes/s. */
    public double readGigabytes;

    /**
     * The limits of this process.
     *
     * @param peakGflops 10⁹ FLOP/s
     * @param readGigabytes 10⁹ bytes/s
     */
    record Limits(double peakGflops, double readGigabytes) {
        static Limits measure(Workers workers) {
            return new Limits(MultiplyAddRates.registersGflops(workers), Bandwidths.readGigabytes(workers, Bandwidths.Level.DRAM));
        }
    }

    /** Those of the benchmark that this process runs; null before its first. */
    static Counters current() {
        return current;
    }

    /** Lets the profiler find them. */
    @Setup(Level.Trial)
    public void register() {
        current = this;
    }

    void set(double flopsOfCall, double denseFlopsOfCall, double bytesOfCall, Limits limits) {
        flops = flopsOfCall;
        denseFlops = denseFlopsOfCall;
        bytes = bytesOfCall;
        peakGflops = limits.peakGflops();
        readGigabytes = limits.readGigabytes();
    }

    /**
     * Refuses to time anything when other kernels run than the benchmark's parameter says.
     *
     * @param kernels {@code simd} or {@code scalar}
     */
    static void require(String kernels) {
        String active = Kernels.current().kind().name().toLowerCase(Locale.ROOT);
        if (!active.equals(kernels)) {
            throw new IllegalStateException("benchmark: parameter kernels=" + kernels + ", but " + active + " kernels run here ("
                    + Kernels.current().reason() + "); start the JVM with -D" + Kernels.PROPERTY + "=" + kernels);
        }
    }
}
