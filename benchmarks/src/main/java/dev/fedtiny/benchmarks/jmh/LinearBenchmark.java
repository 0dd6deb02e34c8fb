package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.probe.LayerKernels;
import dev.fedtiny.engine.internal.probe.Residence;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Layout;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The weights of one linear layer: a 1 × 1 convolution of a single map whose pixels are the image groups, as sessions compute it. */
@State(Scope.Benchmark)
public class LinearBenchmark extends WeightsBenchmark {
    /** Model and layer. */
    @Param("resnet18/fc")
    public String layer;

    @Override
    LayerKernels kernels(Workers team) {
        LayerShape shape = LinearShape.ofKey(layer).over(Math.ceilDiv(batch, Layout.LANES));
        return new LayerKernels(shape.geometry(), mask.of(shape, density), format, 1, team, Residence.STREAMED);
    }
}
