package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.LaneGather;
import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.layer.Reads;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;

/**
 * How an operator reads a value when lanes are tiles. Where every lane reads its own tile and a halo around it, the tile is computed where
 * the operator wants it, some channels at a time, and the halo is gathered from the other lanes' tiles there; else the value is computed
 * as its map lies and handed out. What an operator wants of its input, a tile of its output at a time, is worked out here for each kind.
 */
final class TileReader implements LaneReader {
    /** Floats computed together: they stay in the first-level cache until they are handed out. */
    private static final int CHUNK = 4096;

    private final RunContext pass;
    private final FusedInput input;
    private final Placement own;
    private final LaneGather gather;

    private TileReader(RunContext pass, FusedInput input, LaneGather.Windows windows, Placement own) {
        this.pass = pass;
        this.input = input;
        this.own = own;
        StoredActivation map = input.map;
        this.gather = own == null ? LaneGather.of(map.layout, map.shape, pass.batch, windows)
                : LaneGather.within(map.layout, map.shape, pass.batch, windows, own);
    }

    /** What one lane computes of a convolution: a tile of the output from the window of the input it needs, padding included. */
    static Conv2dGeometry tileGeometry(Conv2dGeometry whole, Layout layout) {
        int height = (layout.tileHeight(whole.outputHeight()) - 1) * whole.stride().height() + whole.vertical().window();
        int width = (layout.tileWidth(whole.outputWidth()) - 1) * whole.stride().width() + whole.horizontal().window();
        return new Conv2dGeometry(new Shape(whole.input().channels(), height, width), whole.outputChannels(), whole.kernel(),
                whole.stride(), Padding.NONE, whole.dilation(), whole.groups());
    }

    /** Windows of a convolution; {@code scratch}: a tile, without padding. */
    static TileReader convolution(RunContext pass, FusedInput input, StoredActivation output, ScratchLayout scratch, Padding padding) {
        return new TileReader(pass, input, LaneGather.Windows.convolution(output.layout, scratch, padding),
                ownOfConvolution(input.map, output, scratch.geometry(), padding));
    }

    /** The middle of a window, if that is the tile the lane holds: then a tile with padding around it is laid out like a window without. */
    private static Placement ownOfConvolution(StoredActivation map, StoredActivation output, Conv2dGeometry window, Padding padding) {
        int bottom = window.input().height() - map.tile.height() - padding.top();
        int right = window.input().width() - map.tile.width() - padding.left();
        PerAxis stride = window.stride();
        // What a stride leaves below the last window of a tile is nobody's.
        if (!isOwn(map, output, stride) || bottom <= -stride.height() || right <= -stride.width()) {
            return null;
        }
        Conv2dGeometry padded = new Conv2dGeometry(map.tile, window.outputChannels(), window.kernel(), stride,
                new Padding(padding.top(), padding.left(), Math.max(0, bottom), Math.max(0, right)), window.dilation(), window.groups());
        ScratchLayout layout = new ScratchLayout(padded, false);
        return layout.holdsPhases() ? layout.inputPlacement().withoutHalo() : null;
    }

    /** Whether a tile of the output needs the same lane's tile of the map, and what is around it. */
    private static boolean isOwn(StoredActivation map, StoredActivation output, PerAxis stride) {
        return map.layout.equals(output.layout) && output.tile.height() * stride.height() == map.tile.height()
                && output.tile.width() * stride.width() == map.tile.width();
    }

    /** What a lane sees of an operator's input: the window that its tile of the output needs, or the whole map. */
    static Shape window(Reads reads, Shape input, StoredActivation output) {
        return switch (reads) {
            case Reads.Window window -> new Shape(input.channels(),
                    (output.tile.height() - 1) * window.strideHeight() + window.kernelHeight(),
                    (output.tile.width() - 1) * window.strideWidth() + window.kernelWidth());
            case Reads.Map map -> input;
        };
    }

    /** An input of an operator; {@code seen}: its {@link #window}. */
    static TileReader of(RunContext pass, FusedInput input, StoredActivation output, Reads reads, Shape seen) {
        return switch (reads) {
            case Reads.Window window -> {
                boolean own = isOwn(input.map, output, new PerAxis(window.strideHeight(), window.strideWidth()))
                        && seen.height() == input.map.tile.height() && seen.width() == input.map.tile.width()
                        && window.top() == 0 && window.left() == 0;
                yield new TileReader(pass, input, LaneGather.Windows.rectangle(output.layout, seen.height(), seen.width(), window.top(),
                        window.left(), output.tile.height() * window.strideHeight(), output.tile.width() * window.strideWidth(),
                        window.border()), own ? input.contiguous : null);
            }
            case Reads.Map map -> whole(pass, input, output.layout);
        };
    }

    /** The whole map, an image a lane. */
    static TileReader whole(RunContext pass, FusedInput input) {
        return whole(pass, input, Layout.IMAGES);
    }

    /** The whole map, in every tile of a layout. */
    private static TileReader whole(RunContext pass, FusedInput input, Layout layout) {
        Shape shape = input.map.shape;
        return new TileReader(pass, input, LaneGather.Windows.rectangle(layout, shape.height(), shape.width(), 0, 0, 0, 0, 0), null);
    }

    @Override
    public Placement own() {
        return own;
    }

    @Override
    public void read(float[] scratch, int base, int channel, int from, int to) {
        int pixels = input.map.tile.pixels() * Layout.LANES;
        if (own == null && input.isStored()) {
            gather.fill(input.map.data, input.map.at(0, from), pixels, scratch, base + from * channel, channel, to - from);
            return;
        }
        int chunk = Math.max(1, CHUNK / (own == null ? pixels : channel));
        float[] values = pass.workspace.values;
        int at = Arrays32.ORIGIN + pass.team.workers.current() * chunk * pixels;
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            int place = base + c * channel;
            if (own != null) {
                input.evaluate(0, scratch, base, own, c, end);
                gather.fill(scratch, place, channel, scratch, place, channel, end - c);
            } else {
                input.evaluate(0, values, at - c * pixels, input.contiguous, c, end);
                gather.fill(values, at, pixels, scratch, place, channel, end - c);
            }
        }
    }

    @Override
    public void reserve(Workspace workspace) {
        if (own == null && !input.isStored()) {
            int pixels = input.map.tile.pixels() * Layout.LANES;
            workspace.needValues((long) pass.threads() * Math.max(1, CHUNK / pixels) * pixels);
        }
    }

    @Override
    public long bytes() {
        return gather.bytes();
    }
}
