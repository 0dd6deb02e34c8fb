package dev.fedtiny.engine.internal.kernel;

import java.util.ArrayList;
import java.util.List;

/** Calls of {@link PoolKernel} over awkward shapes, each with its result in double. */
final class PoolCases {
    private static final int IN = 16;
    private static final int OUT = 8;
    /** Channels, rows, columns, window, stride. */
    private static final int[][] WINDOWS = {{1, 1, 1, 1, 1}, {3, 3, 7, 2, 2}, {5, 4, 4, 2, 2}, {3, 5, 7, 3, 2}, {1, 4, 6, 2, 1},
        {5, 7, 3, 3, 1}, {3, 32, 32, 2, 2}};

    private PoolCases() {
    }

    /** Every method over every shape. */
    static List<KernelCase<PoolKernel>> all() {
        List<KernelCase<PoolKernel>> cases = new ArrayList<>();
        for (int[] w : WINDOWS) {
            cases.addAll(windows(w[0], w[1], w[2], w[3], w[4]));
        }
        for (int[] shape : ElementwiseCases.SHAPES) {
            cases.addAll(averages(shape[0], shape[1] * shape[2]));
        }
        return cases;
    }

    /** Both directions of the maximum, with and without ties. */
    static List<KernelCase<PoolKernel>> windows(int channels, int height, int width, int window, int stride) {
        List<KernelCase<PoolKernel>> cases = new ArrayList<>();
        int length = IN + channels * height * width * 8;
        for (float[] x : new float[][] {TestNumbers.floats("x", length), TestNumbers.levels("x", length)}) {
            cases.add(maxForward(x, channels, height, width, window, stride));
            cases.add(maxBackward(x, channels, height, width, window, stride));
        }
        return cases;
    }

    private static KernelCase<PoolKernel> maxForward(float[] x, int channels, int height, int width, int window, int stride) {
        int outputHeight = (height - window) / stride + 1;
        int outputWidth = (width - window) / stride + 1;
        float[] initial = TestNumbers.floats("y", OUT + channels * outputHeight * outputWidth * 8 + 8);
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int i = 0; i < channels * outputHeight * outputWidth * 8; i++) {
            int corner = corner(i, height, width, stride, outputHeight, outputWidth);
            expected[OUT + i] = x[IN + corner + place(x, IN + corner, width, window)];
        }
        return new KernelCase<>(name("maxForward", channels, height, width, window, stride), initial, output, new double[0], expected,
                new double[0], 0,
                kernel -> kernel.maxForward(x, IN, channels, height, width, window, stride, output, OUT, outputHeight, outputWidth));
    }

    private static KernelCase<PoolKernel> maxBackward(float[] x, int channels, int height, int width, int window, int stride) {
        int outputHeight = (height - window) / stride + 1;
        int outputWidth = (width - window) / stride + 1;
        float[] dy = TestNumbers.floats("dy", OUT + channels * outputHeight * outputWidth * 8);
        float[] initial = TestNumbers.floats("dx", IN + channels * height * width * 8 + 8);
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int i = 0; i < channels * outputHeight * outputWidth * 8; i++) {
            int corner = corner(i, height, width, stride, outputHeight, outputWidth);
            expected[IN + corner + place(x, IN + corner, width, window)] += dy[OUT + i];
        }
        return new KernelCase<>(name("maxBackward", channels, height, width, window, stride), initial, output, new double[0], expected,
                new double[0], 1e-6,
                kernel -> kernel.maxBackward(x, IN, channels, height, width, window, stride, dy, OUT, outputHeight, outputWidth, output,
                        IN));
    }

    /** Position, lane included, of the upper left value of the window of an output element. */
    private static int corner(int output, int height, int width, int stride, int outputHeight, int outputWidth) {
        int lane = output % 8;
        int q = output / 8 % outputWidth;
        int p = output / 8 / outputWidth % outputHeight;
        int c = output / 8 / outputWidth / outputHeight;
        return ((c * height + p * stride) * width + q * stride) * 8 + lane;
    }

    private static int place(float[] x, int corner, int width, int window) {
        int place = 0;
        for (int t = 1; t < window * window; t++) {
            int at = (t / window * width + t % window) * 8;
            if (x[corner + at] > x[corner + place]) {
                place = at;
            }
        }
        return place;
    }

    private static String name(String method, int channels, int height, int width, int window, int stride) {
        return method + " " + channels + "×" + height + "×" + width + " window=" + window + " stride=" + stride;
    }

    /** Means, repetitions and their backward forms. */
    static List<KernelCase<PoolKernel>> averages(int channels, int pixels) {
        List<KernelCase<PoolKernel>> cases = new ArrayList<>();
        int many = channels * pixels * 8;
        int few = channels * 8;
        float[] maps = TestNumbers.floats("maps", IN + many);
        float[] single = TestNumbers.floats("single", IN + few);
        String shape = " " + channels + "×" + pixels;
        double[] sums = new double[few];
        double[] spread = new double[many];
        for (int i = 0; i < many; i++) {
            int to = i / (pixels * 8) * 8 + i % 8;
            sums[to] += maps[IN + i];
            spread[i] = single[IN + to];
        }
        cases.add(of("averageForward" + shape, few, sums, 1.0 / pixels, false, pixels,
                (kernel, y) -> kernel.averageForward(maps, IN, channels, pixels, y, OUT)));
        cases.add(of("repeatForward" + shape, many, spread, 1, false, 0,
                (kernel, y) -> kernel.repeatForward(single, IN, channels, pixels, y, OUT)));
        for (boolean add : new boolean[] {false, true}) {
            cases.add(of("averageBackward add=" + add + shape, many, spread, 1.0 / pixels, add, 1,
                    (kernel, dx) -> kernel.averageBackward(single, IN, channels, pixels, dx, OUT, add)));
            cases.add(of("repeatBackward add=" + add + shape, few, sums, 1, add, pixels,
                    (kernel, dx) -> kernel.repeatBackward(maps, IN, channels, pixels, dx, OUT, add)));
        }
        return cases;
    }

    private static KernelCase<PoolKernel> of(String name, int count, double[] values, double factor, boolean add, int terms,
            java.util.function.BiConsumer<PoolKernel, float[]> call) {
        float[] initial = TestNumbers.floats("y", OUT + count + 8);
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int i = 0; i < count; i++) {
            expected[OUT + i] = values[i] * factor + (add ? initial[OUT + i] : 0);
        }
        return new KernelCase<>(name, initial, output, new double[0], expected, new double[0], 1e-6 * terms,
                kernel -> call.accept(kernel, output));
    }
}
