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

/** Pooling of the output of one convolution and its reverse: maxima and means of 2 × 2 squares, means of whole channels, enlarging. */
@State(Scope.Benchmark)
public class PoolBenchmark extends OutputBenchmark {
    private static final int WINDOW = 2;
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Model and layer whose output is pooled. */
    @Param("vgg11/features.0")
    public String layer;

    private float[] x;
    private float[] pooled;
    private float[] means;
    private float[] pooledGradient;
    private float[] meansGradient;
    private float[] gradient;
    private PoolWindows windows;
    private final GroupWork maxForward = g -> maxForward(POOLS, g);
    private final GroupWork maxBackward = g -> maxBackward(POOLS, g);
    private final GroupWork meanForward = g -> meanForward(POOLS, g);
    private final GroupWork meanBackward = g -> meanBackward(POOLS, g);
    private final GroupWork averageForward = g -> averageForward(POOLS, g);
    private final GroupWork averageBackward = g -> averageBackward(POOLS, g);
    private final GroupWork repeatForward = g -> repeatForward(POOLS, g);
    private final GroupWork repeatBackward = g -> repeatBackward(POOLS, g);
    private final GroupWork enlargeForward = g -> enlargeForward(POOLS, g);
    private final GroupWork enlargeBackward = g -> enlargeBackward(POOLS, g);

    @Override
    String layer() {
        return layer;
    }

    @Override
    void fill() {
        windows = new PoolWindows(new PoolWindows.Axis(shape.height(), shape.height() / WINDOW, WINDOW, WINDOW, 0, 0),
                new PoolWindows.Axis(shape.width(), shape.width() / WINDOW, WINDOW, WINDOW, 0, 0));
        x = random("x", ORIGIN + groups * floats());
        pooledGradient = random("pooled", ORIGIN + groups * pooledFloats());
        meansGradient = random("means", ORIGIN + groups * channelFloats());
        pooled = new float[pooledGradient.length];
        means = new float[meansGradient.length];
        gradient = new float[x.length];
    }

    @Override
    void verify() {
        PoolKernel plain = new ScalarPoolKernel();
        compare("maxForward", pooled, () -> maxForward(POOLS, 0), () -> maxForward(plain, 0));
        compare("maxBackward", gradient, () -> maxBackward(POOLS, 0), () -> maxBackward(plain, 0));
        compare("meanForward", pooled, () -> meanForward(POOLS, 0), () -> meanForward(plain, 0));
        compare("meanBackward", gradient, () -> meanBackward(POOLS, 0), () -> meanBackward(plain, 0));
        compare("averageForward", means, () -> averageForward(POOLS, 0), () -> averageForward(plain, 0));
        compare("averageBackward", gradient, () -> averageBackward(POOLS, 0), () -> averageBackward(plain, 0));
        compare("repeatForward", gradient, () -> repeatForward(POOLS, 0), () -> repeatForward(plain, 0));
        compare("repeatBackward", means, () -> repeatBackward(POOLS, 0), () -> repeatBackward(plain, 0));
        compare("enlargeForward", gradient, () -> enlargeForward(POOLS, 0), () -> enlargeForward(plain, 0));
        compare("enlargeBackward", pooled, () -> enlargeBackward(POOLS, 0), () -> enlargeBackward(plain, 0));
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
        kernel.maxForward(x, ORIGIN + g * floats(), shape.channels(), windows, pooled, ORIGIN + g * pooledFloats());
    }

    /** Clears the group's gradient first, as a session does. */
    private void maxBackward(PoolKernel kernel, int g) {
        int base = ORIGIN + g * floats();
        Arrays.fill(gradient, base, base + floats(), 0);
        kernel.maxBackward(x, base, shape.channels(), windows, pooledGradient, ORIGIN + g * pooledFloats(), gradient, base);
    }

    private void meanForward(PoolKernel kernel, int g) {
        kernel.meanForward(x, ORIGIN + g * floats(), shape.channels(), windows, false, pooled, ORIGIN + g * pooledFloats());
    }

    /** Clears the group's gradient first, as a session does. */
    private void meanBackward(PoolKernel kernel, int g) {
        int base = ORIGIN + g * floats();
        Arrays.fill(gradient, base, base + floats(), 0);
        kernel.meanBackward(pooledGradient, ORIGIN + g * pooledFloats(), shape.channels(), windows, false, gradient, base);
    }

    private void averageForward(PoolKernel kernel, int g) {
        kernel.averageForward(x, ORIGIN + g * floats(), shape.channels(), shape.pixels(), means, ORIGIN + g * channelFloats());
    }

    private void averageBackward(PoolKernel kernel, int g) {
        kernel.averageBackward(meansGradient, ORIGIN + g * channelFloats(), shape.channels(), shape.pixels(), gradient,
                ORIGIN + g * floats(), false);
    }

    /** From one pixel a channel to whole maps. */
    private void repeatForward(PoolKernel kernel, int g) {
        kernel.repeatForward(meansGradient, ORIGIN + g * channelFloats(), shape.channels(), shape.pixels(), gradient,
                ORIGIN + g * floats());
    }

    private void repeatBackward(PoolKernel kernel, int g) {
        kernel.repeatBackward(x, ORIGIN + g * floats(), shape.channels(), shape.pixels(), means, ORIGIN + g * channelFloats(), false);
    }

    /** From the pooled map, every pixel a square. */
    private void enlargeForward(PoolKernel kernel, int g) {
        kernel.enlargeForward(pooledGradient, ORIGIN + g * pooledFloats(), shape.channels() * (shape.height() / WINDOW),
                shape.width() / WINDOW, WINDOW, WINDOW, gradient, ORIGIN + g * floats());
    }

    private void enlargeBackward(PoolKernel kernel, int g) {
        kernel.enlargeBackward(x, ORIGIN + g * floats(), shape.channels() * (shape.height() / WINDOW), shape.width() / WINDOW, WINDOW,
                WINDOW, pooled, ORIGIN + g * pooledFloats(), false);
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

    /** Means of 2 × 2 squares. */
    @Benchmark
    public void meanForward(Counters counters) {
        runGroups(meanForward, floats() + pooledFloats(), counters);
    }

    /** Their gradient, the clearing of what receives it included. */
    @Benchmark
    public void meanBackward(Counters counters) {
        runGroups(meanBackward, 2 * floats() + pooledFloats(), counters);
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

    /** One pixel a channel repeated over a map. */
    @Benchmark
    public void repeatForward(Counters counters) {
        runGroups(repeatForward, floats() + channelFloats(), counters);
    }

    /** Its gradient. */
    @Benchmark
    public void repeatBackward(Counters counters) {
        runGroups(repeatBackward, floats() + channelFloats(), counters);
    }

    /** Every pixel as a 2 × 2 square. */
    @Benchmark
    public void enlargeForward(Counters counters) {
        runGroups(enlargeForward, floats() + pooledFloats(), counters);
    }

    /** Its gradient. */
    @Benchmark
    public void enlargeBackward(Counters counters) {
        runGroups(enlargeBackward, floats() + pooledFloats(), counters);
    }
}
