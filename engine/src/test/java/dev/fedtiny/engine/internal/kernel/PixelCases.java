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

    /** Narrow maps and wide ones, windows wider than a map's rest, padding per side, dilation, two outputs a channel. */
    private static final List<Conv2dGeometry> WINDOWS = List.of(windows(6, 6, 1, 3, 3, 1), windows(25, 5, 2, 3, 3, 1),
            windows(1, 2, 1, 3, 3, 1),
            windows(12, 17, 1, 3, 3, 2), new Conv2dGeometry(new Shape(3, 9, 7), 3, new PerAxis(5, 2), PerAxis.ONE, new Padding(2, 0, 2, 1),
            new PerAxis(1, 3), 3), windows(48, 48, 1, 3, 3, 1), windows(4, 4, 1, 5, 5, 1));

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
        WINDOWS.forEach(geometry -> cases.add(windows(geometry)));
        return cases;
    }

    static List<KernelCase<PixelKernel>> some() {
        return List.of(planes(SHAPES[3], 1, 2, true), planes(SHAPES[5], 2, 11, false), rows(SHAPES[1], 2, true), rows(SHAPES[7], 1, true),
                lanes(Layout.LANES, 40), windows(WINDOWS.get(0)), windows(WINDOWS.get(4)));
    }

    /** As many rows of x as are taken, and not a float more behind them. */
    private static float[] source(int[] shape, int step, int pitch, int channel) {
        return TestNumbers.floats("x", IN + (shape[0] - 1) * channel + (shape[1] - 1) * pitch + (shape[2] - 1) * step + 1);
    }

    private static double value(float[] x, int at, boolean norm, int channel, float[] scale, float[] shift) {
        double v = norm ? Math.fma((double) scale[channel], x[at], shift[channel]) : x[at];
        return Math.clamp(v, -0.5, 0.75);
    }

    private static KernelCase<PixelKernel> planes(int[] shape, int step, int halo, boolean norm) {
        int channels = shape[0];
        int rows = shape[1];
        int columns = shape[2];
        int pitch = step * columns + 2;
        int xChannel = rows * pitch + 1;
        float[] x = source(shape, step, pitch, xChannel);
        float[] scale = TestNumbers.floats("scale", channels + 2);
        float[] shift = TestNumbers.floats("shift", channels + 2);
        int yPitch = columns + 2 * halo;
        int before = halo * yPitch + halo;
        int behind = halo * yPitch - halo;
        int plane = before + rows * yPitch + Math.max(0, behind);
        int yChannel = plane + PixelKernel.SLACK;
        double[] expected = new double[channels * yChannel];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < rows * columns; i++) {
                expected[c * yChannel + before + i / columns * yPitch + i % columns] =
                        value(x, IN + c * xChannel + i / columns * pitch + i % columns * step, norm, c + 2, scale, shift);
            }
        }
        return KernelCase.of("planes of " + channels + "×" + rows + "×" + columns + ", step " + step + ", halo " + halo
                + ", norm " + norm, OUT, expected, false, TOLERANCE, (kernel, y) -> {
                    kernel.planes(x, IN, xChannel, pitch, step, y, OUT, yChannel, yPitch, before, Math.max(0, behind), channels, rows,
                            columns, norm ? scale : null, norm ? shift : null, 2, -0.5f, 0.75f);
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
        float[] scale = TestNumbers.floats("scale", channels);
        float[] shift = TestNumbers.floats("shift", channels);
        int yChannel = Math.ceilDiv(rows * columns, 16) * 16;
        double[] expected = new double[channels * yChannel];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < rows * columns; i++) {
                expected[c * yChannel + i] = value(x, IN + c * xChannel + i / columns * pitch + i % columns * step, norm, c, scale, shift);
            }
        }
        return KernelCase.of("rows of " + channels + "×" + rows + "×" + columns + ", step " + step + ", norm " + norm, OUT, expected,
                false, TOLERANCE, (kernel, y) -> {
                    kernel.rows(x, IN, xChannel, pitch, step, y, OUT, yChannel, yChannel, channels, rows, columns, norm ? scale : null,
                            norm ? shift : null, 0, -0.5f, 0.75f);
                    for (int c = 0; c < channels; c++) {
                        clear(y, OUT + c * yChannel + rows * columns, yChannel - rows * columns);
                    }
                });
    }

    private static Conv2dGeometry windows(int height, int width, int multiplier, int kernelHeight, int kernelWidth, int stride) {
        return new Conv2dGeometry(new Shape(2, height, width), 2 * multiplier, new PerAxis(kernelHeight, kernelWidth),
                PerAxis.both(stride), new Padding(kernelHeight / 2, kernelWidth / 2, kernelHeight / 2, kernelWidth / 2), PerAxis.ONE, 2);
    }

    /** Every pixel's window; behind the image x holds what is no number, and the array ends with the last pixel's sixteen. */
    private static KernelCase<PixelKernel> windows(Conv2dGeometry geometry) {
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
        double[] expected = new double[geometry.outputChannels() * channel];
        for (int i = 0; i < expected.length; i++) {
            int pixel = i % channel;
            if (pixel < pixels) {
                int k = i / channel;
                expected[i] = start[k];
                for (int t = 0; t < taps; t++) {
                    int row = pixel / width + t / geometry.kernelWidth() * geometry.dilation().height() - geometry.padding().top();
                    int column = pixel % width + t % geometry.kernelWidth() * geometry.dilation().width() - geometry.padding().left();
                    if (row >= 0 && row < geometry.input().height() && column >= 0 && column < width) {
                        expected[i] += (double) weights[k * taps + t] * x[IN + k / multiplier * channel + row * width + column];
                    }
                }
            }
        }
        PixelWindows windows = new PixelWindows(geometry);
        return KernelCase.of("windows " + geometry, OUT, expected, false, 1e-5, (kernel, y) -> {
            kernel.windows(x, IN, channel, multiplier, windows, weights, start, y, OUT, channel, 0, geometry.outputChannels());
            for (int k = 0; k < geometry.outputChannels(); k++) {
                clear(y, OUT + k * channel + pixels, channel - pixels);
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
