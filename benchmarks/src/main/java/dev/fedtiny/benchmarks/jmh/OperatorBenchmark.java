package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.kernel.Broadcast;
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

/** Operators without weights over the output of one convolution: an activation function, softmax, norms and a product. */
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
    private float[] beta;
    /** One value a channel and image, as squeeze and excitation multiplies with, and its gradient. */
    private float[] gates;
    private float[] gatesGradient;
    private Broadcast gating;
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
        gamma = random("gamma", shape.channels());
        beta = random("beta", shape.channels());
        gates = random("gates", groups * gateFloats());
        gatesGradient = new float[gates.length];
        gating = Broadcast.of(shape.channels(), shape.height(), shape.width(), shape.channels(), 1, 1);
        y = new float[x.length];
        dx = new float[x.length];
        scratch = new float[groups * ChannelKernel.SCRATCH];
        sums = new double[groups * 2 * shape.channels()];
    }

    @Override
    void verify() {
        List<Loop> loops = List.of(this::silu, this::siluGradient, this::softmax, this::softmaxGradient, this::layerNorm,
                this::layerNormGradient, this::groupNorm, this::groupNormGradient, this::multiply, this::multiplyGradient,
                this::multiplySums);
        for (Loop loop : loops) {
            clear();
            loop.run(PLAIN, ORIGIN);
            float[] expected = y.clone();
            float[] gradient = dx.clone();
            float[] ofGates = gatesGradient.clone();
            double[] ofParameters = sums.clone();
            clear();
            loop.run(CURRENT, ORIGIN);
            if (!Arrays.equals(expected, y) || !Arrays.equals(gradient, dx) || !Arrays.equals(ofGates, gatesGradient)
                    || !Arrays.equals(ofParameters, sums)) {
                throw differs("of an operator");
            }
        }
    }

    private void clear() {
        Arrays.fill(y, 0);
        Arrays.fill(dx, 0);
        Arrays.fill(gatesGradient, 0);
        Arrays.fill(sums, 0);
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

    /** Of x in the place of a softmax's result, which its loop does not ask for. */
    private void softmaxGradient(Kernels kernels, int at) {
        kernels.channels.softmaxBackward(x, at, dy, at, shape.channels(), shape.pixels() * Layout.LANES, shape.pixels(), dx, at, false,
                scratch, scratchAt(at));
    }

    private void layerNorm(Kernels kernels, int at) {
        kernels.channels.layerNormForward(x, at, shape.channels(), shape.pixels() * Layout.LANES, shape.pixels(), gamma, beta, EPSILON, y,
                at, scratch, scratchAt(at));
    }

    private void layerNormGradient(Kernels kernels, int at) {
        kernels.channels.layerNormBackward(x, at, dy, at, shape.channels(), shape.pixels() * Layout.LANES, shape.pixels(), Layout.LANES,
                gamma, EPSILON, dx, at, false, sums, sumsAt(at), sums, sumsAt(at) + shape.channels(), scratch, scratchAt(at));
    }

    private void groupNorm(Kernels kernels, int at) {
        kernels.channels.groupNormForward(x, at, shape.channels(), shape.pixels(), NORM_GROUPS, gamma, beta, 0, EPSILON, y, at, scratch,
                scratchAt(at));
    }

    private void groupNormGradient(Kernels kernels, int at) {
        kernels.channels.groupNormBackward(x, at, dy, at, shape.channels(), shape.pixels(), NORM_GROUPS, Layout.LANES, gamma, 0, EPSILON,
                dx, at, false, sums, sumsAt(at), sums, sumsAt(at) + shape.channels(), scratch, scratchAt(at));
    }

    private void multiply(Kernels kernels, int at) {
        kernels.pointwise.multiply(x, at, gates, gatesAt(at), gating, y, at);
    }

    private void multiplyGradient(Kernels kernels, int at) {
        kernels.pointwise.multiplyBackward(dy, at, gates, gatesAt(at), gating, dx, at, false);
    }

    private void multiplySums(Kernels kernels, int at) {
        kernels.pointwise.multiplyReduce(dy, at, x, at, gating, gatesGradient, gatesAt(at));
    }

    private int group(int at) {
        return (at - ORIGIN) / floats();
    }

    private int scratchAt(int at) {
        return group(at) * ChannelKernel.SCRATCH;
    }

    private int gateFloats() {
        return shape.channels() * Layout.LANES;
    }

    private int gatesAt(int at) {
        return group(at) * gateFloats();
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

    /** Its gradient. */
    @Benchmark
    public void softmaxBackward(Counters counters) {
        measure(this::softmaxGradient, 3, counters);
    }

    /** Layer normalisation, each pixel over its channels. */
    @Benchmark
    public void layerNorm(Counters counters) {
        measure(this::layerNorm, 2, counters);
    }

    /** Its gradients. */
    @Benchmark
    public void layerNormBackward(Counters counters) {
        measure(this::layerNormGradient, 3, counters);
    }

    /** Group normalisation with eight groups. */
    @Benchmark
    public void groupNorm(Counters counters) {
        measure(this::groupNorm, 2, counters);
    }

    /** The gradients of a group normalisation with eight groups. */
    @Benchmark
    public void groupNormBackward(Counters counters) {
        measure(this::groupNormGradient, 3, counters);
    }

    /** Product of a map with one value a channel, as in squeeze and excitation. */
    @Benchmark
    public void multiply(Counters counters) {
        measure(this::multiply, 2, counters);
    }

    /** The map's gradient of that product. */
    @Benchmark
    public void multiplyBackward(Counters counters) {
        measure(this::multiplyGradient, 2, counters);
    }

    /** The gradient of that product for the values of channels, sums of two maps multiplied. */
    @Benchmark
    public void multiplyReduce(Counters counters) {
        measure(this::multiplySums, 2, counters);
    }
}
