package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarElementwiseKernel;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Passes over float32 maps in scratch, of the size of the output of one convolution. */
@State(Scope.Benchmark)
public class ElementwiseBenchmark extends OutputBenchmark {
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();

    /** Model and layer whose output is the map. */
    @Param("resnet18/layer1.0.conv1")
    public String layer;

    private int groupFloats;
    private float[] z;
    private float[] gradient;
    private float[] y;
    private float[] scale;
    private float[] shift;
    private final GroupWork apply = g -> apply(ELEMENTWISE, g);
    private final GroupWork mask = g -> maskInside(ELEMENTWISE, g);

    @Override
    String layer() {
        return layer;
    }

    @Override
    void fill() {
        groupFloats = shape.size() * Layout.LANES;
        z = random("z", ORIGIN + groups * groupFloats);
        gradient = random("gradient", ORIGIN + groups * groupFloats);
        y = new float[ORIGIN + groups * groupFloats];
        scale = random("scale", shape.channels());
        shift = random("shift", shape.channels());
    }

    @Override
    void verify() {
        ElementwiseKernel plain = new ScalarElementwiseKernel();
        compare("apply", () -> apply(ELEMENTWISE, 0), () -> apply(plain, 0));
        compare("maskInside", () -> maskInside(ELEMENTWISE, 0), () -> maskInside(plain, 0));
    }

    private void compare(String what, Runnable fast, Runnable plain) {
        reset();
        plain.run();
        float[] maps0 = y.clone();
        reset();
        fast.run();
        if (!Arrays.equals(maps0, y)) {
            throw differs(what);
        }
    }

    private void reset() {
        System.arraycopy(gradient, 0, y, 0, y.length);
    }

    private int base(int group) {
        return ORIGIN + group * groupFloats;
    }

    private int channel() {
        return shape.pixels() * Layout.LANES;
    }

    private int pitch() {
        return shape.width() * Layout.LANES;
    }

    private void apply(ElementwiseKernel kernel, int g) {
        kernel.apply(z, base(g), channel(), pitch(), Layout.LANES, y, base(g), channel(), pitch(), Layout.LANES, shape.channels(),
                shape.height(), shape.width(), scale, shift, 0, false, 0, Float.POSITIVE_INFINITY);
    }

    private void maskInside(ElementwiseKernel kernel, int g) {
        kernel.maskInside(z, base(g), channel(), pitch(), Layout.LANES, y, base(g), channel(), pitch(), Layout.LANES, shape.channels(),
                shape.height(), shape.width(), 0, Float.POSITIVE_INFINITY);
    }

    private double bytes(int passes) {
        return (double) passes * groups * groupFloats * Float.BYTES;
    }

    /** Scale, shift and ReLU from one map into another. */
    @Benchmark
    public void scaleRelu(Counters counters) {
        runGroups(apply, bytes(2), counters);
    }

    /** ReLU's backward pass, in place. */
    @Benchmark
    public void reluBackward(Counters counters) {
        runGroups(mask, bytes(3), counters);
    }
}
