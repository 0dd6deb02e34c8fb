package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Calls of {@link PixelKernel} over awkward shapes, each with its result in double; what may hold anything afterwards is not looked at. */
final class PixelCases {
    private static final int IN = 5;
    private static final int OUT = 3;
    private static final double TOLERANCE = 1e-6;
    /** Channels, rows and columns. */
    private static final int[][] SHAPES = {{1, 1, 1}, {3, 4, 4}, {2, 3, 3}, {5, 25, 5}, {1, 7, 8}, {3, 6, 9}, {2, 2, 17}, {2, 5, 24},
        {1, 3, 35}};

    /**
     * Narrow maps and wide ones, windows wider than a map's rest, padding per side, dilation, two outputs a channel, strides of one to
     * three, a stride along one axis; 3 × 3 taps whose middle may lie beyond the image, and such that reach no pixel of some rows.
     */
    private static final List<Conv2dGeometry> WINDOWS = List.of(windows(6, 6, 1, 3, 3, 1), windows(25, 5, 2, 3, 3, 1),
            windows(1, 2, 1, 3, 3, 1), windows(3, 3, 1, 3, 3, 1), windows(6, 6, 1, 3, 3, 2), windows(7, 7, 2, 3, 3, 2),
            windows(12, 17, 1, 3, 3, 2), windows(11, 40, 1, 3, 3, 2), windows(13, 34, 1, 3, 3, 3), windows(9, 35, 1, 5, 5, 2),
            new Conv2dGeometry(new Shape(3, 9, 7), 3, new PerAxis(5, 2), PerAxis.ONE, new Padding(2, 0, 2, 1), new PerAxis(1, 3), 3),
            new Conv2dGeometry(new Shape(2, 9, 20), 2, new PerAxis(3, 3), new PerAxis(2, 1), new Padding(1, 1, 1, 1), PerAxis.ONE, 2),
            new Conv2dGeometry(new Shape(2, 8, 18), 2, new PerAxis(3, 3), PerAxis.ONE, Padding.NONE, PerAxis.ONE, 2),
            new Conv2dGeometry(new Shape(2, 8, 18), 2, new PerAxis(3, 3), PerAxis.ONE, new Padding(2, 2, 0, 0), PerAxis.ONE, 2),
            new Conv2dGeometry(new Shape(2, 8, 18), 2, new PerAxis(3, 3), PerAxis.ONE, new Padding(2, 1, 2, 1), new PerAxis(2, 1), 2),
            windows(48, 48, 1, 3, 3, 1), windows(4, 4, 1, 5, 5, 1));

    private PixelCases() {
    }

    static List<KernelCase<PixelKernel>> all() {
        List<KernelCase<PixelKernel>> cases = new ArrayList<>();
        for (int[] shape : SHAPES) {
            for (int step = 1; step <= 3; step++) {
                for (boolean norm : new boolean[] {false, true}) {
                    cases.add(planes(shape, step, 0, norm));
                    cases.add(planes(shape, step, 1 + 5 * step, norm));
                    cases.add(rows(shape, step, norm));
                }
            }
            cases.add(lanes(Math.min(Layout.LANES, 3 * shape[0]), shape[1] * shape[2]));
        }
        cases.add(lanes(Layout.LANES, 40));
        for (boolean norm : new boolean[] {false, true}) {
            cases.add(finish(1, 16, norm));
            cases.add(finish(5, 48, norm));
            cases.add(finish(3, 144, norm));
            WINDOWS.forEach(geometry -> cases.add(windows(geometry, norm)));
        }
        return cases;
    }

    static List<KernelCase<PixelKernel>> some() {
        return List.of(planes(SHAPES[3], 1, 2, true), planes(SHAPES[5], 2, 11, false), rows(SHAPES[1], 2, true), rows(SHAPES[7], 1, true),
                lanes(Layout.LANES, 40), finish(5, 48, true), windows(WINDOWS.get(0), true), windows(WINDOWS.get(4), true),
                windows(WINDOWS.get(10), false));
    }

