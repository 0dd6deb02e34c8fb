package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * The step in which lanes talk: every lane of a reader gets the window of pixels that its tile of the output needs, its own pixels and
 * the halo that lies in its neighbours' lanes, a border value beyond the map's edge. What goes where is worked out once, for one channel,
 * as grids of vectors: a grid is copied with a shift by a number of lanes, which is no more than another place to read at, and the lanes
 * that get nothing are set to the border. Only pixels that no shift brings to their place are moved one by one, and those of a single
 * image that is wanted whole: they come from all lanes and go to the first, while the others, without an image, may hold anything.
 */
public final class LaneGather {
    private static final int LANES = Layout.LANES;
    private static final int NOTHING = -1;
    private static final int ALL = 0xFF;
    /** A row that no map has. */
    private static final int OUTSIDE = Integer.MIN_VALUE / 2;

    private final LaneGrid[] grids;
    /** What lies beyond the map's edge. */
    private final float border;
    /** Single pixels: where they go and where they come from. */
    private final int[] pixelTo;
    private final int[] pixelFrom;

    /**
     * What every lane of a reader sees.
     *
     * @param layout of the reader's output: which tile a lane is
     * @param rows for each vector of a channel of the reader's scratch, its image row, relative to the tile's first
     * @param columns the same for columns
     * @param rowStep image rows between the windows of two tiles
     * @param columnStep image columns between them
     * @param border what lies beyond the map's edge
     */
    public record Windows(Layout layout, int[] rows, int[] columns, int rowStep, int columnStep, float border) {
        /** Contiguous rectangles of {@code height × width} pixels, which begin {@code top} rows above the tile's first pixel. */
        public static Windows rectangle(Layout layout, int height, int width, int top, int left, int rowStep, int columnStep,
                float border) {
            int[] rows = new int[height * width];
            int[] columns = new int[height * width];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = i / width - top;
                columns[i] = i % width - left;
            }
            return new Windows(layout, rows, columns, rowStep, columnStep, border);
        }

