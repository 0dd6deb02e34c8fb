package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarPixelKernel;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What an inference session for one image does to maps whose neighbouring pixels lie in the lanes, of the shape of a convolution's output:
 * image after image of the batch, each by itself, images shared out between workers.
 */
@State(Scope.Benchmark)
public class PixelBenchmark extends TeamBenchmark {
    private static final PixelKernel PIXELS = KernelRegistry.current().pixels();
    private static final int ORIGIN = Alignment.ORIGIN;

    /** Model and layer whose output the maps are. */
    @Param("resnet18/layer1.0.conv1")
    public String layer;

    private Shape shape;
    private PixelWindows windows;
    private ChannelFunction function;
    /** Floats of a channel, whole sixteens of pixels, and of a plane with zeros around it. */
    private int channel;
    private int plane;
    private float[] x;
    private float[] y;
    private float[] values;
    private float[] start;
    private ImageWork work;
    private final Workers.Task share = this::share;
    private final ImageWork depthwise = image -> depthwise(PIXELS, image);
    private final ImageWork planes = image -> planes(PIXELS, image);
    private final ImageWork rows = image -> rows(PIXELS, image);
    private final ImageWork finish = image -> finish(PIXELS, image);
    private final ImageWork lanes = image -> lanes(PIXELS, image);

    /** What is done to one image. */
    private interface ImageWork {
        void run(int image);
    }

    @Override
    void prepare(Workers team) {
        shape = LayerShape.ofKey(layer).geometry().output();
        Conv2dGeometry geometry = new Conv2dGeometry(shape, shape.channels(), 3, 3, 1, 1).withGroups(shape.channels());
        windows = new PixelWindows(geometry);
        channel = windows.vectors() * PixelWindows.TOGETHER;
        plane = Math.ceilDiv((shape.height() + 2) * (shape.width() + 2), PixelKernel.SLACK) * PixelKernel.SLACK + PixelKernel.SLACK;
        x = OutputBenchmark.random("x", ORIGIN + batch * shape.channels() * channel);
        y = new float[ORIGIN + batch * shape.channels() * plane];
        values = OutputBenchmark.random("values", geometry.weights());
        start = OutputBenchmark.random("start", shape.channels());
        function = new ChannelFunction(OutputBenchmark.random("scale", shape.channels()), OutputBenchmark.random("shift", shape.channels()),
                0, Float.POSITIVE_INFINITY);
        PixelKernel plain = new ScalarPixelKernel();
        compare("depthwise windows", channel, shape.pixels(), () -> depthwise(PIXELS, 0), () -> depthwise(plain, 0));
        compare("planes", plane, (shape.height() + 2) * (shape.width() + 2), () -> planes(PIXELS, 0), () -> planes(plain, 0));
        compare("rows", channel, shape.pixels(), () -> rows(PIXELS, 0), () -> rows(plain, 0));
        compare("values in their place", channel, shape.pixels(), () -> finish(PIXELS, 0), () -> finish(plain, 0));
        compare("channels to lanes", channel, shape.pixels(), () -> lanes(PIXELS, 0), () -> lanes(plain, 0));
    }

    /** Compares the first floats of every channel of the result; those behind may hold anything. Both begin with x where they write. */
    private void compare(String what, int pitch, int floats, Runnable fast, Runnable plain) {
        System.arraycopy(x, 0, y, 0, x.length);
        plain.run();
        float[] expected = y.clone();
        Arrays.fill(y, 0);
        System.arraycopy(x, 0, y, 0, x.length);
        fast.run();
        for (int c = 0; c < shape.channels(); c++) {
            int at = ORIGIN + c * pitch;
            if (!Arrays.equals(expected, at, at + floats, y, at, at + floats)) {
                throw new IllegalStateException("benchmark: kernel of " + what + " differs from its plain twin on " + layer);
            }
        }
    }

    private int base(int image) {
        return ORIGIN + image * shape.channels() * channel;
    }

    private void depthwise(PixelKernel kernel, int image) {
        kernel.windows(x, base(image), channel, 1, windows, values, start, function, y, base(image), channel, 0, shape.channels());
    }

    private void planes(PixelKernel kernel, int image) {
        int pitch = shape.width() + 2;
        kernel.planes(x, base(image), channel, shape.width(), 1, y, ORIGIN + image * shape.channels() * plane, plane, pitch, pitch + 1,
                pitch - 1, shape.channels(), shape.height(), shape.width(), function, 0);
    }

    /** Of planes' rows, whose pixels lie one after the other. */
    private void rows(PixelKernel kernel, int image) {
        kernel.rows(x, base(image), channel, shape.width(), 1, y, base(image), channel, channel, shape.channels(), shape.height(),
                shape.width(), function, 0);
    }

    private void finish(PixelKernel kernel, int image) {
        kernel.finish(y, base(image), channel, shape.channels(), channel, function, 0);
    }

    private void lanes(PixelKernel kernel, int image) {
        for (int c = 0; c < shape.channels(); c += Layout.LANES) {
            int at = base(image) + c * channel;
            kernel.channelsToLanes(x, at, channel, y, at, Math.min(Layout.LANES, shape.channels() - c), channel);
        }
    }

    private void share(int worker, int count) {
        for (int image = batch * worker / count; image < batch * (worker + 1) / count; image++) {
            work.run(image);
        }
    }

    private void measure(ImageWork what, Counters counters) {
        work = what;
        run(share, 2.0 * batch * shape.channels() * channel * Float.BYTES, counters);
    }

    /** Depthwise windows of 3 × 3 with normalisation and ReLU. */
    @Benchmark
    public void depthwise(Counters counters) {
        measure(depthwise, counters);
    }

    /** Planes with zeros around them, normalised, for windows over several channels. */
    @Benchmark
    public void planes(Counters counters) {
        measure(planes, counters);
    }

    /** Rows end to end, normalised, as a stride or a window leaves them. */
    @Benchmark
    public void rows(Counters counters) {
        measure(rows, counters);
    }

    /** Values normalised in their place. */
    @Benchmark
    public void finish(Counters counters) {
        measure(finish, counters);
    }

    /** Channels into the lanes, for pools. */
    @Benchmark
    public void channelsToLanes(Counters counters) {
        measure(lanes, counters);
    }
}
