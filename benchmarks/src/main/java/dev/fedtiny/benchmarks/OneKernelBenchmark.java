package dev.fedtiny.benchmarks;

import dev.fedtiny.engine.op.Conv2d;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.Random;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The smallest benchmark of one operator in one form on one kernel: docs/kernels.md shows it, to be copied. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(java.util.concurrent.TimeUnit.MILLISECONDS)
public class OneKernelBenchmark {
    /** The kernels. */
    @Param("AUTO")
    public KernelChoice kernels;
    /** The form of the weights. */
    @Param("CSR")
    public ConvolutionAlgorithm algorithm;

    private final Conv2dGeometry geometry = new Conv2dGeometry(new Shape(64, 32, 32), 64, 3, 3, 1, 1);
    private final Tensor x = Tensor.zeros(64, geometry.input()), y = Tensor.zeros(64, geometry.output());
    private Conv2d conv;

    /** A tenth of the weights. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        Mask mask = Mask.of(geometry.weights(), IntStream.range(0, geometry.weights()).filter(i -> random.nextInt(10) == 0).toArray());
        Weights weights = Weights.of(algorithm, 64, geometry.columns(), mask, new float[mask.count()]);
        conv = new Conv2d("conv", geometry, weights, null, kernels);
    }

    /** 64 images, laid out and convolved on one thread. */
    @Benchmark
    public void forward() {
        conv.forward(x, y);
    }
}