    /** As many rows of x as are taken, and not a float more behind them. */
    private static float[] source(int[] shape, int step, int pitch, int channel) {
        return TestNumbers.floats("x", IN + (shape[0] - 1) * channel + (shape[1] - 1) * pitch + (shape[2] - 1) * step + 1);
    }

    private static double value(double x, ChannelFunction function, int channel) {
        double v = x * function.scales()[function.place(channel)] + function.shifts()[function.place(channel)];
        return Math.clamp(v, function.lower(), function.upper());
    }

    /** Of so many channels. */
    private static ChannelFunction function(int channels, boolean norm) {
        return norm ? new ChannelFunction(TestNumbers.floats("scale", channels), TestNumbers.floats("shift", channels), -0.5f, 0.75f)
                : new ChannelFunction(null, null, -0.5f, 0.75f);
    }

    private static KernelCase<PixelKernel> planes(int[] shape, int step, int halo, boolean norm) {
        int channels = shape[0];
        int rows = shape[1];
        int columns = shape[2];
        int pitch = step * columns + 2;
        int xChannel = rows * pitch + 1;
        float[] x = source(shape, step, pitch, xChannel);
        ChannelFunction function = function(channels + 2, norm);
        int yPitch = columns + 2 * halo;
        int before = halo * yPitch + halo;
        int behind = halo * yPitch - halo;
        int plane = before + rows * yPitch + Math.max(0, behind);
        int yChannel = plane + PixelKernel.SLACK;
        double[] expected = new double[channels * yChannel];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < rows * columns; i++) {
                expected[c * yChannel + before + i / columns * yPitch + i % columns] =
                        value(x[IN + c * xChannel + i / columns * pitch + i % columns * step], function, c + 2);
            }
        }
        return KernelCase.of("planes of " + channels + "×" + rows + "×" + columns + ", step " + step + ", halo " + halo
                + ", norm " + norm, OUT, expected, false, TOLERANCE, (kernel, y) -> {
                    kernel.planes(x, IN, xChannel, pitch, step, y, OUT, yChannel, yPitch, before, Math.max(0, behind), channels, rows,
                            columns, function, 2);
                    for (int c = 0; c < channels; c++) {
                        clear(y, OUT + c * yChannel + plane, PixelKernel.SLACK);
                    }
                });
    }

    private static KernelCase<PixelKernel> rows(int[] shape, int step, boolean norm) {
        int channels = shape[0];
        int rows = shape[1];
        int columns = shape[2];
        int pitch = step * columns + 3;
        int xChannel = rows * pitch;
        float[] x = source(shape, step, pitch, xChannel);
        ChannelFunction function = function(channels, norm);
        int yChannel = Math.ceilDiv(rows * columns, 16) * 16;
        double[] expected = new double[channels * yChannel];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < rows * columns; i++) {
                expected[c * yChannel + i] = value(x[IN + c * xChannel + i / columns * pitch + i % columns * step],
                        function, c);
            }
        }
        return KernelCase.of("rows of " + channels + "×" + rows + "×" + columns + ", step " + step + ", norm " + norm, OUT, expected,
                false, TOLERANCE, (kernel, y) -> {
                    kernel.rows(x, IN, xChannel, pitch, step, y, OUT, yChannel, yChannel, channels, rows, columns, function, 0);
                    for (int c = 0; c < channels; c++) {
                        clear(y, OUT + c * yChannel + rows * columns, yChannel - rows * columns);
                    }
                });
    }

    private static Conv2dGeometry windows(int height, int width, int multiplier, int kernelHeight, int kernelWidth, int stride) {
        return new Conv2dGeometry(new Shape(2, height, width), 2 * multiplier, new PerAxis(kernelHeight, kernelWidth),
                PerAxis.both(stride), new Padding(kernelHeight / 2, kernelWidth / 2, kernelHeight / 2, kernelWidth / 2), PerAxis.ONE, 2);
    }

    /** In place: what lies between the channels stays. */
    private static KernelCase<PixelKernel> finish(int channels, int floats, boolean norm) {
        int yChannel = floats + 16;
        float[] x = TestNumbers.floats("x", channels * yChannel);
        ChannelFunction function = function(channels + 1, norm);
        double[] expected = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            expected[i] = i % yChannel < floats ? value(x[i], function, i / yChannel + 1) : x[i];
        }
        String name = channels + " channels of " + floats + " in place, norm " + norm;
        return KernelCase.of(name, OUT, expected, false, TOLERANCE, (kernel, y) -> {
            System.arraycopy(x, 0, y, OUT, x.length);
            kernel.finish(y, OUT, yChannel, channels, floats, function, 1);
        });
    }

    /** Every window that is wanted; behind the image x holds what is no number, and the array ends with the last pixel's sixteen. */
    private static KernelCase<PixelKernel> windows(Conv2dGeometry geometry, boolean norm) {
        int width = geometry.input().width();
        int pixels = geometry.input().pixels();
        int channel = Math.ceilDiv(pixels, 16) * 16;
        int multiplier = geometry.groupOutputs();
        int taps = geometry.taps();
        float[] x = TestNumbers.floats("x", IN + geometry.input().channels() * channel);
        float[] weights = TestNumbers.floats("weights", geometry.weights());
        float[] start = TestNumbers.floats("start", geometry.outputChannels());
        for (int c = 0; c < geometry.input().channels(); c++) {
            Arrays.fill(x, IN + c * channel + pixels, IN + (c + 1) * channel, Float.NaN);
        }
        ChannelFunction function = function(geometry.outputChannels(), norm);
        PixelWindows windows = new PixelWindows(geometry);
        int yChannel = windows.vectors() * PixelWindows.TOGETHER;
        double[] expected = new double[geometry.outputChannels() * yChannel];
        boolean[] wanted = new boolean[expected.length];
        for (int k = 0; k < geometry.outputChannels(); k++) {
            for (int output = 0; output < geometry.output().pixels(); output++) {
                int p = output / geometry.outputWidth();
                int q = output % geometry.outputWidth();
                double sum = start[k];
                for (int t = 0; t < taps; t++) {
                    int row = geometry.vertical().pixel(p, t / geometry.kernelWidth());
                    int column = geometry.horizontal().pixel(q, t % geometry.kernelWidth());
                    if (row >= 0 && row < geometry.input().height() && column >= 0 && column < width) {
                        sum += (double) weights[k * taps + t] * x[IN + k / multiplier * channel + row * width + column];
                    }
                }
                int at = k * yChannel + p * windows.pitch() + q * geometry.stride().width();
                expected[at] = value(sum, function, k);
                wanted[at] = true;
            }
        }
        return KernelCase.of("windows " + geometry + ", norm " + norm, OUT, expected, false, 1e-5, (kernel, y) -> {
            kernel.windows(x, IN, channel, multiplier, windows, weights, start, function, y, OUT, yChannel, 0, geometry.outputChannels());
            for (int i = 0; i < wanted.length; i++) {
                if (!wanted[i]) {
                    y[OUT + i] = 0;
                }
            }
        });
    }

    private static KernelCase<PixelKernel> lanes(int channels, int pixels) {
        int rounded = Math.ceilDiv(pixels, Layout.LANES) * Layout.LANES;
        float[] x = TestNumbers.floats("x", IN + channels * rounded);
        double[] expected = new double[rounded * Layout.LANES];
        for (int i = 0; i < rounded; i++) {
            for (int c = 0; c < channels; c++) {
                expected[i * Layout.LANES + c] = x[IN + c * rounded + i];
            }
        }
        return KernelCase.of(channels + " channels of " + pixels + " pixels into lanes", OUT, expected, false, 0, (kernel, y) -> {
            kernel.channelsToLanes(x, IN, rounded, y, OUT, channels, rounded);
            for (int i = 0; i < rounded; i++) {
                clear(y, OUT + i * Layout.LANES + channels, Layout.LANES - channels);
            }
        });
    }

    /** What may hold anything. */
    private static void clear(float[] y, int at, int count) {
        for (int i = at; i < at + count; i++) {
            y[i] = 0;
        }
    }
}
