package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.runtime.Workers;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What all benchmarks have: a batch, workers, the kernels that must run, and what the process could do at best. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public abstract class TeamBenchmark {
    /** Images. */
    @Param("64")
    public int batch;
    /** Workers. */
    @Param("1")
    public int threads;
    /** Which kernels. */
    @Param("simd")
    public String kernels;

    private Workers workers;
    private Counters.Limits limits;

    /** Builds what is timed, and checks it before anything is. */
    abstract void prepare(Workers team);

    /** Starts the workers, prepares, and measures the process's limits. */
    @Setup(Level.Trial)
    public void start() {
        Counters.require(kernels);
        workers = Workers.of(threads);
        prepare(workers);
        limits = Counters.Limits.measure(workers);
    }

    /** Ends the workers. */
    @TearDown(Level.Trial)
    public void close() {
        workers.close();
    }

    /** Reports what a call did. */
    final void count(Counters counters, double flops, double denseFlops, double bytes) {
        counters.set(flops, denseFlops, bytes, limits);
    }

    /** Runs a task on all workers and reports the bytes it walked over. */
    final void run(Workers.Task task, double bytes, Counters counters) {
        workers.run(task);
        count(counters, 0, 0, bytes);
    }
}
