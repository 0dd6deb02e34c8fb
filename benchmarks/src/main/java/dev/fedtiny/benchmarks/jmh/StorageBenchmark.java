package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.kernel.Bfloat16;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
import dev.fedtiny.engine.internal.kernel.StorageKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarBfloat16StorageKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarFloat32StorageKernel;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Batch normalisation and ReLU over the stored output of one convolution and its stored gradient, in each form of storage. */
@State(Scope.Benchmark)
public class StorageBenchmark extends OutputBenchmark {
    /** Model and layer whose output is the map. */
    @Param("resnet18/layer1.0.conv1")
    public String layer;

    /** Form of storage: {@code float32} or {@code bfloat16}. */
    @Param({"float32", "bfloat16"})
    public String storage;

    private StorageKernel kernel;
    private StorageKernel plainKernel;
    private int origin;
    private int groupValues;
    private final ThreadLocal<ResidualChain> chains = ThreadLocal.withInitial(ResidualChain::new);
    private float[] z;
    private float[] gradient;
    private float[] fresh;
    private float[] y;
    private float[] scale;
    private float[] shift;
    private float[] third;
    private double[] first;
    private double[] second;
    private final GroupWork sum = g -> sum(kernel, g);
    private final GroupWork moments = g -> moments(kernel, g);
    private final GroupWork reduce = g -> reduce(kernel, g);
    private final GroupWork combine = g -> combine(kernel, g);
    private final GroupWork write = g -> write(kernel, g);
    private final GroupWork read = g -> read(kernel, g);
    private final GroupWork accumulate = g -> accumulate(kernel, g);

    @Override
    String layer() {
        return layer;
    }

    @Override
    void fill() {
        boolean pairs = storage.equals("bfloat16");
        kernel = pairs ? KernelRegistry.current().bfloat16() : KernelRegistry.current().float32();
        plainKernel = pairs ? new ScalarBfloat16StorageKernel() : new ScalarFloat32StorageKernel();
        origin = ORIGIN * kernel.valuesAWord();
        groupValues = shape.size() * Layout.LANES;
        z = stored(random("z", origin + groups * groupValues));
        gradient = stored(random("gradient", origin + groups * groupValues));
        fresh = random("fresh", ORIGIN + groups * groupValues);
        y = new float[ORIGIN + groups * groupValues];
        scale = random("scale", shape.channels());
        shift = random("shift", shape.channels());
        third = random("third", shape.channels());
        first = new double[groups * shape.channels()];
        second = new double[groups * shape.channels()];
    }

    private float[] stored(float[] values) {
        if (kernel.valuesAWord() == 1) {
            return values;
        }
        float[] pairs = new float[values.length / 2];
        for (int i = 0; i < values.length; i++) {
            Bfloat16.set(pairs, i, values[i]);
        }
        return pairs;
    }

    @Override
    void verify() {
        compare("sum", () -> sum(kernel, 0), () -> sum(plainKernel, 0));
        compare("moments", () -> moments(kernel, 0), () -> moments(plainKernel, 0));
        compare("reduce", () -> reduce(kernel, 0), () -> reduce(plainKernel, 0));
        compare("combine", () -> combine(kernel, 0), () -> combine(plainKernel, 0));
        compare("write", () -> write(kernel, 0), () -> write(plainKernel, 0));
        compare("read", () -> read(kernel, 0), () -> read(plainKernel, 0));
        compare("accumulate", () -> accumulate(kernel, 0), () -> accumulate(plainKernel, 0));
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
            throw differs(what);
        }
    }

    private void reset() {
        Arrays.fill(y, 0);
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
    }

    private int base(int group) {
        return ORIGIN + group * groupValues;
    }

    private int stored(int group) {
        return origin + group * groupValues;
    }

    private int channel() {
        return shape.pixels() * Layout.LANES;
    }

    private int pitch() {
        return shape.width() * Layout.LANES;
    }

    private void sum(StorageKernel with, int g) {
        ResidualChain chain = chains.get();
        chain.clear();
        chain.add(z, stored(g), scale, shift, 0, Float.POSITIVE_INFINITY);
        with.sum(chain, 0, channel(), pitch(), Layout.LANES, y, base(g), channel(), pitch(), Layout.LANES, shape.channels(),
                shape.height(), shape.width(), 0, false);
    }

    private void moments(StorageKernel with, int g) {
        with.moments(z, stored(g), shape.channels(), shape.pixels(), Layout.LANES, first, second, g * shape.channels());
    }

    private void reduce(StorageKernel with, int g) {
        with.reduce(gradient, stored(g), z, stored(g), shape.channels(), shape.pixels(), Layout.LANES, shift, 0, first, second,
                g * shape.channels());
    }

    private void combine(StorageKernel with, int g) {
        with.combine(gradient, stored(g), z, stored(g), y, base(g), channel(), pitch(), Layout.LANES, shape.channels(), shape.height(),
                shape.width(), scale, shift, third, 0, Layout.LANES);
    }

    private void write(StorageKernel with, int g) {
        with.write(fresh, base(g), y, stored(g), groupValues);
    }

    private void read(StorageKernel with, int g) {
        with.read(z, stored(g), y, base(g), groupValues);
    }

    private void accumulate(StorageKernel with, int g) {
        with.accumulate(gradient, stored(g), y, stored(g), groupValues);
    }

    /** Bytes of so many passes over stored maps and over maps in scratch. */
    private double bytes(int overStored, int overScratch) {
        return ((double) overStored / kernel.valuesAWord() + overScratch) * groups * groupValues * Float.BYTES;
    }

    /** Normalisation and ReLU from a stored map into scratch. */
    @Benchmark
    public void normalizeRelu(Counters counters) {
        runGroups(sum, bytes(1, 1), counters);
    }

    /** Mean and squared deviations of every channel. */
    @Benchmark
    public void moments(Counters counters) {
        runGroups(moments, bytes(2, 0), counters);
    }

    /** The two sums of normalisation's backward pass. */
    @Benchmark
    public void gradientSums(Counters counters) {
        runGroups(reduce, bytes(2, 0), counters);
    }

    /** Normalisation's backward pass, from the stored gradient and map into scratch. */
    @Benchmark
    public void normalizeBackward(Counters counters) {
        runGroups(combine, bytes(2, 1), counters);
    }

    /** A fresh output, rounded to what is stored. */
    @Benchmark
    public void write(Counters counters) {
        runGroups(write, bytes(1, 1), counters);
    }

    /** What is stored, widened to what kernels read. */
    @Benchmark
    public void read(Counters counters) {
        runGroups(read, bytes(1, 1), counters);
    }

    /** A stored gradient added to another: a second contribution. */
    @Benchmark
    public void accumulate(Counters counters) {
        runGroups(accumulate, bytes(3, 0), counters);
    }
}
