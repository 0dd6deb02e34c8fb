package dev.fedtiny.benchmarks;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPoolKernel;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
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

/** Pooling of the output of one convolution, 2 × 2 maxima and means of whole channels, whole batch, groups shared out between workers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PoolBenchmark {
    private static final int ORIGIN = Alignment.ORIGIN;
    private static final int WINDOW = 2;
    private static final PoolKernel POOLS = Kernels.current().pools();

    /** Model and layer whose output is pooled. */
    @Param("vgg11/features.0")
    public String layer;
    /** Images. */
    @Param("64")
    public int batch;
    /** Workers. */
    @Param("1")
    public int threads;
    /** Which kernels. */
    @Param("simd")
    public String kernels;

    private Shape shape;
    private int groups;
    private Workers workers;
    private Counters.Limits limits;
    private float[] x;
    private float[] maxima;
    private float[] means;
    private float[] maximaGradient;
    private float[] meansGradient;
    private float[] gradient;
    private final Workers.Task maxForward = task(g -> maxForward(POOLS, g));
    private final Workers.Task maxBackward = task(g -> maxBackward(POOLS, g));
    private final Workers.Task averageForward = task(g -> averageForward(POOLS, g));
    private final Workers.Task averageBackward = task(g -> averageBackward(POOLS, g));

    /** What is done to one image group. */
    private interface GroupWork {
        void run(int group);
    }

    /** Fills the maps and compares every kernel with its plain twin, bit for bit. */
    @Setup(Level.Trial)
    public void prepare() {
        Counters.require(kernels);
        shape = LayerShape.ofKey(layer).geometry().output();
        groups = Math.ceilDiv(batch, Layout.LANES);
        workers = Workers.of(threads);
        x = random("x", groups * floats());
        maximaGradient = random("maxima", groups * pooledFloats());
        meansGradient = random("means", groups * channelFloats());
        maxima = new float[maximaGradient.length];
        means = new float[meansGradient.length];
        gradient = new float[x.length];
        verify();
        limits = Counters.Limits.measure(workers);
    }

    private static float[] random(String what, int count) {
        RandomStream random = RandomStream.of(1, "benchmark-pool-" + what);
        float[] values = new float[ORIGIN + count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    private void verify() {
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
            throw new IllegalStateException("benchmark: kernel " + what + " differs from its plain twin on " + layer);
        }
    }

    /** Ends the workers. */
    @TearDown(Level.Trial)
    public void close() {
        workers.close();
    }

    private Workers.Task task(GroupWork work) {
        return (worker, count) -> {
            for (int g = groups * worker / count; g < groups * (worker + 1) / count; g++) {
                work.run(g);
            }
        };
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
        kernel.maxForward(x, ORIGIN + g * floats(), shape.channels(), shape.height(), shape.width(), WINDOW, WINDOW, maxima,
                ORIGIN + g * pooledFloats(), shape.height() / WINDOW, shape.width() / WINDOW);
    }

    /** Clears the group's gradient first, as a session does. */
    private void maxBackward(PoolKernel kernel, int g) {
        int base = ORIGIN + g * floats();
        Arrays.fill(gradient, base, base + floats(), 0);
        kernel.maxBackward(x, base, shape.channels(), shape.height(), shape.width(), WINDOW, WINDOW, maximaGradient,
                ORIGIN + g * pooledFloats(), shape.height() / WINDOW, shape.width() / WINDOW, gradient, base);
    }

    private void averageForward(PoolKernel kernel, int g) {
        kernel.averageForward(x, ORIGIN + g * floats(), shape.channels(), shape.pixels(), means, ORIGIN + g * channelFloats());
    }

    private void averageBackward(PoolKernel kernel, int g) {
        kernel.averageBackward(meansGradient, ORIGIN + g * channelFloats(), shape.channels(), shape.pixels(), gradient, ORIGIN + g * floats(),
                false);
    }

    private void run(Workers.Task task, int floatsOfGroup, Counters counters) {
        workers.run(task);
        counters.set(0, 0, (double) groups * floatsOfGroup * Float.BYTES, limits);
    }

    /** Maxima of 2 × 2 squares. */
    @Benchmark
    public void maxForward(Counters counters) {
        run(maxForward, floats() + pooledFloats(), counters);
    }

    /** Their gradient, the clearing of what receives it included. */
    @Benchmark
    public void maxBackward(Counters counters) {
        run(maxBackward, 3 * floats() + pooledFloats(), counters);
    }

    /** Mean of every channel. */
    @Benchmark
    public void averageForward(Counters counters) {
        run(averageForward, floats() + channelFloats(), counters);
    }

    /** Its gradient. */
    @Benchmark
    public void averageBackward(Counters counters) {
        run(averageBackward, floats() + channelFloats(), counters);
    }
}
