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
 *
 * <p>Where both maps lie in bands, a band is computed from the same band of the value, and from what the windows see of the other one: its
 * edge, which whoever computes the other band has packed before the bands meet ({@link ImageBands}).
 */
final class TileReader implements LaneReader {
    /** Floats computed together: they stay in the first-level cache until they are handed out. */
    private static final int CHUNK = 4096;

    private final RunContext pass;
    private final FusedInput input;
    private final Placement own;
    /** Whether a band's edge is packed while it is read, not before. */
    private final boolean packsReading;
    private final int sourceBands;
    private final int bands;
    /** By the band that is read for, and the one that is read: null where nothing is, or an edge. */
    private final LaneGather[][] gathers;
    /** By the band that is read for: what it sees of the other one; null where that is nothing. */
    private final LaneGather.Edge[] edges;
    /** Where a channel's edges lie among those of the step. */
    private int place;
    /** Which of the edges that change about they lie in. */
    private int turn;

    private TileReader(RunContext pass, FusedInput input, LaneGather.Windows windows, Placement own, boolean packsReading) {
        this.pass = pass;
        this.input = input;
        this.own = own;
        this.packsReading = packsReading;
        StoredActivation map = input.map;
        sourceBands = map.layout.bands();
        bands = windows.layout().bands();
        gathers = new LaneGather[bands][sourceBands];
        edges = new LaneGather.Edge[bands];
        Placement lying = own == null ? input.contiguous : own;
        for (int band = 0; band < bands; band++) {
            int first = firstSource(band);
            gathers[band][first] = LaneGather.of(map.layout, map.shape, pass.batch, windows, lying, own != null, first, band);
            if (bands > 1 && sourceBands > 1) {
                edges[band] = LaneGather.Edge.of(map.layout, map.shape, windows, packsReading ? lying : input.contiguous, 1 - band, band);
            } else if (sourceBands > 1) {
                gathers[band][1] = LaneGather.more(map.layout, map.shape, pass.batch, windows, lying, 1, band);
            }
        }
    }

    private int firstSource(int band) {
        return bands > 1 && sourceBands > 1 ? band : 0;
    }

    /** What one lane computes of a convolution: a tile of the output from the window of the input it needs, padding included. */
    static Conv2dGeometry tileGeometry(Conv2dGeometry whole, Layout layout) {
        int height = (layout.tileHeight(whole.outputHeight()) - 1) * whole.stride().height() + whole.vertical().window();
        int width = (layout.tileWidth(whole.outputWidth()) - 1) * whole.stride().width() + whole.horizontal().window();
        return new Conv2dGeometry(new Shape(whole.input().channels(), height, width), whole.outputChannels(), whole.kernel(),
                whole.stride(), Padding.NONE, whole.dilation(), whole.groups());
    }

