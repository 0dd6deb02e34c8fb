package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Masks of windows say which taps read the image, and no set of them is held twice. */
class PixelWindowsTest {
    @Test
    void masksAreThoseOfEachPixelAndHeldOnce() {
        for (int width : new int[] {3, 7, 16, 21, 48}) {
            Conv2dGeometry geometry = new Conv2dGeometry(new Shape(2, 19, width), 2, 3, 3, 1, 1).withGroups(2);
            PixelWindows windows = new PixelWindows(geometry);
            for (int pixel = 0; pixel < geometry.input().pixels(); pixel++) {
                for (int tap = 0; tap < 9; tap++) {
                    int row = pixel / width + tap / 3 - 1;
                    int column = pixel % width + tap % 3 - 1;
                    assertEquals(row >= 0 && row < 19 && column >= 0 && column < width, windows.reads(pixel, tap),
                            "pixel " + pixel + " of rows of " + width + ", tap " + tap);
                }
            }
            int set = 9 * PixelWindows.TOGETHER;
            Set<List<Integer>> different = new HashSet<>();
            for (int at = 0; at < windows.masks().length; at += set) {
                different.add(Arrays.stream(windows.masks(), at, at + set).boxed().toList());
            }
            assertEquals(different.size() * set, windows.masks().length);
        }
    }
}
