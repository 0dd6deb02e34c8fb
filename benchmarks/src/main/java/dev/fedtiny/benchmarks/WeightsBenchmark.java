package dev.fedtiny.benchmarks;

import dev.fedtiny.engine.internal.probe.LayerKernels;
import dev.fedtiny.engine.internal.probe.LayerPass;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.WeightFormat;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Everything that is done with the weights of one layer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public abstract class WeightsBenchmark {
    /** Form of the weights. */
    @Param("CSR")
    public WeightFormat format;
    /** Kept share. */
    @Param("0.1")
    public double density;
    /** How the kept positions are spread. */
    @Param("UNIFORM")
    public MaskKind mask;
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
    private LayerKernels work;
    private Counters.Limits limits;

    /** The layer's kernels. */
    abstract LayerKernels kernels(Workers team);

    /** Builds the layer and checks every pass before anything is timed. */
    @Setup(Level.Trial)
    public void prepare() {
        Counters.require(kernels);
        workers = Workers.of(threads);
        work = kernels(workers);
        work.verify();
        limits = Counters.Limits.measure(workers);
    }

    /** Ends the workers. */
    @TearDown(Level.Trial)
    public void close() {
        workers.close();
    }

    private void run(LayerPass pass, Counters counters) {
        work.run(pass);
        counters.set(work.flops(pass), work.denseFlops(pass), 0, limits);
    }

    /** Output from input. */
    @Benchmark
    public void forward(Counters counters) {
        run(LayerPass.FORWARD, counters);
    }

    /** Gradient of the input. */
    @Benchmark
    public void backwardData(Counters counters) {
        run(LayerPass.BACKWARD_DATA, counters);
    }

    /** Gradient at kept positions. */
    @Benchmark
    public void backwardWeight(Counters counters) {
        run(LayerPass.BACKWARD_WEIGHT, counters);
    }

    /** Gradient at all positions, top-K of the pruned ones. */
    @Benchmark
    public void growth(Counters counters) {
        run(LayerPass.GROWTH, counters);
    }

    /** Taking over changed values. */
    @Benchmark
    public void refresh(Counters counters) {
        run(LayerPass.REFRESH, counters);
    }

    /** Packing for a new mask; the only one that allocates. */
    @Benchmark
    public void pack(Counters counters) {
        run(LayerPass.PACK, counters);
    }
}
