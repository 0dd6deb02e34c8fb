package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Windows of one channel over an image whose pixels lie one after the other: which of sixteen neighbours a tap reads beyond the image, as
 * bits to be cleared, so that maps need no zeros around them. A window belongs to the pixel that its first tap would read without padding,
 * and is computed for every pixel, whatever the stride.
 */
public final class PixelWindows {
    /** Pixels whose windows are computed together. */
    public static final int TOGETHER = 16;

    private final int taps;
    /** Floats from a pixel to what each tap of its window reads. */
    private final int[] reach;
    private final int vectors;
    /** Where the masks of each sixteen pixels begin. */
    private final int[] sets;
    /** All bits, or none, a tap and a pixel: {@code [set][tap][16]}. */
    private final int[] masks;
    private final boolean threeByThree;

    /** The windows of a depthwise convolution, where {@link #cover} says so. */
    public PixelWindows(Conv2dGeometry geometry) {
        Conv2dGeometry.Axis down = geometry.vertical();
        Conv2dGeometry.Axis across = geometry.horizontal();
        taps = down.kernel() * across.kernel();
        reach = new int[taps];
        for (int t = 0; t < taps; t++) {
            reach[t] = (t / across.kernel() * down.dilation() - down.before()) * across.input()
                    + t % across.kernel() * across.dilation() - across.before();
        }
        threeByThree = down.kernel() == 3 && across.kernel() == 3 && across.dilation() == 1;
        vectors = vectors(geometry);
        sets = new int[vectors];
        // Buffers are equal where what they hold is.
        Map<IntBuffer, Integer> different = new LinkedHashMap<>();
        for (int v = 0; v < vectors; v++) {
            int[] set = set(down, across, v);
            sets[v] = different.computeIfAbsent(IntBuffer.wrap(set), _ -> different.size()) * set.length;
        }
        masks = different.keySet().stream().flatMapToInt(set -> Arrays.stream(set.array())).toArray();
    }

    private static int vectors(Conv2dGeometry geometry) {
        return Math.ceilDiv(geometry.input().pixels(), TOGETHER);
    }

    private int[] set(Conv2dGeometry.Axis down, Conv2dGeometry.Axis across, int vector) {
        int[] set = new int[taps * TOGETHER];
        for (int i = 0; i < set.length; i++) {
            int pixel = vector * TOGETHER + i % TOGETHER;
            int tap = i / TOGETHER;
            int row = pixel / across.input() + tap / across.kernel() * down.dilation() - down.before();
            int column = pixel % across.input() + tap % across.kernel() * across.dilation() - across.before();
            set[i] = row >= 0 && row < down.input() && column >= 0 && column < across.input() ? -1 : 0;
        }
        return set;
    }

    /** Whether a convolution is depthwise, and every window that is wanted belongs to a pixel of the image. */
    public static boolean cover(Conv2dGeometry geometry) {
        return geometry.isDepthwise() && covers(geometry.vertical()) && covers(geometry.horizontal());
    }

    private static boolean covers(Conv2dGeometry.Axis axis) {
        return (axis.outputs() - 1) * axis.stride() < axis.input();
    }

    /** Taps of a window. */
    public int taps() {
        return taps;
    }

    /** Floats from a pixel to what a tap of its window reads. */
    public int reach(int tap) {
        return reach[tap];
    }

    /** Times {@link #TOGETHER} pixels of a channel. */
    public int vectors() {
        return vectors;
    }

    /** Place of the masks of each sixteen pixels in {@link #masks}. */
    public int[] sets() {
        return sets;
    }

    /** All bits, or none, a tap and a pixel: {@code [set][tap][16]}. */
    public int[] masks() {
        return masks;
    }

    /** Whether windows are three rows of three neighbours. */
    public boolean threeByThree() {
        return threeByThree;
    }

    /** First of the sixteens that read nothing before the array, for a channel that begins at a position of it. */
    public int firstWithin(int channel) {
        return Math.clamp(-((long) channel + reach[0]) + TOGETHER - 1, 0, vectors * TOGETHER) / TOGETHER;
    }

    /** Behind the last of the sixteens that read nothing behind an array of so many floats. */
    public int endWithin(int channel, int floats) {
        return Math.clamp((long) floats - channel - Math.max(0, reach[taps - 1]), 0, vectors * TOGETHER) / TOGETHER;
    }

    /** Whether a tap of a pixel's window reads the image. */
    public boolean reads(int pixel, int tap) {
        return masks[sets[pixel / TOGETHER] + tap * TOGETHER + pixel % TOGETHER] != 0;
    }

    /**
     * Sixteens {@code [from, to)} of a channel in plain loops, which read nothing but the image.
     *
     * @param first place of the first tap's value
     */
    public void compute(float[] x, int in, float[] values, int first, float start, float[] y, int out, int from, int to) {
        for (int pixel = from * TOGETHER; pixel < to * TOGETHER; pixel++) {
            float sum = start;
            for (int t = 0; t < taps; t++) {
                sum = FusedMultiply.multiplyAdd(values[first + t], reads(pixel, t) ? x[in + pixel + reach[t]] : 0, sum);
            }
            y[out + pixel] = sum;
        }
    }

    /** Bytes of all arrays. */
    public long bytes() {
        return 4L * (reach.length + sets.length + masks.length);
    }
}
