package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarWinogradKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Winograd's convolution: the scalar kernel against sums in double, the vector kernel against the scalar one, bit by bit. */
class WinogradKernelTest {
    private static final int ORIGIN = Alignment.ORIGIN;
    private static final int CHANNELS = 5;
    /** Two packs, the second not full. */
    private static final int ROWS = 11;
    /** One piece and several, of whole blocks of tiles and of others, of one row of tiles and of more, the last piece smaller. */
    private static final int[][] MAPS = {{4, 4}, {6, 4}, {4, 6}, {8, 8}, {10, 6}, {4, 16}, {4, 34}, {6, 40}};
    private static final double TOLERANCE = 1e-5;

    private static float[] filters(float[] weights) {
        float[] filters = new float[WinogradKernel.packFloats(CHANNELS, ROWS)];
        for (int k = 0; k < ROWS; k++) {
            for (int c = 0; c < CHANNELS; c++) {
                int w = (k * CHANNELS + c) * 9;
                WinogradFilter.transform(weights[w], weights[w + 1], weights[w + 2], weights[w + 3], weights[w + 4], weights[w + 5],
                        weights[w + 6], weights[w + 7], weights[w + 8], filters, WinogradFilter.position(k, c, CHANNELS),
                        WinogradFilter.plane(ROWS, CHANNELS));
            }
        }
        return filters;
    }

    /** Rows from 8 on begin at a start of their own or add to what was there; those before stay as they were where {@code from} is 8. */
    private static KernelCase<WinogradKernel> convolution(int height, int width, int from, boolean adding, int yStep) {
        int pitch = (width + 3) * 8;
        int channel = (height + 2) * pitch;
        float[] x = TestNumbers.floats("x", ORIGIN + CHANNELS * channel);
        float[] weights = TestNumbers.floats("weights", ROWS * CHANNELS * 9);
        float[] start = adding ? null : TestNumbers.floats("start", ROWS);
        int yPitch = width * yStep;
        float[] before = TestNumbers.floats("y", ORIGIN + ROWS * height * yPitch);
        float[] y = new float[before.length];
        double[] expected = TestNumbers.widened(before);
        for (int k = from; k < ROWS; k++) {
            for (int i = 0; i < height * width * 8; i++) {
                int p = i / 8 / width;
                int q = i / 8 % width;
                int at = ORIGIN + k * height * yPitch + p * yPitch + q * yStep + i % 8;
                double sum = adding ? before[at] : start[k];
                for (int column = 0; column < CHANNELS * 9; column++) {
                    sum += (double) weights[k * CHANNELS * 9 + column]
                            * x[ORIGIN + column / 9 * channel + (p + column % 9 / 3) * pitch + (q + column % 3) * 8 + i % 8];
                }
                expected[at] = sum;
            }
        }
        float[] filters = filters(weights);
        float[] scratch = TestNumbers.floats("scratch", ORIGIN + WinogradKernel.scratchFloats(CHANNELS, ROWS, height, width));
        return new KernelCase<>(height + "×" + width + " from " + from + (adding ? " adding" : "") + ", step " + yStep, before, y,
                new double[0], expected, new double[0], TOLERANCE, kernel -> kernel.run(x, ORIGIN, channel, pitch, CHANNELS, filters, ROWS,
                        start, y, ORIGIN, height * yPitch, yPitch, yStep, height, width, from, ROWS, scratch, ORIGIN));
    }

    private static List<KernelCase<WinogradKernel>> cases() {
        List<KernelCase<WinogradKernel>> cases = new ArrayList<>();
        for (int[] map : MAPS) {
            cases.add(convolution(map[0], map[1], 0, false, 8));
            cases.add(convolution(map[0], map[1], 8, true, 8));
        }
        cases.add(convolution(4, 6, 0, true, 16));
        return cases;
    }

    @Test
    void scalarKernelIsTheConvolution() {
        cases().forEach(one -> {
            one.run(new ScalarWinogradKernel());
            one.assertExpected();
        });
    }

    @Test
    void vectorKernelHasTheScalarBits() {
        VectorTwins.require();
        KernelSteadiness.assertSteady(cases(), VectorTwins.winograd(), new ScalarWinogradKernel());
    }

    /** A filter turned by half a circle is the transformed filter at other points, to the bit. */
    @Test
    void turnedFiltersAreTheSamePoints() {
        float[] taps = TestNumbers.floats("taps", 9);
        float[] filter = new float[WinogradKernel.packFloats(1, 1)];
        float[] turned = new float[filter.length];
        int plane = WinogradFilter.plane(1, 1);
        for (int tap = 0; tap < 9; tap++) {
            filter[tap * plane] = taps[tap];
            turned[tap * plane] = taps[8 - tap];
        }
        WinogradFilter.transform(filter, 0, plane);
        WinogradFilter.transform(turned, 0, plane);
        for (int point = 0; point < WinogradKernel.POINTS; point++) {
            assertEquals(filter[WinogradFilter.turned(point) * plane], turned[point * plane], "point " + point);
        }
    }

    @Test
    void oddAndTinyMapsAreNotCovered() {
        assertTrue(WinogradKernel.covers(4, 4));
        assertFalse(WinogradKernel.covers(5, 4));
        assertFalse(WinogradKernel.covers(4, 7));
        assertFalse(WinogradKernel.covers(2, 8));
        assertFalse(WinogradKernel.covers(8, 2));
    }
}
