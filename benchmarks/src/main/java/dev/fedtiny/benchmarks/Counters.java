package dev.fedtiny.benchmarks;

import dev.fedtiny.engine.internal.probe.MachineLimits;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Locale;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What one call does and what this process could do at best, reported beside the time; the table makes rates of them. */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Counters {
    /** FLOPs over kept positions. */
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
            return new Limits(MachineLimits.fmaGflops(workers), MachineLimits.readGigabytes(workers, MachineLimits.Level.DRAM));
        }
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
