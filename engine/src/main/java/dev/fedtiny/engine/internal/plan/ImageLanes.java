package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.tensor.Layout;

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
