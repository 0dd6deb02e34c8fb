package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.PixelPlanes;
import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;

/**
 * How an operator reads a value of a single image whose pixels lie side by side in the lanes, where it does not read them as they lie: as
 * planes that windows slide over, as a pixel a vector, or a single pixel in all lanes. A value that is not stored is computed as its map
 * lies first, a few channels at a time.
 */
abstract class PixelReader implements LaneReader {
    private final RunContext pass;
    final FusedInput input;
    private final int together;

    private PixelReader(RunContext pass, FusedInput input) {
        this.pass = pass;
        this.input = input;
        this.together = Step.chunk(input.map.channelFloats());
    }

    /** Planes for the windows of a convolution. */
    static PixelReader planes(RunContext pass, FusedInput input, ScratchLayout layout) {
        return new Planes(pass, input, layout);
    }

    /**
     * As the lanes of an operator's output, pixel by pixel.
     *
     * @return null where they are those of the value
     */
    static PixelReader alike(RunContext pass, FusedInput input, Layout output) {
        if (input.map.layout.equals(output)) {
            return null;
        }
        if (input.map.shape.pixels() == 1) {
            return new Broadcast(pass, input);
        }
        return output.equals(Layout.PIXELS) ? new SideBySide(pass, input) : whole(pass, input);
    }

    /** A pixel a vector, in the first lane. */
    static PixelReader whole(RunContext pass, FusedInput input) {
        return new OneAVector(pass, input);
    }

    @Override
    public void read(int band, float[] scratch, int base, int channel, int from, int to) {
        if (input.isStored()) {
            move(input.map.data, input.map.at(0, from), scratch, base + from * channel, channel, to - from, from);
            return;
        }
        float[] values = pass.workspace.values;
        int pixels = input.map.channelFloats();
        int at = Arrays32.ORIGIN + pass.team.workers.current() * together * pixels;
        for (int c = from; c < to; c += together) {
            int end = Math.min(to, c + together);
            input.evaluate(0, values, at - c * pixels, input.contiguous, c, end);
            move(values, at, scratch, base + c * channel, channel, end - c, c);
        }
    }

    /**
     * Brings channels into their place.
     *
     * @param x holds them as the map lies
     * @param y receives them from {@code out} on, {@code channel} floats apart
     * @param first number of the first of them
     */
    abstract void move(float[] x, int in, float[] y, int out, int channel, int channels, int first);

    @Override
    public Placement own() {
        return null;
    }

    @Override
    public void reserve(Workspace workspace) {
        if (!input.isStored()) {
            workspace.needValues((long) pass.threads() * together * input.map.channelFloats());
        }
    }

    @Override
    public long bytes() {
        return 0;
    }

    /** What is built on one map is normalised and clamped on its way into the planes. */
    private static final class Planes extends PixelReader {
        private final PixelPlanes planes;
        private final ChannelFunction function;

        Planes(RunContext pass, FusedInput input, ScratchLayout layout) {
            super(pass, input);
            planes = new PixelPlanes(layout, input.map.channelFloats());
            function = input.ofMap();
        }

        private boolean isOneMap() {
            return input.prefix == null;
        }

        @Override
        public void read(int band, float[] scratch, int base, int channel, int from, int to) {
            if (input.isStored() || !isOneMap()) {
                super.read(band, scratch, base, channel, from, to);
                return;
            }
            planes.fill(input.map.data, input.map.at(0, from), scratch, base + from * channel, to - from, function, from);
        }

        @Override
        void move(float[] x, int in, float[] y, int out, int channel, int channels, int first) {
            planes.fill(x, in, y, out, channels, ChannelFunction.IDENTITY, first);
        }

        @Override
        public void reserve(Workspace workspace) {
            if (!isOneMap()) {
                super.reserve(workspace);
            }
        }
    }

    /** From one a vector to side by side. */
    private static final class SideBySide extends PixelReader {
        SideBySide(RunContext pass, FusedInput input) {
            super(pass, input);
        }

        @Override
        void move(float[] x, int in, float[] y, int out, int channel, int channels, int first) {
            int pixels = input.map.shape.pixels();
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < pixels; i++) {
                    y[out + c * channel + i] = x[in + (c * pixels + i) * Layout.LANES];
                }
            }
        }
    }

    /** From side by side to one a vector. */
    private static final class OneAVector extends PixelReader {
        OneAVector(RunContext pass, FusedInput input) {
            super(pass, input);
        }

        @Override
        void move(float[] x, int in, float[] y, int out, int channel, int channels, int first) {
            for (int c = 0; c < channels; c++) {
                int row = in + c * input.map.channelFloats();
                for (int i = 0; i < input.map.shape.pixels(); i++) {
                    y[out + c * channel + i * Layout.LANES] = x[row + i];
                }
            }
        }
    }

    /** A single pixel in all lanes. */
    private static final class Broadcast extends PixelReader {
        Broadcast(RunContext pass, FusedInput input) {
            super(pass, input);
        }

        @Override
        void move(float[] x, int in, float[] y, int out, int channel, int channels, int first) {
            for (int c = 0; c < channels; c++) {
                int at = out + c * channel;
                Arrays.fill(y, at, at + Layout.LANES, x[in + c * Layout.LANES]);
            }
        }
    }
}
