package dev.fedtiny.engine.tensor;

import dev.fedtiny.engine.internal.check.Given;

/**
 * How images lie in memory: {@code [group][C][H'][W'][8]}, eight lanes innermost. What a lane is, is a value of the
 * layout: with one tile an image ({@link #IMAGES}) the lanes are eight images; with a grid of tiles the lanes of a group
 * are the tiles of {@code 8 / tiles} images, so that a single image fills a group by itself. {@code H'} and {@code W'} are
 * the height and width of a tile, rounded up: where the grid does not divide the map, the last tiles reach over its edge. With
 * {@link #PIXELS} the lanes are neighbours: the pixels of a single image lie one after the other, row by row, as in N,C,H,W order, and
 * every channel begins with a cache line; H' is 1. The convolution kernels do not know the difference.
 *
 * <p>A single image may be cut into bands of columns first, left to right, each a group of its own in the same grid of tiles: then the
 * first half of the array holds the left half of the image, and two threads can compute a band each.
 *
 * @param lanes what a lane is
 * @param bands how many groups an image fills, each with a band of its columns: 1, or 2 where tiles are cut for a single image
 * @param tileRows how many tiles a band is cut into from top to bottom: 1, 2, 4 or 8
 * @param tileColumns the same from left to right; {@code tileRows · tileColumns} divides 8
 */
public record Layout(Lanes lanes, int bands, int tileRows, int tileColumns) {
    /** Lanes of a group, on every machine and at every vector width. */
    public static final int LANES = 8;

    /** Bands that a single image is cut into where it is, and threads that compute them. */
    public static final int BANDS = 2;

    /** What a lane is. */
    public enum Lanes {
        /** A tile of an image, which may be all of it. */
        TILES,
        /** Every eighth pixel of an image, rows end to end. */
        PIXELS
    }

    /** Eight images a group: training, and inference of many images. */
    public static final Layout IMAGES = new Layout(1, 1);

    /** Neighbouring pixels in the lanes: inference of a single image where most weights see one pixel, or one channel, at a time. */
    public static final Layout PIXELS = new Layout(Lanes.PIXELS, 1, 1, LANES);

    /** Pixels below which bands have hardly a vector for each channel. */
    private static final int LEAST_PIXELS = 4 * LANES;
    /** Columns of a band at least. */
    private static final int LEAST_COLUMNS = 2;
    /** Floats that a channel's pixels are rounded up to where lanes are pixels: those of a cache line. */
    private static final int LINE = 2 * LANES;

    /** Checks that the tiles of one image, or of one band, fill 1, 2, 4 or 8 lanes; all of them where lanes are pixels. */
    public Layout {
        Given.notNull(lanes, "layout: lanes", "TILES or PIXELS");
        if (bands != 1 && (bands != BANDS || lanes != Lanes.TILES)) {
            throw new IllegalArgumentException("layout: " + bands + " bands of " + lanes + ", must be 1, or " + BANDS + " of "
                    + Lanes.TILES);
        }
        if (lanes == Lanes.PIXELS && (tileRows != 1 || tileColumns != LANES)) {
            throw new IllegalArgumentException("layout: " + tileRows + "×" + tileColumns + " tiles of " + Lanes.PIXELS + ", which are "
                    + "always 1×" + LANES + "; use Layout.PIXELS");
        }
        if (tileRows < 1 || tileColumns < 1 || LANES % ((long) tileRows * tileColumns) != 0) {
            throw new IllegalArgumentException("layout: " + tileRows + "×" + tileColumns + " tiles do not divide the "
                    + LANES + " lanes; use 1, 2, 4 or 8 tiles in all");
        }
    }

    /**
     * A grid of tiles.
     *
     * @param tileRows how many tiles an image is cut into from top to bottom
     * @param tileColumns the same from left to right
     */
    public Layout(int tileRows, int tileColumns) {
        this(Lanes.TILES, 1, tileRows, tileColumns);
    }

    /**
     * {@return two bands of a single image, or its grid without bands where these would be too narrow to gain from} Tiles lie below each
     * other where the map has a row for each: then whole vectors go from band to band at their edge.
     *
     * @param height of a map, in pixels
     * @param width of a map, in pixels
     */
    public static Layout banded(int height, int width) {
        if ((long) height * width < LEAST_PIXELS || width < BANDS * LEAST_COLUMNS) {
            return tiled(1, height, width);
        }
        Layout tiles = height >= LANES ? new Layout(LANES, 1) : tiled(1, height, Math.ceilDiv(width, BANDS));
        Layout banded = new Layout(Lanes.TILES, BANDS, tiles.tileRows, tiles.tileColumns);
        // Columns are rounded up for the tiles of both bands: there must be some for the second one.
        return banded.bandWidth(width) < width ? banded : tiled(1, height, width);
    }

