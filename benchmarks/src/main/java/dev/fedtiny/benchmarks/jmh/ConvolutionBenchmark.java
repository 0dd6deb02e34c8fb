package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.probe.LayerKernels;
import dev.fedtiny.engine.internal.probe.Residence;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Layout;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The weights of one convolution. */
@State(Scope.Benchmark)
public class ConvolutionBenchmark extends WeightsBenchmark {
    /** Model and layer, as in the shape files. */
    @Param("resnet18/layer1.0.conv1")
    public String layer;
    /** Where the input lies. */
    @Param("SCRATCH")
    public Residence residence;

    @Override
    LayerKernels kernels(Workers team) {
        LayerShape shape = LayerShape.ofKey(layer);
        return new LayerKernels(shape.geometry(), mask.of(shape, density), format, Math.ceilDiv(batch, Layout.LANES), team, residence);
    }
}
