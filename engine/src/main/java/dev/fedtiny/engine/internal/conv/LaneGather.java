package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;

/**
 * The step in which lanes talk: every lane of a reader gets the window of pixels that its tile of the output needs, its own pixels and
 * the halo that lies in its neighbours' lanes, zeros beyond the map's edge. What goes where is worked out once, for one channel, as runs of
 * vectors: a run copies consecutive vectors shifted by a number of lanes and clears the lanes that get nothing. Only pixels that no shift
 * brings to their place are moved one by one.
 */
public final class LaneGather {
    private static final int LANES = Layout.LANES;
    private static final int NOTHING = -1;
    private static final int ALL = 0xFF;

    /** Runs: first float written, first float read (any, where all lanes are cleared), vectors, lanes cleared. */
    private final int[] runTo;
    private final int[] runFrom;
    private final int[] runVectors;
    private final int[] runCleared;
    /** Single pixels: where they go and where they come from, or {@link #NOTHING} for a zero. */
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
     */
    public record Windows(Layout layout, int[] rows, int[] columns, int rowStep, int columnStep) {
        /** Contiguous rectangles of {@code height × width} pixels that begin at the tile's first pixel. */
        public static Windows rectangle(Layout layout, int height, int width, int rowStep, int columnStep) {
            int[] rows = new int[height * width];
            int[] columns = new int[height * width];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = i / width;
                columns[i] = i % width;
            }
            return new Windows(layout, rows, columns, rowStep, columnStep);
        }

        /**
         * The windows of a convolution, phase by phase as its scratch has them.
         *
         * @param scratch the layout of one tile, without padding
         * @param padding zeros around the whole image
         */
        public static Windows convolution(Layout layout, ScratchLayout scratch, int padding) {
            int stride = scratch.geometry().stride();
            int pixels = scratch.inputHeight() * scratch.inputWidth();
            int[] rows = new int[scratch.phases() * pixels];
            int[] columns = new int[rows.length];
            for (int i = 0; i < rows.length; i++) {
                int phase = i / pixels;
                int pixel = i % pixels;
                rows[i] = pixel / scratch.inputWidth() * stride + phase / scratch.columnPhases() - padding;
                columns[i] = pixel % scratch.inputWidth() * stride + phase % scratch.columnPhases() - padding;
            }
            return new Windows(layout, rows, columns, scratch.geometry().outputHeight() * stride, scratch.geometry().outputWidth() * stride);
        }
    }

    /**
     * Works out the runs.
     *
     * @param source how the map that is read lies
     * @param map its shape
     * @param images how many images share the group
     */
    public LaneGather(Layout source, Shape map, int images, Windows windows) {
        Runs runs = new Runs(source.tile(map).pixels() * LANES);
        int[] from = new int[LANES];
        for (int v = 0; v < windows.rows.length; v++) {
            for (int lane = 0; lane < LANES; lane++) {
                from[lane] = from(source, map, images, windows, v, lane);
            }
            runs.add(v * LANES, from);
        }
        runTo = Arrays.copyOf(runs.to, runs.count);
        runFrom = Arrays.copyOf(runs.from, runs.count);
        runVectors = Arrays.copyOf(runs.vectors, runs.count);
        runCleared = Arrays.copyOf(runs.cleared, runs.count);
        pixelTo = Arrays.copyOf(runs.pixelTo, runs.pixels);
        pixelFrom = Arrays.copyOf(runs.pixelFrom, runs.pixels);
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

    /** Runs under construction. */
    private static final class Runs {
        private final int floats;
        int[] to = new int[16];
        int[] from = new int[16];
        int[] vectors = new int[16];
        int[] cleared = new int[16];
        int count;
        int[] pixelTo = new int[64];
        int[] pixelFrom = new int[64];
        int pixels;

        Runs(int floats) {
            this.floats = floats;
        }

        void add(int at, int[] lanes) {
            int mask = 0;
            int base = 0;
            boolean shifted = true;
            boolean found = false;
            for (int lane = 0; lane < LANES; lane++) {
                if (lanes[lane] == NOTHING) {
                    mask |= 1 << lane;
                } else {
                    shifted &= !found || lanes[lane] - lane == base;
                    base = lanes[lane] - lane;
                    found = true;
                }
            }
            // Whole vectors are copied, so all of a shifted one must lie within the channel.
            if (!found || shifted && base >= 0 && base + LANES <= floats) {
                addVector(at, base, mask);
            } else {
                for (int lane = 0; lane < LANES; lane++) {
                    addPixel(at + lane, lanes[lane]);
                }
            }
        }

        private void addVector(int at, int base, int mask) {
            int last = count - 1;
            if (last >= 0 && to[last] + vectors[last] * LANES == at && cleared[last] == mask
                    && (mask == ALL || from[last] + vectors[last] * LANES == base)) {
                vectors[last]++;
                return;
            }
            if (count == to.length) {
                to = Arrays.copyOf(to, 2 * count);
                from = Arrays.copyOf(from, 2 * count);
                vectors = Arrays.copyOf(vectors, 2 * count);
                cleared = Arrays.copyOf(cleared, 2 * count);
            }
            to[count] = at;
            from[count] = base;
            vectors[count] = 1;
            cleared[count++] = mask;
        }

        private void addPixel(int at, int source) {
            if (pixels == pixelTo.length) {
                pixelTo = Arrays.copyOf(pixelTo, 2 * pixels);
                pixelFrom = Arrays.copyOf(pixelFrom, 2 * pixels);
            }
            pixelTo[pixels] = at;
            pixelFrom[pixels++] = source;
        }
    }

    /**
     * Fills channels of a reader's scratch.
     *
     * @param x the map as it lies, its first channel at {@code xBase}, channels {@code xChannel} apart
     * @param y the scratch, likewise
     */
    public void fill(float[] x, int xBase, int xChannel, float[] y, int yBase, int yChannel, int channels) {
        for (int c = 0; c < channels; c++) {
            int in = xBase + c * xChannel;
            int out = yBase + c * yChannel;
            for (int r = 0; r < runTo.length; r++) {
                copy(x, in + runFrom[r], y, out + runTo[r], runVectors[r] * LANES, runCleared[r]);
            }
            pixels(x, in, y, out);
        }
    }

    private static void copy(float[] x, int from, float[] y, int to, int floats, int cleared) {
        if (cleared == ALL) {
            Arrays.fill(y, to, to + floats, 0);
            return;
        }
        System.arraycopy(x, from, y, to, floats);
        for (int lanes = cleared; lanes != 0; lanes &= lanes - 1) {
            int lane = Integer.numberOfTrailingZeros(lanes);
            for (int i = to + lane; i < to + floats; i += LANES) {
                y[i] = 0;
            }
        }
    }

    private void pixels(float[] x, int in, float[] y, int out) {
        for (int i = 0; i < pixelTo.length; i++) {
            int from = pixelFrom[i];
            y[out + pixelTo[i]] = from == NOTHING ? 0 : x[in + from];
        }
    }

    /** Bytes of all arrays. */
    public long bytes() {
        return 4L * (4L * runTo.length + 2L * pixelTo.length);
    }
}