        /**
         * The windows of a convolution, phase by phase as its scratch has them.
         *
         * @param scratch the layout of one tile, without padding
         * @param padding zeros around the whole image
         * @param onlyRead whether pixels of the phases that no tap reads become zeros, as beyond the edge; else they are those of the image
         */
        public static Windows convolution(Layout layout, ScratchLayout scratch, Padding padding, boolean onlyRead) {
            PerAxis stride = scratch.geometry().stride();
            AxisLayout down = scratch.rows();
            AxisLayout across = scratch.columns();
            int pixels = down.extent() * across.extent();
            int[] rows = new int[scratch.phases() * pixels];
            int[] columns = new int[rows.length];
            for (int i = 0; i < rows.length; i++) {
                int phase = i / pixels;
                int pixel = i % pixels;
                rows[i] = pixel / across.extent() * stride.height() + down.remainderOf(phase / across.phases()) - padding.top();
                columns[i] = pixel % across.extent() * stride.width() + across.remainderOf(phase % across.phases()) - padding.left();
                boolean read = down.isRead(phase / across.phases(), pixel / across.extent())
                        && across.isRead(phase % across.phases(), pixel % across.extent());
                rows[i] = onlyRead && !read ? OUTSIDE : rows[i];
            }
            return new Windows(layout, rows, columns, scratch.geometry().outputHeight() * stride.height(),
                    scratch.geometry().outputWidth() * stride.width(), 0);
        }
    }

    /**
     * Where the pixels that are read lie.
     *
     * @param layout what the map's lanes are
     * @param map its shape
     * @param images how many images share the group
     * @param band whose pixels are read; 0 where the map has no bands
     * @param places for each pixel of a tile where it lies in a channel; below 0 where it does not
     * @param channel floats of a channel
     * @param within whether they lie in the scratch that is filled, so that what is in its place stays there
     * @param begins whether vectors are completed by the border; else only what comes from the band is written, into lanes of its own
     */
    private record Source(Layout layout, Shape map, int images, int band, int[] places, int channel, boolean within, boolean begins) {
    }

    private LaneGather(LaneGrid[] grids, float border, int[] pixelTo, int[] pixelFrom) {
        this.grids = grids;
        this.border = border;
        this.pixelTo = pixelTo;
        this.pixelFrom = pixelFrom;
    }

    private static LaneGather of(Source source, Windows windows, int target) {
        boolean single = source.images * windows.layout.tiles() == 1;
        Collector collector = new Collector(source.channel, source.within, single, source.begins);
        int[] from = new int[LANES];
        for (int v = 0; v < windows.rows.length; v++) {
            boolean others = false;
            for (int lane = 0; lane < LANES; lane++) {
                int at = from(source.layout, source.map, source.images, windows, target, v, lane);
                boolean isOthers = at != NOTHING && bandOf(source.layout, source.map, at) != source.band;
                others |= isOthers;
                from[lane] = at == NOTHING || isOthers ? NOTHING : place(source, at);
            }
            collector.add(v * LANES, from, others);
        }
        return new LaneGather(LaneGrid.joined(collector.vectors).toArray(LaneGrid[]::new), windows.border,
                collector.pixelTo.stream().mapToInt(i -> i).toArray(), collector.pixelFrom.stream().mapToInt(i -> i).toArray());
    }

    private static int place(Source source, int at) {
        int inBand = at - source.band * bandFloats(source.layout, source.map);
        if (source.places[inBand / LANES] < 0) {
            throw new IllegalStateException("lane gather: pixel " + inBand / LANES + " of a tile is wanted but lies nowhere");
        }
        return source.places[inBand / LANES] + inBand % LANES;
    }

    /** Floats of a channel of a band. */
    private static int bandFloats(Layout layout, Shape map) {
        return layout.tile(map).pixels() * LANES;
    }

    private static int bandOf(Layout layout, Shape map, int at) {
        return layout.bands() == 1 ? 0 : at / bandFloats(layout, map);
    }

    /**
     * Reads a band of a map, and what lies beyond the map's edge; all of the map where it has one.
     *
     * @param source what the map's lanes are
     * @param map its shape
     * @param images how many images share the group
     * @param lying where a tile's pixels lie
     * @param within whether they lie in the scratch that is filled, every lane's own pixels where its window has them: only the halo is
     *     gathered
     * @param from the band that is read
     * @param to the band whose windows are filled
     */
    public static LaneGather of(Layout source, Shape map, int images, Windows windows, Placement lying, boolean within, int from, int to) {
        int[] places = lying.places(source.tile(map).pixels());
        return of(new Source(source, map, images, from, places, lying.channel(), within, true), windows, to);
    }

    /** Reads, after {@link #of}, what the windows see of another band. */
    public static LaneGather more(Layout source, Shape map, int images, Windows windows, Placement lying, int from, int to) {
        int[] places = lying.places(source.tile(map).pixels());
        return of(new Source(source, map, images, from, places, lying.channel(), false, false), windows, to);
    }

    /**
     * What the windows of one band of a single image see of the other one: an edge, vector after vector.
     *
     * @param pack takes it out of the band as that lies
     * @param fill puts it into the windows, after {@link #of}
     * @param channel floats of the edge's channels
     */
    public record Edge(LaneGather pack, LaneGather fill, int channel) {
        /**
         * The edge of a band.
         *
         * @param lying where its pixels lie
         * @param from the band; the windows are those of {@code to}
         * @return null where they see nothing of it
         */
        public static Edge of(Layout source, Shape map, Windows windows, Placement lying, int from, int to) {
            TreeSet<Integer> wanted = new TreeSet<>();
            for (int v = 0; v < windows.rows.length; v++) {
                for (int lane = 0; lane < LANES; lane++) {
                    int at = LaneGather.from(source, map, 1, windows, to, v, lane);
                    if (at != NOTHING && bandOf(source, map, at) == from) {
                        wanted.add((at - from * bandFloats(source, map)) / LANES);
                    }
                }
            }
            if (wanted.isEmpty()) {
                return null;
            }
            int[] lies = lying.places(source.tile(map).pixels());
            int[] places = new int[lies.length];
            Arrays.fill(places, NOTHING);
            List<LaneGrid> vectors = new ArrayList<>();
            for (int pixel : wanted) {
                places[pixel] = vectors.size() * LANES;
                vectors.add(LaneGrid.vector(places[pixel], lies[pixel], 0));
            }
            LaneGather pack = new LaneGather(LaneGrid.joined(vectors).toArray(LaneGrid[]::new), 0, new int[0], new int[0]);
            int channel = vectors.size() * LANES;
            return new Edge(pack, LaneGather.of(new Source(source, map, 1, from, places, channel, false, false), windows, to), channel);
        }
    }

    /** Position in a channel of the source of what a lane wants in a vector. */
    private static int from(Layout source, Shape map, int images, Windows windows, int band, int vector, int lane) {
        Layout target = windows.layout;
        int image = lane / target.tiles();
        int tile = lane % target.tiles();
        int row = tile / target.tileColumns() * windows.rowStep + windows.rows[vector];
        int column = (band * target.tileColumns() + tile % target.tileColumns()) * windows.columnStep + windows.columns[vector];
        boolean inside = image < images && row >= 0 && row < map.height() && column >= 0 && column < map.width();
        return inside ? source.index(new Shape(1, map.height(), map.width()), image, 0, row, column) : NOTHING;
    }

    /** Sorts vectors into those that a shift fills and pixels that are moved alone. */
    private static final class Collector {
        private final int floats;
        private final boolean within;
        private final boolean single;
        private final boolean begins;
        final List<LaneGrid> vectors = new ArrayList<>();
        final List<Integer> pixelTo = new ArrayList<>();
        final List<Integer> pixelFrom = new ArrayList<>();

        Collector(int floats, boolean within, boolean single, boolean begins) {
            this.floats = floats;
            this.within = within;
            this.single = single;
            this.begins = begins;
        }

        /**
         * Adds a vector.
         *
         * @param lanes where each lane's value lies
         * @param others whether other lanes than these come from another band
         */
        void add(int at, int[] lanes, boolean others) {
            if (begins ? others && isNothing(lanes) : isNothing(lanes)) {
                return;
            }
            if (!begins && others) {
                addPixels(at, lanes);
                return;
            }
            if (single && lanes[0] != NOTHING) {
                if (!within || lanes[0] != at) {
                    pixelTo.add(at);
                    pixelFrom.add(lanes[0]);
                }
                return;
            }
            int cleared = 0;
            int base = 0;
            boolean found = false;
            boolean shifted = true;
            for (int lane = 0; lane < LANES; lane++) {
                if (lanes[lane] == NOTHING) {
                    cleared |= 1 << lane;
                } else {
                    shifted &= !found || base == lanes[lane] - lane;
                    base = lanes[lane] - lane;
                    found = true;
                }
            }
            // Already there.
            if (within && shifted && cleared == 0 && base == at) {
                return;
            }
            // Whole vectors are copied, so all of a shifted one must lie within the channel.
            if (cleared == ALL || shifted && base >= 0 && base + LANES <= floats) {
                vectors.add(LaneGrid.vector(at, base, cleared));
                return;
            }
            vectors.add(LaneGrid.vector(at, 0, ALL));
            addPixels(at, lanes);
        }

        private static boolean isNothing(int[] lanes) {
            return Arrays.stream(lanes).allMatch(lane -> lane == NOTHING);
        }

        private void addPixels(int at, int[] lanes) {
            for (int lane = 0; lane < LANES; lane++) {
                if (lanes[lane] != NOTHING) {
                    pixelTo.add(at + lane);
                    pixelFrom.add(lanes[lane]);
                }
            }
        }
    }

    /**
     * Fills channels of a reader's scratch.
     *
     * @param x the map as it lies, its first channel at {@code xBase}, channels {@code xChannel} apart
     * @param y the scratch, likewise
     */
    public void fill(float[] x, int xBase, int xChannel, float[] y, int yBase, int yChannel, int channels) {
        for (LaneGrid grid : grids) {
            grid.fill(x, xBase, xChannel, y, yBase, yChannel, channels, border);
        }
        if (pixelTo.length > 0) {
            for (int c = 0; c < channels; c++) {
                movePixels(x, xBase + c * xChannel, y, yBase + c * yChannel);
            }
        }
    }

    private void movePixels(float[] x, int in, float[] y, int out) {
        for (int i = 0; i < pixelTo.length; i++) {
            y[out + pixelTo[i]] = x[in + pixelFrom[i]];
        }
    }

    /** Bytes of all arrays. */
    public long bytes() {
        return 8L * pixelTo.length;
    }
}
