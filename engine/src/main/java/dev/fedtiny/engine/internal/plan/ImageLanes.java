package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;

/** Between N,C,H,W order and maps with one image a lane, {@code [group][C][H][W][8]}. */
final class ImageLanes {
    private ImageLanes() {
    }

    /**
     * Puts images into lanes; lanes without one stay as they are.
     *
     * @param size values of an image
     */
    static void pack(float[] nchw, int images, int size, float[] data, int origin) {
        for (int image = 0; image < images; image++) {
            int at = place(origin, image, size);
            for (int i = 0; i < size; i++) {
                data[at + i * Layout.LANES] = nchw[image * size + i];
            }
        }
    }

    /**
     * Cuts images that share one group, or a single one in bands, into the tiles of a layout, vector by vector; what of a tile reaches over
     * the map's edge stays as it is, and so do lanes without an image.
     */
    static void packTiles(float[] nchw, int images, Shape shape, Layout layout, float[] data, int origin) {
        Shape tile = layout.tile(shape);
        if (layout.equals(Layout.PIXELS)) {
            for (int c = 0; c < shape.channels(); c++) {
                System.arraycopy(nchw, c * shape.pixels(), data, origin + c * tile.pixels() * Layout.LANES, shape.pixels());
            }
            return;
        }
        int lanes = images * layout.tiles();
        int at = origin;
        for (int band = 0; band < layout.bands(); band++) {
            int left = band * layout.bandWidth(shape.width());
            for (int c = 0; c < shape.channels(); c++) {
                for (int p = 0; p < tile.height(); p++) {
                    for (int lane = 0; lane < lanes; lane++) {
                        int row = lane % layout.tiles() / layout.tileColumns() * tile.height() + p;
                        if (row < shape.height()) {
                            int column = left + lane % layout.tileColumns() * tile.width();
                            int from = ((lane / layout.tiles() * shape.channels() + c) * shape.height() + row) * shape.width() + column;
                            int count = Math.min(tile.width(), shape.width() - column);
                            for (int i = 0; i < count; i++) {
                                data[at + i * Layout.LANES + lane] = nchw[from + i];
                            }
                        }
                    }
                    at += tile.width() * Layout.LANES;
                }
            }
        }
    }

    /** Clears the lanes of the last group from {@code images} on. */
    static void clearPadding(int images, int size, float[] data, int origin) {
        for (int image = images; image % Layout.LANES != 0; image++) {
            int at = place(origin, image, size);
            for (int i = 0; i < size; i++) {
                data[at + i * Layout.LANES] = 0;
            }
        }
    }

    /** A new array of the images. */
    static float[] unpack(float[] data, int origin, int images, int size) {
        float[] nchw = new float[images * size];
        for (int image = 0; image < images; image++) {
            int at = place(origin, image, size);
            for (int i = 0; i < size; i++) {
                nchw[image * size + i] = data[at + i * Layout.LANES];
            }
        }
        return nchw;
    }

    private static int place(int origin, int image, int size) {
        return origin + image / Layout.LANES * size * Layout.LANES + image % Layout.LANES;
    }
}
