package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarWinogradKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Winograd's convolution and its gradients: scalar kernels against sums in double, vector kernels against scalar ones, bit by bit. */
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
        int plane = WinogradFilter.plane(ROWS, CHANNELS);
        for (int i = 0; i < ROWS * CHANNELS; i++) {
            int at = WinogradFilter.position(i / CHANNELS, i % CHANNELS, CHANNELS);
            for (int tap = 0; tap < 9; tap++) {
                filters[at + tap * plane] = weights[9 * i + tap];
            }
            WinogradFilter.transform(filters, at, plane);
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

    /** Gradients of rows {@code [from, from + rows)} of as many more, over several groups. */
    private static KernelCase<WinogradKernel> gradient(int height, int width, int channels, int rows, int groups, int from) {
        int pitch = (width + 3) * 8;
        int channel = (height + 2) * pitch;
        int dzPitch = (width + 1) * 8;
        int dzChannel = height * dzPitch;
        float[] x = TestNumbers.floats("x", ORIGIN + groups * channels * channel);
        float[] dz = TestNumbers.floats("dz", ORIGIN + groups * (from + rows) * dzChannel);
        float[] before = TestNumbers.floats("gradient", ORIGIN + rows * channels * 9 + 5);
        float[] gradient = new float[before.length];
        double[] expected = TestNumbers.widened(before);
        for (int i = 0; i < rows * channels * 9; i++) {
            int k = from + i / 9 / channels;
            int c = i / 9 % channels;
            double sum = 0;
            for (int pixel = 0; pixel < groups * height * width * 8; pixel++) {
                int lane = pixel % 8;
                int q = pixel / 8 % width;
                int p = pixel / 8 / width % height;
                int group = pixel / 8 / width / height;
                sum += (double) dz[ORIGIN + group * (from + rows) * dzChannel + k * dzChannel + p * dzPitch + 8 * q + lane]
                        * x[ORIGIN + group * channels * channel + c * channel + (p + i % 9 / 3) * pitch + (q + i % 3) * 8 + lane];
            }
            expected[ORIGIN + i] = sum;
        }
        float[] scratch = TestNumbers.floats("scratch", ORIGIN + WinogradGradient.scratchFloats(channels, rows, width));
        return new KernelCase<>("gradient " + height + "×" + width + ", " + channels + " channels, " + rows + " rows", before, gradient,
                new double[0], expected, new double[0], 20 * TOLERANCE, kernel -> WinogradGradient.run(kernel, x, ORIGIN,
                        channels * channel, channel, pitch, dz, ORIGIN, (from + rows) * dzChannel, dzChannel, dzPitch, groups, height,
                        width, channels, gradient, ORIGIN, scratch, ORIGIN, from, from + rows));
    }

    private static KernelCase<WinogradKernel> filters(boolean back) {
        int lanes = 24;
        int plane = lanes + 3;
        float[] before = TestNumbers.floats("filters", 16 * plane);
        float[] filters = new float[before.length];
        return new KernelCase<>(back ? "taps" : "filters", before, filters, new double[0], new double[0], new double[0], 0, kernel -> {
            if (back) {
                kernel.taps(filters, 2, lanes, plane);
            } else {
                kernel.filters(filters, 2, lanes, plane);
            }
        });
    }

    private static KernelCase<WinogradKernel> square() {
        float[] rows = TestNumbers.floats("rows", 100);
        float[] before = TestNumbers.floats("columns", 100);
        float[] columns = new float[before.length];
        double[] expected = TestNumbers.widened(before);
        for (int i = 0; i < 64; i++) {
            expected[1 + i / 8 * 9 + i % 8] = rows[3 + i % 8 * 11 + i / 8];
        }
        return new KernelCase<>("square", before, columns, new double[0], expected, new double[0], 0,
                kernel -> kernel.square(rows, 3, 11, columns, 1, 9));
    }

    private static List<KernelCase<WinogradKernel>> cases() {
        List<KernelCase<WinogradKernel>> cases = new ArrayList<>();
        for (int[] map : MAPS) {
            cases.add(convolution(map[0], map[1], 0, false, 8));
            cases.add(convolution(map[0], map[1], 8, true, 8));
        }
        cases.add(convolution(4, 6, 0, true, 16));
        cases.add(gradient(4, 4, 8, 8, 1, 0));
        cases.add(gradient(6, 4, 5, 11, 3, 2));
        cases.add(gradient(4, 20, 9, 3, 2, 0));
        cases.add(gradient(4, 6, 70, 4, 1, 0));
        cases.add(square());
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
        List<KernelCase<WinogradKernel>> cases = cases();
        cases.add(filters(false));
        cases.add(filters(true));
        KernelSteadiness.assertSteady(cases, VectorTwins.winograd(), new ScalarWinogradKernel());
    }

    /** The gradient of a transformed filter is the transposed transform of the filter. */
    @Test
    void gradientsGoTheWayBack() {
        float[] gradient = TestNumbers.floats("points", 16);
        float[] taps = gradient.clone();
        WinogradFilter.gradient(taps, 0, 1);
        for (int tap = 0; tap < 9; tap++) {
            float[] filter = new float[16];
            filter[tap] = 1;
            WinogradFilter.transform(filter, 0, 1);
            double sum = 0;
            for (int point = 0; point < 16; point++) {
                sum += (double) filter[point] * gradient[point];
            }
            assertEquals(sum, taps[tap], 1e-6, "tap " + tap);
        }
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
