package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.PoolWindows;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPoolKernel;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Pooling of the output of one convolution: 2 × 2 maxima and means of whole channels. */
@State(Scope.Benchmark)
public class PoolBenchmark extends OutputBenchmark {
    private static final int WINDOW = 2;
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Model and layer whose output is pooled. */
    @Param("vgg11/features.0")
    public String layer;

    private float[] x;
    private float[] maxima;
    private float[] means;
    private float[] maximaGradient;
    private float[] meansGradient;
    private float[] gradient;
    private PoolWindows windows;
    private final GroupWork maxForward = g -> maxForward(POOLS, g);
    private final GroupWork maxBackward = g -> maxBackward(POOLS, g);
    private final GroupWork averageForward = g -> averageForward(POOLS, g);
    private final GroupWork averageBackward = g -> averageBackward(POOLS, g);

    @Override
    String layer() {
        return layer;
    }

    @Override
    void fill() {
        windows = new PoolWindows(new PoolWindows.Axis(shape.height(), shape.height() / WINDOW, WINDOW, WINDOW, 0, 0),
                new PoolWindows.Axis(shape.width(), shape.width() / WINDOW, WINDOW, WINDOW, 0, 0));
        x = random("x", ORIGIN + groups * floats());
        maximaGradient = random("maxima", ORIGIN + groups * pooledFloats());
        meansGradient = random("means", ORIGIN + groups * channelFloats());
        maxima = new float[maximaGradient.length];
        means = new float[meansGradient.length];
        gradient = new float[x.length];
    }

    @Override
    void verify() {
        PoolKernel plain = new ScalarPoolKernel();
        compare("maxForward", maxima, () -> maxForward(POOLS, 0), () -> maxForward(plain, 0));
        compare("maxBackward", gradient, () -> maxBackward(POOLS, 0), () -> maxBackward(plain, 0));
        compare("averageForward", means, () -> averageForward(POOLS, 0), () -> averageForward(plain, 0));
        compare("averageBackward", gradient, () -> averageBackward(POOLS, 0), () -> averageBackward(plain, 0));
    }

    private void compare(String what, float[] result, Runnable fast, Runnable plain) {
        Arrays.fill(result, 0);
        plain.run();
        float[] expected = result.clone();
        Arrays.fill(result, 0);
        fast.run();
        if (!Arrays.equals(expected, result)) {
            throw differs(what);
        }
    }

    private int floats() {
        return shape.size() * Layout.LANES;
    }

    private int pooledFloats() {
        return shape.channels() * (shape.height() / WINDOW) * (shape.width() / WINDOW) * Layout.LANES;
    }

    private int channelFloats() {
        return shape.channels() * Layout.LANES;
    }

    private void maxForward(PoolKernel kernel, int g) {
        kernel.maxForward(x, ORIGIN + g * floats(), shape.channels(), windows, maxima, ORIGIN + g * pooledFloats());
    }

    /** Clears the group's gradient first, as a session does. */
    private void maxBackward(PoolKernel kernel, int g) {
        int base = ORIGIN + g * floats();
        Arrays.fill(gradient, base, base + floats(), 0);
        kernel.maxBackward(x, base, shape.channels(), windows, maximaGradient, ORIGIN + g * pooledFloats(), gradient, base);
    }

    private void averageForward(PoolKernel kernel, int g) {
        kernel.averageForward(x, ORIGIN + g * floats(), shape.channels(), shape.pixels(), means, ORIGIN + g * channelFloats());
    }

    private void averageBackward(PoolKernel kernel, int g) {
        kernel.averageBackward(meansGradient, ORIGIN + g * channelFloats(), shape.channels(), shape.pixels(), gradient,
                ORIGIN + g * floats(), false);
    }

    private void runGroups(GroupWork work, int floatsOfGroup, Counters counters) {
        runGroups(work, (double) groups * floatsOfGroup * Float.BYTES, counters);
    }

    /** Maxima of 2 × 2 squares. */
    @Benchmark
    public void maxForward(Counters counters) {
        runGroups(maxForward, floats() + pooledFloats(), counters);
    }

    /** Their gradient, the clearing of what receives it included. */
    @Benchmark
    public void maxBackward(Counters counters) {
        runGroups(maxBackward, 3 * floats() + pooledFloats(), counters);
    }

    /** Mean of every channel. */
    @Benchmark
    public void averageForward(Counters counters) {
        runGroups(averageForward, floats() + channelFloats(), counters);
    }

    /** Its gradient. */
    @Benchmark
    public void averageBackward(Counters counters) {
        runGroups(averageBackward, floats() + channelFloats(), counters);
    }
}
