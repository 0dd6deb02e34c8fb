package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.Pointwise;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarChannelKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPointwiseKernel;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Operators without weights over the output of one convolution, one of each kind of loop. */
@State(Scope.Benchmark)
public class OperatorBenchmark extends OutputBenchmark {
    private static final int NORM_GROUPS = 8;
    private static final float EPSILON = 1e-5f;
    private static final Kernels CURRENT = new Kernels(KernelRegistry.current().pointwise(), KernelRegistry.current().channels());
    private static final Kernels PLAIN = new Kernels(new ScalarPointwiseKernel(), new ScalarChannelKernel());

    /** Model and layer whose output is computed on. */
    @Param("vgg11/features.0")
    public String layer;

    private float[] x;
    private float[] y;
    private float[] dy;
    private float[] dx;
    private float[] gamma;
    private float[] scratch;
    private double[] sums;

    /** A twin of each family. */
    private record Kernels(PointwiseKernel pointwise, ChannelKernel channels) {
    }

    private interface Loop {
        void run(Kernels kernels, int at);
    }

    @Override
    String layer() {
        return layer;
    }

    @Override
    void fill() {
        x = random("x", ORIGIN + groups * floats());
        dy = random("dy", x.length);
        gamma = random("gamma", shape.channels() * Layout.LANES);
        y = new float[x.length];
        dx = new float[x.length];
        scratch = new float[groups * ChannelKernel.SCRATCH];
        sums = new double[groups * 2 * shape.channels()];
    }

    @Override
    void verify() {
        List<Loop> loops = List.of(this::silu, this::siluGradient, this::softmax, this::groupNormGradient);
        for (Loop loop : loops) {
            Arrays.fill(y, 0);
            Arrays.fill(dx, 0);
            loop.run(PLAIN, ORIGIN);
            float[] expected = y.clone();
            float[] gradient = dx.clone();
            loop.run(CURRENT, ORIGIN);
            if (!Arrays.equals(expected, y) || !Arrays.equals(gradient, dx)) {
                throw differs("of an operator");
            }
        }
    }

    private int floats() {
        return shape.size() * Layout.LANES;
    }

    private void silu(Kernels kernels, int at) {
        kernels.pointwise.forward(Pointwise.SILU, 0, 0, x, at, y, at, floats());
    }

    private void siluGradient(Kernels kernels, int at) {
        kernels.pointwise.backward(Pointwise.SILU, 0, 0, x, at, dy, at, dx, at, floats(), false);
    }

    private void softmax(Kernels kernels, int at) {
        kernels.channels.softmaxForward(x, at, shape.channels(), shape.pixels() * Layout.LANES, shape.pixels(), y, at, scratch,
                scratchAt(at));
    }

    private void groupNormGradient(Kernels kernels, int at) {
        kernels.channels.groupNormBackward(x, at, dy, at, shape.channels(), shape.pixels(), NORM_GROUPS, Layout.LANES, gamma, 0, EPSILON,
                dx, at, false, sums, sumsAt(at), sums, sumsAt(at) + shape.channels(), scratch, scratchAt(at));
    }

    private int group(int at) {
        return (at - ORIGIN) / floats();
    }

    private int scratchAt(int at) {
        return group(at) * ChannelKernel.SCRATCH;
    }

    private int sumsAt(int at) {
        return group(at) * 2 * shape.channels();
    }

    /** Reports an array read or written once for each of {@code arrays}. */
    private void measure(Loop loop, int arrays, Counters counters) {
        runGroups(g -> loop.run(CURRENT, ORIGIN + g * floats()), (double) arrays * groups * floats() * Float.BYTES, counters);
    }

    /** SiLU, of which an exponential and a division are most. */
    @Benchmark
    public void silu(Counters counters) {
        measure(this::silu, 2, counters);
    }

    /** Its gradient. */
    @Benchmark
    public void siluBackward(Counters counters) {
        measure(this::siluGradient, 3, counters);
    }

    /** Softmax over channels. */
    @Benchmark
    public void softmax(Counters counters) {
        measure(this::softmax, 2, counters);
    }

    /** The gradients of a group normalisation with eight groups. */
    @Benchmark
    public void groupNormBackward(Counters counters) {
        measure(this::groupNormGradient, 3, counters);
    }
}
