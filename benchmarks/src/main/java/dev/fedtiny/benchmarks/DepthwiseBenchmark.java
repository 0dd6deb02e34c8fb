package dev.fedtiny.benchmarks;

import dev.fedtiny.engine.internal.conv.PackedWeights;
import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A depthwise convolution of 3 × 3 taps, a channel at a time as a session computes it: from the stored map through scratch with a halo to
 * the stored map. Beside it what memory allows, in the same run: {@link #boundCopy} reads one map and writes one, as {@link #forward} and
 * {@link #backwardData} must; {@link #boundRead} reads two, as {@link #backwardWeight} must. {@link #plainCopy} writes with stores as a
 * loop in Java has them, which read a line before they write it; the JVM's own copy of a large array goes past the cache. Gradients of
 * weights want no zeros around the output's gradient and read it as it is stored; their multiply-adds by themselves, from the first-level
 * cache, are {@link #weightInCache}, and so what they add to a session, which has made the gradient in scratch before. One thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DepthwiseBenchmark {
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();
    private static final int ORIGIN = Alignment.ORIGIN;
    /** Floats of the channels that are computed together: 16 KB, as in a session. */
    private static final int TOGETHER = 4096;

    /** Images. */
    @Param("64")
    public int batch;
    /** Channels, rows and columns. */
    @Param({"64×32×32", "256×8×8"})
    public String map;
    /** Share of the taps that are kept. */
    @Param("1")
    public double density;

    private int channels;
    private int planeFloats;
    private int width;
    private int groups;
    private int together;
    private PackedWeights pack;
    /** For gradients of weights alone: without zeros around the output's gradient. */
    private PackedWeights weightPack;
    private Placement inputPlacement;
    private Placement gradientPlacement;
    private float[] x;
    private float[] y;
    private float[] dy;
    private float[] dx;
    private float[] scratch;
    private float[] gradientScratch;
    private float[] accumulators;
    private float[] gradient;
    private float[] zeros;

    /** Makes everything ready. */
    @Setup
    public void prepare() {
        int[] extents = Arrays.stream(map.split("×")).mapToInt(Integer::parseInt).toArray();
        channels = extents[0];
        width = extents[2];
        planeFloats = extents[1] * width * Layout.LANES;
        groups = Layout.IMAGES.groups(batch);
        Conv2dGeometry geometry = new Conv2dGeometry(new Shape(channels, extents[1], width), channels, 3, 3, 1, 1).withGroups(channels);
        ScratchLayout layout = new ScratchLayout(geometry);
        RandomStream random = RandomStream.of(1, "depthwise");
        Mask mask = Mask.of(geometry.weights(),
                IntStream.range(0, geometry.weights()).filter(i -> random.nextDouble() < density).toArray());
        int kept = mask.count();
        pack = PackedWeights.of(ConvolutionAlgorithm.CSR, layout, mask, true);
        pack.refresh(random(kept));
        inputPlacement = layout.inputPlacement();
        gradientPlacement = layout.gradientPlacement();
        together = Math.max(1, TOGETHER / inputPlacement.channel());
        x = random(groups * channels * planeFloats);
        dy = random(x.length - ORIGIN);
        y = new float[x.length];
        dx = new float[x.length];
        scratch = new float[ORIGIN + together * inputPlacement.channel()];
        gradientScratch = new float[ORIGIN + together * gradientPlacement.channel()];
        accumulators = new float[ORIGIN + Layout.LANES * kept];
        gradient = new float[kept];
        zeros = new float[channels];
        weightPack = PackedWeights.of(ConvolutionAlgorithm.CSR, new ScratchLayout(geometry, false), mask, false);
    }

    private static float[] random(int count) {
        RandomStream random = RandomStream.of(2, "depthwise-" + count);
        float[] values = new float[ORIGIN + count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    private int at(int group, int channel) {
        return ORIGIN + (group * channels + channel) * planeFloats;
    }

    /** Puts some channels of a map down in scratch. */
    private void layOut(float[] from, int group, int channel, int end, Placement placement, float[] to) {
        Placement.Part part = placement.parts()[0];
        ELEMENTWISE.apply(from, at(group, channel), planeFloats, part.sourcePitch(), part.sourceStep(), to, ORIGIN + part.place(),
                placement.channel(), part.pitch(), part.step(), end - channel, part.rows(), part.columns(), null, null, 0, false,
                Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    /** Output from input. */
    @Benchmark
    public float[] forward() {
        for (int g = 0; g < groups; g++) {
            for (int c = 0; c < channels; c += together) {
                int end = Math.min(channels, c + together);
                layOut(x, g, c, end, inputPlacement, scratch);
                pack.forward(scratch, ORIGIN - c * inputPlacement.channel(), zeros, y, at(g, 0), planeFloats, width * Layout.LANES,
                        Layout.LANES, c, end, zeros, 0);
            }
        }
        return y;
    }

    /** Gradient of the input from the gradient of the output. */
    @Benchmark
    public float[] backwardData() {
        for (int g = 0; g < groups; g++) {
            for (int c = 0; c < channels; c += together) {
                int end = Math.min(channels, c + together);
                layOut(dy, g, c, end, gradientPlacement, gradientScratch);
                pack.backwardData(gradientScratch, ORIGIN - c * gradientPlacement.channel(), zeros, dx, at(g, 0), planeFloats,
                        width * Layout.LANES, Layout.LANES, c, end, zeros, 0);
            }
        }
        return dx;
    }

    /** Gradient of the weights from the input and the gradient of the output, channel by channel through all groups. */
    @Benchmark
    public float[] backwardWeight() {
        Arrays.fill(accumulators, 0);
        for (int c = 0; c < channels; c += together) {
            int end = Math.min(channels, c + together);
            for (int g = 0; g < groups; g++) {
                layOut(x, g, c, end, inputPlacement, scratch);
                weightPack.accumulate(scratch, ORIGIN - c * inputPlacement.channel(), dy, at(g, 0), accumulators, c, end);
            }
        }
        weightPack.join(accumulators, gradient, 0, channels);
        return gradient;
    }

    /** One map read and one written: the least that {@link #forward} and {@link #backwardData} take. */
    @Benchmark
    public float[] boundCopy() {
        System.arraycopy(x, ORIGIN, y, ORIGIN, x.length - ORIGIN);
        return y;
    }

    /** Two maps read: the least that {@link #backwardWeight} takes. */
    @Benchmark
    public int boundRead() {
        return ELEMENTWISE.largestMagnitude(x, ORIGIN, x.length - ORIGIN) + ELEMENTWISE.largestMagnitude(dy, ORIGIN, dy.length - ORIGIN);
    }

    /** As {@link #boundCopy}, by the stores of a loop. */
    @Benchmark
    public float[] plainCopy() {
        for (int i = ORIGIN; i < x.length; i++) {
            y[i] = x[i];
        }
        return y;
    }

    /** As many multiply-adds as {@link #backwardWeight}, of planes that lie in scratch. */
    @Benchmark
    public float[] weightInCache() {
        for (int c = 0; c < channels; c += together) {
            int end = Math.min(channels, c + together);
            for (int g = 0; g < groups; g++) {
                pack.accumulate(scratch, ORIGIN - c * inputPlacement.channel(), gradientScratch, ORIGIN - c * gradientPlacement.channel(),
                        accumulators, c, end);
            }
        }
        return accumulators;
    }
}
