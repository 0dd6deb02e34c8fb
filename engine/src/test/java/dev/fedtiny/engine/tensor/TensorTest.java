package dev.fedtiny.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The lane layouts: from N,C,H,W and back, for every number of images and every grid of tiles. */
class TensorTest {
    private static float[] counting(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i + 1;
        }
        return values;
    }

    @Test
    void imagesLieInTheLanesAndPaddingIsZero() {
        Shape shape = new Shape(3, 5, 4);
        for (int images = 1; images <= 17; images++) {
            float[] nchw = counting(images * shape.size());
            Tensor tensor = Tensor.ofNchw(images, shape, nchw);
            assertArrayEquals(nchw, tensor.toNchw());
            assertEquals(Math.ceilDiv(images, 8) * shape.size() * 8, tensor.data().length);
            for (int i = 0; i < tensor.data().length; i++) {
                int lane = i % 8;
                int pixel = i / 8 % shape.size();
                int image = i / 8 / shape.size() * 8 + lane;
                assertEquals(image < images ? nchw[image * shape.size() + pixel] : 0, tensor.data()[i], "place " + i);
            }
        }
    }

    @Test
    void setClearsLanesOfAnEarlierUse() {
        Tensor tensor = Tensor.zeros(3, new Shape(1, 2, 2));
        java.util.Arrays.fill(tensor.data(), Float.NaN);
        tensor.setNchw(counting(12));
        for (int i = 0; i < tensor.data().length; i++) {
            assertEquals(i % 8 < 3 ? i % 8 * 4 + i / 8 + 1 : 0, tensor.data()[i]);
        }
    }

    @Test
    void tilesOfAnImageFillTheLanes() {
        Shape shape = new Shape(2, 8, 16);
        for (int[] grid : new int[][] {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 2}, {2, 4}, {8, 1}, {1, 8}, {4, 1}}) {
            Layout layout = new Layout(grid[0], grid[1]);
            for (int images = 1; images <= 9; images++) {
                Tensor tensor = Tensor.zeros(images, shape, layout);
                float[] nchw = counting(images * shape.size());
                tensor.setNchw(nchw);
                assertArrayEquals(nchw, tensor.toNchw(), layout + " of " + images);
                int tileHeight = 8 / grid[0];
                int tileWidth = 16 / grid[1];
                // The first pixel of the last tile of the first image's second channel.
                int lane = layout.tiles() - 1;
                int at = (tileHeight * tileWidth) * 8 + lane;
                assertEquals(nchw[128 + (8 - tileHeight) * 16 + 16 - tileWidth], tensor.data()[at], layout.toString());
                int valid = 0;
                for (int group = 0; group < layout.groups(images); group++) {
                    valid += layout.validLanes(group, images);
                }
                assertEquals(images * layout.tiles(), valid);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new Layout(3, 1));
        assertThrows(IllegalArgumentException.class, () -> new Layout(8, 2));
        // Products that are 1, 0 and -8 in 32 bits.
        assertThrows(IllegalArgumentException.class, () -> new Layout(641, 6_700_417));
        assertThrows(IllegalArgumentException.class, () -> new Layout(1 << 16, 1 << 16));
        assertThrows(IllegalArgumentException.class, () -> new Layout(8, 536_870_911));
        assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(1, new Shape(1, 6, 16), new Layout(4, 2)));
    }

    /** Rows lie end to end: no width is odd. */
    @Test
    void neighbouringPixelsFillTheLanesOfMapsOfAnySize() {
        for (int width = 1; width <= 17; width++) {
            Shape shape = new Shape(2, 3, width);
            Tensor tensor = Tensor.zeros(2, shape, Layout.PIXELS);
            assertEquals(Layout.PIXELS.floats(2, shape), tensor.data().length);
            float[] nchw = counting(2 * shape.size());
            tensor.setNchw(nchw);
            assertArrayEquals(nchw, tensor.toNchw(), shape.toString());
        }
        Tensor pixels = Tensor.zeros(1, new Shape(2, 3, 5), Layout.PIXELS);
        pixels.setNchw(counting(30));
        assertEquals(16, pixels.data()[16], "a channel begins with a cache line");
        assertThrows(IllegalArgumentException.class, () -> new Layout(Layout.Lanes.PIXELS, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Layout(Layout.Lanes.PIXELS, 1, 2, 4));
    }

    @Test
    void wrongSizesAreNamed() {
        assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(0, new Shape(1, 1, 1)));
        assertThrows(IllegalArgumentException.class, () -> Tensor.ofNchw(2, new Shape(1, 2, 2), new float[7]));
        assertThrows(IllegalArgumentException.class, () -> new Shape(1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Shape(65536, 65536, 2));
        assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(1_000_000, new Shape(512, 32, 32)));
    }
}
