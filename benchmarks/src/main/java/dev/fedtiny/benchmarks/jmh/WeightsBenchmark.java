package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.probe.LayerKernels;
import dev.fedtiny.engine.internal.probe.LayerPass;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Everything that is done with the weights of one layer. */
@State(Scope.Benchmark)
public abstract class WeightsBenchmark extends TeamBenchmark {
    /** Form of the weights. */
    @Param("CSR")
    public ConvolutionAlgorithm format;
    /** Active share. */
    @Param("0.1")
    public double density;
    /** How the active positions are spread. */
    @Param("UNIFORM")
    public MaskKind mask;

    private LayerKernels work;

    /** The layer's kernels. */
    abstract LayerKernels kernels(Workers team);

    @Override
    final void prepare(Workers team) {
        work = kernels(team);
        work.verify();
    }

    private void run(LayerPass pass, Counters counters) {
        work.run(pass);
        count(counters, work.flops(pass), work.denseFlops(pass), 0);
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

    /** Gradient at active positions. */
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
