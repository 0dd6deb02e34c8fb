package dev.fedtiny.benchmarks;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.MapKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarMapKernel;
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

/** Batch normalisation and ReLU over the output of one convolution, whole batch, groups shared out between workers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class MapBenchmark {
    private static final int ORIGIN = Alignment.ORIGIN;
    private static final MapKernel MAPS = Kernels.current().maps();

    /** Model and layer whose output is the map. */
    @Param("resnet18/layer1.0.conv1")
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
    private int groupFloats;
    private Workers workers;
    private Counters.Limits limits;
    private float[] z;
    private float[] gradient;
    private float[] y;
    private float[] scale;
    private float[] shift;
    private float[] third;
    private double[] first;
    private double[] second;
    private final Workers.Task apply = task(g -> apply(MAPS, g));
    private final Workers.Task moments = task(g -> moments(MAPS, g));
    private final Workers.Task reduce = task(g -> reduce(MAPS, g));
    private final Workers.Task combine = task(g -> combine(MAPS, g));
    private final Workers.Task mask = task(g -> maskPositive(MAPS, g));

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
        groupFloats = shape.size() * Layout.LANES;
        workers = Workers.of(threads);
        z = random("z", ORIGIN + groups * groupFloats);
        gradient = random("gradient", ORIGIN + groups * groupFloats);
        y = new float[ORIGIN + groups * groupFloats];
        scale = random("scale", shape.channels());
        shift = random("shift", shape.channels());
        third = random("third", shape.channels());
        first = new double[groups * shape.channels()];
        second = new double[groups * shape.channels()];
        verify();
        limits = Counters.Limits.measure(workers);
    }

    private static float[] random(String what, int count) {
        RandomStream random = RandomStream.of(1, "benchmark-map-" + what);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    private void verify() {
        MapKernel plain = new ScalarMapKernel();
        compare("apply", () -> apply(MAPS, 0), () -> apply(plain, 0));
        compare("moments", () -> moments(MAPS, 0), () -> moments(plain, 0));
        compare("reduce", () -> reduce(MAPS, 0), () -> reduce(plain, 0));
        compare("combine", () -> combine(MAPS, 0), () -> combine(plain, 0));
        compare("maskPositive", () -> maskPositive(MAPS, 0), () -> maskPositive(plain, 0));
    }

    private void compare(String what, Runnable fast, Runnable plain) {
        reset();
        plain.run();
        float[] maps0 = y.clone();
        double[] first0 = first.clone();
        double[] second0 = second.clone();
        reset();
        fast.run();
        if (!Arrays.equals(maps0, y) || !Arrays.equals(first0, first) || !Arrays.equals(second0, second)) {
            throw new IllegalStateException("benchmark: kernel " + what + " differs from its plain twin on " + layer);
        }
    }

    private void reset() {
        System.arraycopy(gradient, 0, y, 0, y.length);
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
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

    private int base(int group) {
        return ORIGIN + group * groupFloats;
    }

    private int channel() {
        return shape.pixels() * Layout.LANES;
    }

    private int pitch() {
        return shape.width() * Layout.LANES;
    }

    private void apply(MapKernel kernel, int g) {
        kernel.apply(z, base(g), channel(), pitch(), Layout.LANES, y, base(g), channel(), pitch(), Layout.LANES, shape.channels(),
                shape.height(), shape.width(), scale, shift, 0, false, true);
    }

    private void moments(MapKernel kernel, int g) {
        kernel.moments(z, base(g), shape.channels(), shape.pixels(), Layout.LANES, first, second, g * shape.channels());
    }

    private void reduce(MapKernel kernel, int g) {
        kernel.reduce(gradient, base(g), z, base(g), shape.channels(), shape.pixels(), Layout.LANES, shift, 0, first, second,
                g * shape.channels());
    }

    private void combine(MapKernel kernel, int g) {
        kernel.combine(gradient, base(g), z, base(g), y, base(g), channel(), pitch(), Layout.LANES, shape.channels(), shape.height(),
                shape.width(), scale, shift, third, 0, Layout.LANES);
    }

    private void maskPositive(MapKernel kernel, int g) {
        kernel.maskPositive(z, base(g), channel(), pitch(), Layout.LANES, y, base(g), channel(), pitch(), Layout.LANES, shape.channels(),
                shape.height(), shape.width());
    }

    private void count(int passes, Counters counters) {
        counters.set(0, 0, (double) passes * groups * groupFloats * Float.BYTES, limits);
    }

    /** Normalisation and ReLU from one map into another. */
    @Benchmark
    public void normalizeRelu(Counters counters) {
        workers.run(apply);
        count(2, counters);
    }

    /** Mean and squared deviations of every channel. */
    @Benchmark
    public void moments(Counters counters) {
        workers.run(moments);
        count(2, counters);
    }

    /** The two sums of normalisation's backward pass. */
    @Benchmark
    public void gradientSums(Counters counters) {
        workers.run(reduce);
        count(2, counters);
    }

    /** Normalisation's backward pass. */
    @Benchmark
    public void normalizeBackward(Counters counters) {
        workers.run(combine);
        count(3, counters);
    }

    /** ReLU's backward pass, in place. */
    @Benchmark
    public void reluBackward(Counters counters) {
        workers.run(mask);
        count(3, counters);
    }
}
