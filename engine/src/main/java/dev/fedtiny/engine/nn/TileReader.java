package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.internal.conv.LaneGather;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;

/**
 * How an operator reads a value when lanes are tiles: the value is computed as its map lies, some channels at a time, and handed out to the
 * lanes that want its pixels. What an operator wants of its input, a tile of its output at a time, is worked out here for each kind.
 */
final class TileReader {
    /** Floats computed together: they stay in the first-level cache until they are handed out. */
    private static final int CHUNK = 4096;

    private final Pass pass;
    private final Value input;
    private final LaneGather gather;

    private TileReader(Pass pass, Value input, LaneGather.Windows windows) {
        this.pass = pass;
        this.input = input;
        this.gather = new LaneGather(input.map.layout, input.map.shape, pass.batch, windows);
    }

    /** What one lane computes of a convolution: a tile of the output from the window of the input it needs, padding included. */
    static Conv2dGeometry tileGeometry(Conv2dGeometry whole, Layout layout) {
        int height = (layout.tileHeight(whole.outputHeight()) - 1) * whole.stride() + whole.kernelHeight();
        int width = (layout.tileWidth(whole.outputWidth()) - 1) * whole.stride() + whole.kernelWidth();
        return new Conv2dGeometry(new Shape(whole.input().channels(), height, width), whole.outputChannels(), whole.kernelHeight(),
                whole.kernelWidth(), whole.stride(), 0);
    }

    /** Windows of a convolution. */
    static TileReader convolution(Pass pass, Value input, StoredMap output, ScratchLayout scratch, int padding) {
        return new TileReader(pass, input, LaneGather.Windows.convolution(output.layout, scratch, padding));
    }

    /** Windows of a pooling without padding; {@code window}: what a tile of the output needs. */
    static TileReader pooling(Pass pass, Value input, StoredMap output, Shape window, int stride) {
        return new TileReader(pass, input, LaneGather.Windows.rectangle(output.layout, window.height(), window.width(),
                output.tile.height() * stride, output.tile.width() * stride));
    }

    /** The whole map, an image a lane. */
    static TileReader whole(Pass pass, Value input) {
        Shape shape = input.map.shape;
        return new TileReader(pass, input, LaneGather.Windows.rectangle(Layout.IMAGES, shape.height(), shape.width(), 0, 0));
    }

    /** The one pixel of a map, in all tiles of the output. */
    static TileReader repeated(Pass pass, Value input, StoredMap output) {
        return new TileReader(pass, input, LaneGather.Windows.rectangle(output.layout, 1, 1, 0, 0));
    }

    /** Fills channels {@code [from, to)} of scratch, which begins at {@code base}, channels {@code channel} floats apart. */
    void read(float[] scratch, int base, int channel, int from, int to) {
        int pixels = input.map.tile.pixels() * 8;
        if (input.isStored()) {
            gather.fill(input.map.data, input.map.at(0, from), pixels, scratch, base + from * channel, channel, to - from);
            return;
        }
        float[] values = pass.workspace.values;
        int chunk = chunkChannels(pixels);
        int at = Arrays32.ORIGIN + pass.team.workers.current() * chunk * pixels;
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            Stage.evaluate(input, 0, values, at - c * pixels, input.contiguous, c, end);
            gather.fill(values, at, pixels, scratch, base + c * channel, channel, end - c);
        }
    }

    private static int chunkChannels(int pixels) {
        return Math.max(1, CHUNK / pixels);
    }

    void reserve(Workspace workspace) {
        if (!input.isStored()) {
            int pixels = input.map.tile.pixels() * 8;
            workspace.needValues((long) pass.threads() * chunkChannels(pixels) * pixels);
        }
    }

    long bytes() {
        return gather.bytes();
    }
}
