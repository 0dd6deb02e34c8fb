package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Windows of one channel over an image whose pixels lie one after the other: which of sixteen neighbours a tap reads beyond the image, as
 * bits to be cleared, so that maps need no zeros around them. A window belongs to the pixel that its first tap would read without padding.
 * Where every pixel's window is wanted, sixteens follow each other over the ends of rows; else each row of windows that is wanted begins
 * with a sixteen of its own, and those between are computed with it where the stride steps over them.
 */
public final class PixelWindows {
    /** Pixels whose windows are computed together. */
    public static final int TOGETHER = 16;
    /** Masks of 3 × 3 taps: the left column, the right one, the row above, the row below. */
    public static final int SQUARE_MASKS = 4;

    private final Conv2dGeometry.Axis down;
    private final Conv2dGeometry.Axis across;
    private final int taps;
    /** Floats from a pixel to what each tap of its window reads. */
    private final int[] reach;
    private final boolean oneRow;
    /** Sixteens of a row of windows. */
    private final int rowVectors;
    /** The pixel that the first window of each sixteen belongs to, ascending. */
    private final int[] places;
    private final boolean square;
    /** Where the masks of each sixteen begin. */
    private final int[] sets;
    /** All bits, or none, a mask and a pixel: {@code [set][mask][16]}. */
    private final int[] masks;

    /** The windows of a depthwise convolution, where {@link #cover} says so. */
    public PixelWindows(Conv2dGeometry geometry) {
        down = geometry.vertical();
        across = geometry.horizontal();
        taps = down.kernel() * across.kernel();
        reach = new int[taps];
        for (int t = 0; t < taps; t++) {
            reach[t] = (t / across.kernel() * down.dilation() - down.before()) * across.input()
                    + t % across.kernel() * across.dilation() - across.before();
        }
        oneRow = down.stride() == 1 && across.stride() == 1 && across.outputs() == across.input();
        rowVectors = Math.ceilDiv(oneRow ? down.outputs() * across.outputs() : span(across), TOGETHER);
        places = new int[oneRow ? rowVectors : down.outputs() * rowVectors];
        for (int v = 0; v < places.length; v++) {
            places[v] = v / rowVectors * down.stride() * across.input() + v % rowVectors * TOGETHER;
        }
        square = across.kernel() == 3 && across.dilation() == 1 && down.kernel() == 3 && middleIsInside(across) && middleIsInside(down);
        sets = new int[places.length];
        // Buffers are equal where what they hold is.
        Map<IntBuffer, Integer> different = new LinkedHashMap<>();
        for (int v = 0; v < places.length; v++) {
            int[] set = square ? squareSet(places[v]) : tapSet(places[v]);
            sets[v] = different.computeIfAbsent(IntBuffer.wrap(set), _ -> different.size()) * set.length;
        }
        masks = different.keySet().stream().flatMapToInt(set -> Arrays.stream(set.array())).toArray();
    }

    /** Windows from the first that is wanted along an axis to the last. */
    private static int span(Conv2dGeometry.Axis axis) {
        return (axis.outputs() - 1) * axis.stride() + 1;
    }

    /** Whether the middle one of three taps reads the image in every window that is wanted. */
    private static boolean middleIsInside(Conv2dGeometry.Axis axis) {
        int middle = axis.dilation() - axis.before();
        return middle >= 0 && span(axis) - 1 + middle < axis.input();
    }

    private int[] tapSet(int place) {
        int[] set = new int[taps * TOGETHER];
        for (int i = 0; i < set.length; i++) {
            int tap = i / TOGETHER;
            int pixel = place + i % TOGETHER;
            set[i] = bits(isInside(down, pixel / across.input(), tap / across.kernel())
                    && isInside(across, pixel % across.input(), tap % across.kernel()));
        }
        return set;
    }

    private int[] squareSet(int place) {
        int[] set = new int[SQUARE_MASKS * TOGETHER];
        for (int i = 0; i < set.length; i++) {
            int mask = i / TOGETHER;
            int pixel = place + i % TOGETHER;
            set[i] = bits(mask < 2 ? isInside(across, pixel % across.input(), mask * 2)
                    : isInside(down, pixel / across.input(), (mask - 2) * 2));
        }
        return set;
    }

    private static int bits(boolean all) {
        return all ? -1 : 0;
    }

    /** Whether a tap of the window that belongs to a row, or column, reads the image. */
    private static boolean isInside(Conv2dGeometry.Axis axis, int window, int tap) {
        int pixel = window + tap * axis.dilation() - axis.before();
        return pixel >= 0 && pixel < axis.input();
    }

    /** Whether a convolution is depthwise, and every window that is wanted belongs to a pixel of the image. */
    public static boolean cover(Conv2dGeometry geometry) {
        return geometry.isDepthwise() && span(geometry.vertical()) <= geometry.vertical().input()
                && span(geometry.horizontal()) <= geometry.horizontal().input();
    }

    /** Taps of a window. */
    public int taps() {
        return taps;
    }

    /** Floats from a pixel to what a tap of its window reads. */
    public int reach(int tap) {
        return reach[tap];
    }

    /** Times {@link #TOGETHER} windows that are computed of a channel. */
    public int vectors() {
        return places.length;
    }

    /** Whether every pixel's window is wanted, so that rows lie end to end. */
    public boolean isOneRow() {
        return oneRow;
    }

    /** Floats from a row of windows to the next, as they are computed. */
    public int pitch() {
        return oneRow ? across.outputs() : rowVectors * TOGETHER;
    }

    /** The pixel that the first window of each sixteen belongs to. */
    public int[] places() {
        return places;
    }

    /** Where the masks of each sixteen begin in {@link #masks}. */
    public int[] sets() {
        return sets;
    }

    /** All bits, or none, a mask and a pixel, {@code [set][mask][16]}: a mask a tap, or the four of {@link #isSquare}. */
    public int[] masks() {
        return masks;
    }

    /** Whether windows are three rows of three neighbours, of which those in the middle always read the image. */
    public boolean isSquare() {
        return square;
    }

    /** The first sixteen that reads nothing before the array, for a channel that begins at a position of it. */
    public int firstWithin(int channel) {
        int first = 0;
        while (first < places.length && channel + places[first] + reach[0] < 0) {
            first++;
        }
        return first;
    }

    /** Behind the last sixteen that reads nothing behind an array of so many floats; not before {@code first}. */
    public int endWithin(int channel, int floats, int first) {
        int end = places.length;
        while (end > first && (long) channel + places[end - 1] + TOGETHER + reach[taps - 1] > floats) {
            end--;
        }
        return end;
    }

    /**
     * One window in plain loops, which read nothing but the image.
     *
     * @param in where the channel begins
     * @param place the pixel that the window belongs to
     * @param first where the first tap's value stands
     * @param start the sum's first term
     */
    public float sum(float[] x, int in, int place, float[] values, int first, float start) {
        int row = place / across.input();
        int column = place % across.input();
        float sum = start;
        int t = 0;
        for (int r = 0; r < down.kernel(); r++) {
            boolean rowInside = isInside(down, row, r);
            for (int s = 0; s < across.kernel(); s++, t++) {
                float pixel = rowInside && isInside(across, column, s) ? x[in + place + reach[t]] : 0;
                sum = FusedMultiply.multiplyAdd(values[first + t], pixel, sum);
            }
        }
        return sum;
    }

    /** Bytes of all arrays. */
    public long bytes() {
        return 4L * (reach.length + places.length + sets.length + masks.length);
    }
}