    /**
     * Windows of a convolution, which packs edges as it reads where it lays all channels out before it computes any.
     *
     * @param scratch the layout of a tile, without padding
     */
    static TileReader convolution(RunContext pass, FusedInput input, StoredActivation output, ScratchLayout scratch, Padding padding) {
        Placement own = ownOfConvolution(input.map, output, scratch.geometry(), padding);
        LaneGather.Windows windows = LaneGather.Windows.convolution(output.layout, scratch, padding, own == null);
        return new TileReader(pass, input, windows, own, !scratch.geometry().isDepthwise());
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
                        window.border()), own ? input.contiguous : null, false);
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
        return new TileReader(pass, input, LaneGather.Windows.rectangle(layout, shape.height(), shape.width(), 0, 0, 0, 0, 0), null, false);
    }

    @Override
    public Placement own() {
        return own;
    }

    @Override
    public void read(int band, float[] scratch, int base, int channel, int from, int to) {
        readBand(band, scratch, base, channel, from, to);
        if (!packsReading) {
            fillEdges(band, scratch, base, channel, from, to);
        }
    }

    /** All but what a band sees of the other one. */
    private void readBand(int band, float[] scratch, int base, int channel, int from, int to) {
        int pixels = input.map.tile.pixels() * Layout.LANES;
        if (own == null && input.isStored()) {
            for (int source = 0; source < sourceBands; source++) {
                if (gathers[band][source] != null) {
                    gathers[band][source].fill(input.map.data, input.map.at(source, from), pixels, scratch, base + from * channel, channel,
                            to - from);
                }
            }
            if (packsReading) {
                pack(band, from, to);
            }
            return;
        }
        int chunk = Math.max(1, CHUNK / (own == null ? pixels : channel));
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            int place = base + c * channel;
            if (own != null) {
                input.evaluate(firstSource(band), scratch, base, own, c, end);
                gathers[band][firstSource(band)].fill(scratch, place, channel, scratch, place, channel, end - c);
                if (packsReading) {
                    packFrom(scratch, place, channel, band, c, end);
                }
            } else {
                readEvaluated(band, scratch, place, channel, c, end);
            }
        }
    }

    /** Some channels that are computed as their map lies first. */
    private void readEvaluated(int band, float[] scratch, int place, int channel, int from, int to) {
        int pixels = input.map.tile.pixels() * Layout.LANES;
        float[] values = pass.workspace.values;
        int at = valuesBase();
        for (int source = 0; source < sourceBands; source++) {
            if (gathers[band][source] != null) {
                input.evaluate(source, values, at - from * pixels, input.contiguous, from, to);
                gathers[band][source].fill(values, at, pixels, scratch, place, channel, to - from);
                if (packsReading) {
                    packFrom(values, at, pixels, band, from, to);
                }
            }
        }
    }

    /** Where the calling thread computes values. */
    private int valuesBase() {
        return Arrays32.ORIGIN + pass.team.workers.current() * (pass.banded() ? pass.workspace.bandValues() : valuesFloats());
    }

    private int valuesFloats() {
        int pixels = input.map.tile.pixels() * Layout.LANES;
        return Math.max(1, CHUNK / pixels) * pixels;
    }

    @Override
    public boolean crosses() {
        return edges[0] != null || bands > 1 && edges[1] != null;
    }

    @Override
    public int edgeFloats() {
        int floats = 0;
        for (LaneGather.Edge edge : edges) {
            floats = Math.max(floats, edge == null ? 0 : edge.channel() * input.map.shape.channels());
        }
        return floats;
    }

    @Override
    public long edgeTraffic(int channels) {
        long bytes = 0;
        for (LaneGather.Edge edge : edges) {
            if (edge != null) {
                int packed = packsReading ? channels : input.map.shape.channels();
                bytes += 4L * edge.channel() * (packed + channels);
                for (FusedInput part = packsReading || input.isStored() ? null : input; part != null; part = part.prefix) {
                    bytes += part.map.groupBytes();
                }
            }
        }
        return bytes;
    }

    @Override
    public void placeEdges(int newTurn, int behind) {
        turn = newTurn;
        place = behind;
    }

    /** Packs what the other band sees of some channels of one. */
    private void packFrom(float[] x, int at, int channel, int band, int from, int to) {
        LaneGather.Edge edge = bands > 1 ? edges[1 - band] : null;
        if (edge != null) {
            edge.pack().fill(x, at, channel, pass.workspace.edges, edgeBase(band) + from * edge.channel(), edge.channel(), to - from);
        }
    }

    /** Where the edge that a band's windows do not see, but those of the other one, begins. */
    private int edgeBase(int band) {
        return pass.workspace.edgeBase(band, turn) + place;
    }

    @Override
    public void pack(int band) {
        if (!packsReading) {
            pack(band, 0, input.map.shape.channels());
        }
    }

    private void pack(int band, int from, int to) {
        int pixels = input.map.tile.pixels() * Layout.LANES;
        if (bands == 1 || edges[1 - band] == null) {
            return;
        }
        if (input.isStored()) {
            packFrom(input.map.data, input.map.at(band, from), pixels, band, from, to);
            return;
        }
        int chunk = Math.max(1, CHUNK / pixels);
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            input.evaluate(band, pass.workspace.values, valuesBase() - c * pixels, input.contiguous, c, end);
            packFrom(pass.workspace.values, valuesBase(), pixels, band, c, end);
        }
    }

    @Override
    public void fillEdges(int band, float[] scratch, int base, int channel, int from, int to) {
        LaneGather.Edge edge = edges[band];
        if (edge != null) {
            edge.fill().fill(pass.workspace.edges, edgeBase(1 - band) + from * edge.channel(), edge.channel(), scratch,
                    base + from * channel, channel, to - from);
        }
    }

    @Override
    public void reserve(Workspace workspace) {
        if (own == null && !input.isStored()) {
            if (pass.banded()) {
                workspace.needBandValues(valuesFloats());
            } else {
                workspace.needValues((long) pass.threads() * valuesFloats());
            }
        }
    }

    @Override
    public long bytes() {
        long bytes = 0;
        for (int band = 0; band < bands; band++) {
            for (LaneGather gather : gathers[band]) {
                bytes += gather == null ? 0 : gather.bytes();
            }
            bytes += edges[band] == null ? 0 : edges[band].fill().bytes();
        }
        return bytes;
    }
}
