package dev.fedtiny.engine.tensor;

/**
 * How images lie in memory: {@code [group][C][H'][W'][8]}, eight lanes innermost. What a lane is, is a value of the
 * layout: with one tile an image ({@link #IMAGES}) the lanes are eight images; with a grid of tiles the lanes of a group
 * are the tiles of {@code 8 / tiles} images, so that a single image fills a group by itself. {@code H'} and {@code W'} are
 * the height and width of a tile. The convolution kernels do not know the difference.
 *
 * @param tileRows how many tiles an image is cut into from top to bottom: 1, 2, 4 or 8
 * @param tileColumns the same from left to right; {@code tileRows · tileColumns} divides 8
 */
public record Layout(int tileRows, int tileColumns) {
    /** Lanes of a group, on every machine and at every vector width. */
    public static final int LANES = 8;

    /** Eight images a group: training, and inference of many images. */
    public static final Layout IMAGES = new Layout(1, 1);

    /** Checks that the tiles of one image fill 1, 2, 4 or 8 lanes. */
    public Layout {
        if (tileRows < 1 || tileColumns < 1 || LANES % (tileRows * tileColumns) != 0) {
            throw new IllegalArgumentException("layout: " + tileRows + "×" + tileColumns + " tiles do not divide the "
                    + LANES + " lanes; use 1, 2, 4 or 8 tiles in all");
        }
    }

    /** Tiles an image is cut into. */
    public int tiles() {
        return tileRows * tileColumns;
    }

    /** Images that share a group. */
    public int imagesPerGroup() {
        return LANES / tiles();
    }

    /** Groups that hold {@code images} images; the last one may be partial. */
    public int groups(int images) {
        return Math.ceilDiv(images, imagesPerGroup());
    }

    /** Lanes of group {@code group} that hold real images when there are {@code images} in all. */
    public int validLanes(int group, int images) {
        return Math.clamp((long) images - (long) group * imagesPerGroup(), 0, imagesPerGroup()) * tiles();
    }

    /** Floats that {@code images} images of a shape occupy, padding lanes included. */
    public long floats(int images, Shape shape) {
        return (long) groups(images) * shape.size() / tiles() * LANES;
    }

    /** Position of one element in the array; the shape's height and width must be divisible by the grid. */
    public int index(Shape shape, int image, int channel, int row, int column) {
        int tileHeight = shape.height() / tileRows;
        int tileWidth = shape.width() / tileColumns;
        int tile = row / tileHeight * tileColumns + column / tileWidth;
        int group = image / imagesPerGroup();
        int lane = image % imagesPerGroup() * tiles() + tile;
        int vector = ((group * shape.channels() + channel) * tileHeight + row % tileHeight) * tileWidth + column % tileWidth;
        return vector * LANES + lane;
    }
}
