package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Masks of windows say which taps read the image, and no set of them is held twice; rows that a stride steps over are not computed. */
class PixelWindowsTest {
    private static final int TOGETHER = PixelWindows.TOGETHER;

    @Test
    void masksAreThoseOfEachPixelAndHeldOnce() {
        for (int width : new int[] {3, 7, 16, 21, 48}) {
            for (int stride = 1; stride <= 3; stride++) {
                Conv2dGeometry geometry = new Conv2dGeometry(new Shape(2, 19, width), 2, 3, 3, stride, 1).withGroups(2);
                PixelWindows windows = new PixelWindows(geometry);
                assertTrue(windows.isSquare());
                for (int i = 0; i < windows.vectors() * TOGETHER; i++) {
                    int pixel = windows.places()[i / TOGETHER] + i % TOGETHER;
                    boolean[] reads = {pixel % width > 0, pixel % width < width - 1, pixel / width > 0 && pixel / width <= 19,
                        pixel / width < 18};
                    for (int mask = 0; mask < PixelWindows.SQUARE_MASKS; mask++) {
                        assertEquals(reads[mask] ? -1 : 0, windows.masks()[windows.sets()[i / TOGETHER] + mask * TOGETHER + i % TOGETHER],
                                "pixel " + pixel + " of rows of " + width + ", mask " + mask);
                    }
                }
                assertHeldOnce(windows, PixelWindows.SQUARE_MASKS);
            }
        }
    }

    @Test
    void otherTapsHaveAMaskEach() {
        Conv2dGeometry geometry = new Conv2dGeometry(new Shape(2, 9, 11), 2, 5, 5, 1, 2).withGroups(2);
        PixelWindows windows = new PixelWindows(geometry);
        assertFalse(windows.isSquare());
        for (int pixel = 0; pixel < 99; pixel++) {
            for (int tap = 0; tap < 25; tap++) {
                int row = pixel / 11 + tap / 5 - 2;
                int column = pixel % 11 + tap % 5 - 2;
                assertEquals(row >= 0 && row < 9 && column >= 0 && column < 11 ? -1 : 0,
                        windows.masks()[windows.sets()[pixel / TOGETHER] + tap * TOGETHER + pixel % TOGETHER]);
            }
        }
        assertHeldOnce(windows, 25);
    }

    @Test
    void squaresHaveAMiddleThatReadsTheImage() {
        assertTrue(square(new Padding(1, 1, 1, 1)));
        assertTrue(square(Padding.NONE));
        assertFalse(square(new Padding(2, 1, 1, 1)));
        assertFalse(square(new Padding(0, 0, 0, 2)));
    }

    private static boolean square(Padding padding) {
        return new PixelWindows(new Conv2dGeometry(new Shape(1, 8, 9), 1, new PerAxis(3, 3), PerAxis.ONE, padding, PerAxis.ONE, 1))
                .isSquare();
    }

    @Test
    void eachWantedRowBeginsWithASixteenOfItsOwn() {
        Conv2dGeometry geometry = new Conv2dGeometry(new Shape(2, 7, 40), 2, 3, 3, 2, 1).withGroups(2);
        PixelWindows windows = new PixelWindows(geometry);
        assertFalse(windows.isOneRow());
        assertEquals(48, windows.pitch());
        assertEquals(List.of(0, 16, 32, 80, 96, 112, 160, 176, 192, 240, 256, 272),
                Arrays.stream(windows.places()).boxed().toList());
    }

    private static void assertHeldOnce(PixelWindows windows, int masks) {
        int set = masks * TOGETHER;
        Set<List<Integer>> different = new HashSet<>();
        for (int at = 0; at < windows.masks().length; at += set) {
            different.add(Arrays.stream(windows.masks(), at, at + set).boxed().toList());
        }
        assertEquals(different.size() * set, windows.masks().length);
    }
}