    /**
     * {@return the grid that lets a few images share one group with the fewest vectors a channel; among equals the fewest tiles, then the
     * shortest halo, then the widest tiles} A pure function of its arguments; {@link #IMAGES} for more than four images or for a single
     * pixel.
     *
     * @param images of the batch, at least 1
     * @param height of a map, in pixels, at least 1
     * @param width of a map, in pixels, at least 1
     */
    public static Layout tiled(int images, int height, int width) {
        if (images < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("layout: " + images + " images of " + height + "×" + width
                    + " pixels, there must be at least 1 of each");
        }
        Layout best = IMAGES;
        for (int tiles = 2; tiles <= LANES / images; tiles *= 2) {
            for (int rows = tiles; rows >= 1; rows /= 2) {
                Layout next = new Layout(rows, tiles / rows);
                if (next.rank(height, width) < best.rank(height, width)) {
                    best = next;
                }
            }
        }
        return best;
    }

    /** Vectors first, then tiles, then the tile's height and width. */
    private double rank(int height, int width) {
        double halo = tileHeight(height) + tileWidth(width);
        return (double) tileHeight(height) * tileWidth(width) * LANES * 2 + tiles() + halo / (height + width + 1);
    }

    /** {@return tiles an image, or a band of it, is cut into} */
    public int tiles() {
        return tileRows * tileColumns;
    }

    /**
     * {@return the rows of a tile of a grid, for a map of {@code height} rows}
     *
     * @param height of a map, in pixels
     */
    public int tileHeight(int height) {
        return Math.ceilDiv(height, tileRows);
    }

    /**
     * {@return the columns of a tile of a grid, for a map of {@code width} columns}
     *
     * @param width of a map, in pixels
     */
    public int tileWidth(int width) {
        return Math.ceilDiv(width, bands * tileColumns);
    }

    /**
     * {@return the columns of a band, for a map of {@code width} columns; the last band may have fewer}
     *
     * @param width of a map, in pixels
     */
    public int bandWidth(int width) {
        return tileColumns * tileWidth(width);
    }

    /**
     * {@return c × H' × W': what one lane holds of a map}
     *
     * @param shape C × H × W of an image
     */
    public Shape tile(Shape shape) {
        Given.notNull(shape, "layout: shape", "C × H × W of an image");
        if (lanes == Lanes.PIXELS) {
            return new Shape(shape.channels(), 1, Math.ceilDiv(shape.pixels(), LINE) * LINE / LANES);
        }
        return new Shape(shape.channels(), tileHeight(shape.height()), tileWidth(shape.width()));
    }

    /** {@return images that share a group, or a group for each band} */
    public int imagesPerGroup() {
        return LANES / tiles();
    }

    /**
     * {@return groups that hold {@code images} images; the last one may be partial}
     *
     * @param images of the batch
     */
    public int groups(int images) {
        return Math.ceilDiv(images, imagesPerGroup()) * bands;
    }

    /**
     * {@return lanes of group {@code group} that hold real images when there are {@code images} in all}
     *
     * @param group its number, from 0 on
     * @param images of the batch
     */
    public int validLanes(int group, int images) {
        return Math.clamp((long) images - (long) (group / bands) * imagesPerGroup(), 0, imagesPerGroup()) * tiles();
    }

    /**
     * {@return floats that {@code images} images of a shape occupy, padding lanes and what reaches over the edge included}
     *
     * @param images of the batch
     * @param shape C × H × W of an image
     */
    public long floats(int images, Shape shape) {
        return (long) groups(images) * tile(shape).size() * LANES;
    }

    /**
     * {@return position of one element in the array}
     *
     * @param shape C × H × W of an image
     * @param image from 0 to the images − 1
     * @param channel from 0 to C − 1
     * @param row from 0 to H − 1
     * @param column from 0 to W − 1
     */
    public int index(Shape shape, int image, int channel, int row, int column) {
        if (lanes == Lanes.PIXELS) {
            Shape tile = tile(shape);
            return (image * shape.channels() + channel) * tile.pixels() * LANES + row * shape.width() + column;
        }
        int tileHeight = tileHeight(shape.height());
        int tileWidth = tileWidth(shape.width());
        int tile = row / tileHeight * tileColumns + column / tileWidth % tileColumns;
        int group = image / imagesPerGroup() * bands + column / bandWidth(shape.width());
        int lane = image % imagesPerGroup() * tiles() + tile;
        int vector = ((group * shape.channels() + channel) * tileHeight + row % tileHeight) * tileWidth + column % tileWidth;
        return vector * LANES + lane;
    }
}
