package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

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
         */
        public static Windows convolution(Layout layout, ScratchLayout scratch, Padding padding) {
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
            }
            return new Windows(layout, rows, columns, scratch.geometry().outputHeight() * stride.height(),
                    scratch.geometry().outputWidth() * stride.width(), 0);
        }
    }

    /**
     * Reads a map as it is stored.
     *
     * @param source what the map's lanes are
     * @param map its shape
     * @param images how many images share the group
     */
    public static LaneGather of(Layout source, Shape map, int images, Windows windows) {
        return new LaneGather(source, map, images, windows, Placement.contiguous(source.tile(map)), false);
    }

    /**
     * Reads a map that lies in the scratch which is filled, every lane's own pixels where its window has them: only the halo is gathered.
     *
     * @param own where they lie
     */
    public static LaneGather within(Layout source, Shape map, int images, Windows windows, Placement own) {
        return new LaneGather(source, map, images, windows, own, true);
    }

    private LaneGather(Layout source, Shape map, int images, Windows windows, Placement lying, boolean within) {
        border = windows.border;
        int[] places = lying.places(source.tile(map).pixels());
        boolean single = images * windows.layout.tiles() == 1;
        Collector collector = new Collector(lying.channel(), within, single);
        int[] from = new int[LANES];
        for (int v = 0; v < windows.rows.length; v++) {
            for (int lane = 0; lane < LANES; lane++) {
                int at = from(source, map, images, windows, v, lane);
                if (at != NOTHING && places[at / LANES] < 0) {
                    throw new IllegalStateException("lane gather: pixel " + at / LANES + " of a tile is wanted but lies nowhere");
                }
                from[lane] = at == NOTHING ? NOTHING : places[at / LANES] + at % LANES;
            }
            collector.add(v * LANES, from);
        }
        grids = LaneGrid.joined(collector.vectors).toArray(LaneGrid[]::new);
        pixelTo = collector.pixelTo.stream().mapToInt(i -> i).toArray();
        pixelFrom = collector.pixelFrom.stream().mapToInt(i -> i).toArray();
    }

    /** Position in a channel of the source of what a lane wants in a vector. */
    private static int from(Layout source, Shape map, int images, Windows windows, int vector, int lane) {
        Layout target = windows.layout;
        int image = lane / target.tiles();
        int tile = lane % target.tiles();
        int row = tile / target.tileColumns() * windows.rowStep + windows.rows[vector];
        int column = tile % target.tileColumns() * windows.columnStep + windows.columns[vector];
        boolean inside = image < images && row >= 0 && row < map.height() && column >= 0 && column < map.width();
        return inside ? source.index(new Shape(1, map.height(), map.width()), image, 0, row, column) : NOTHING;
    }

    /** Sorts vectors into those that a shift fills and pixels that are moved alone. */
    private static final class Collector {
        private final int floats;
        private final boolean within;
        private final boolean single;
        final List<LaneGrid> vectors = new ArrayList<>();
        final List<Integer> pixelTo = new ArrayList<>();
        final List<Integer> pixelFrom = new ArrayList<>();

        Collector(int floats, boolean within, boolean single) {
            this.floats = floats;
            this.within = within;
            this.single = single;
        }

        void add(int at, int[] lanes) {
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
