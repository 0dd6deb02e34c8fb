package dev.fedtiny.engine.internal.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** Calls of {@link PoolKernel} over awkward shapes, each with its result in double. */
final class PoolCases {
    private static final int IN = 16;
    private static final int OUT = 8;
    /** Channels and windows: without padding, with padding on some or all sides, with a window too many, larger than their map's rest. */
    private static final Map<PoolWindows, Integer> WINDOWS = Map.ofEntries(
            Map.entry(windows(axis(1, 1, 1, 0, 0), axis(1, 1, 1, 0, 0)), 1),
            Map.entry(windows(axis(3, 2, 2, 0, 0), axis(7, 2, 2, 0, 0)), 3),
            Map.entry(windows(axis(4, 2, 2, 0, 0), axis(4, 2, 2, 0, 0)), 5),
            Map.entry(windows(axis(5, 3, 2, 0, 0), axis(7, 3, 2, 0, 0)), 3),
            Map.entry(windows(axis(4, 2, 1, 0, 0), axis(6, 2, 1, 0, 0)), 1),
            Map.entry(windows(axis(7, 3, 1, 0, 0), axis(3, 3, 1, 0, 0)), 5),
            Map.entry(windows(axis(32, 2, 2, 0, 0), axis(32, 2, 2, 0, 0)), 3),
            Map.entry(windows(axis(8, 3, 2, 1, 1), axis(10, 3, 2, 1, 1)), 3),
            Map.entry(windows(axis(5, 2, 3, 1, 0), axis(9, 4, 2, 2, 1)), 2),
            Map.entry(windows(new PoolWindows.Axis(8, 4, 3, 2, 0, 0), new PoolWindows.Axis(7, 4, 3, 2, 1, 1)), 2),
            Map.entry(windows(axis(7, 7, 7, 0, 0), axis(5, 5, 5, 0, 0)), 4),
            Map.entry(windows(axis(1, 1, 1, 0, 0), axis(11, 3, 2, 1, 1)), 3));

    private PoolCases() {
    }

    private static PoolWindows windows(PoolWindows.Axis rows, PoolWindows.Axis columns) {
        return new PoolWindows(rows, columns);
    }

    /** As many windows as fit. */
    private static PoolWindows.Axis axis(int input, int kernel, int stride, int before, int after) {
        return new PoolWindows.Axis(input, (input + before + after - kernel) / stride + 1, kernel, stride, before, after);
    }

    /** Every method over every shape. */
    static List<KernelCase<PoolKernel>> all() {
        List<KernelCase<PoolKernel>> cases = new ArrayList<>();
        WINDOWS.forEach((windows, channels) -> cases.addAll(windows(channels, windows)));
        for (int[] shape : ElementwiseCases.SHAPES) {
            cases.addAll(averages(shape[0], shape[1] * shape[2]));
            cases.addAll(enlargements(shape[0] * shape[1], shape[2], 2, 3));
        }
        cases.addAll(enlargements(6, 5, 1, 1));
        return cases;
    }

    /** Some of them. */
    static List<KernelCase<PoolKernel>> some() {
        List<KernelCase<PoolKernel>> cases = new ArrayList<>(windows(3, windows(axis(5, 3, 2, 0, 0), axis(7, 3, 2, 1, 1))));
        cases.addAll(averages(3, 21));
        cases.addAll(enlargements(6, 5, 2, 2));
        return cases;
    }

    /** Both directions of maximum, with and without ties, and mean. */
    private static List<KernelCase<PoolKernel>> windows(int channels, PoolWindows windows) {
        List<KernelCase<PoolKernel>> cases = new ArrayList<>();
        int length = IN + channels * windows.inputFloats();
        float[] plain = TestNumbers.floats("x", length);
        for (float[] x : new float[][] {plain, TestNumbers.levels("x", length)}) {
            cases.add(maxForward(x, channels, windows));
            cases.add(maxBackward(x, channels, windows));
        }
        for (boolean padded : new boolean[] {true, false}) {
            cases.add(meanForward(plain, channels, windows, padded));
            cases.add(meanBackward(channels, windows, padded));
        }
        return cases;
    }

    private static KernelCase<PoolKernel> maxForward(float[] x, int channels, PoolWindows windows) {
        int count = channels * windows.outputFloats();
        double[] expected = new double[count];
        for (int i = 0; i < count; i++) {
            expected[i] = x[IN + winner(x, places(i, windows))];
        }
        return of("maxForward " + channels + " " + windows, count, expected, 1, false, 0,
                (kernel, y) -> kernel.maxForward(x, IN, channels, windows, y, OUT));
    }

    private static KernelCase<PoolKernel> maxBackward(float[] x, int channels, PoolWindows windows) {
        int count = channels * windows.outputFloats();
        float[] dy = TestNumbers.floats("dy", OUT + count);
        double[] expected = new double[channels * windows.inputFloats()];
        for (int i = 0; i < count; i++) {
            expected[winner(x, places(i, windows))] += dy[OUT + i];
        }
        return of("maxBackward " + channels + " " + windows, expected.length, expected, 1, true, 1,
                (kernel, dx) -> kernel.maxBackward(x, IN, channels, windows, dy, OUT, dx, OUT));
    }

    private static KernelCase<PoolKernel> meanForward(float[] x, int channels, PoolWindows windows, boolean padded) {
        int count = channels * windows.outputFloats();
        double[] expected = new double[count];
        for (int i = 0; i < count; i++) {
            for (int place : places(i, windows)) {
                expected[i] += x[IN + place] / divisor(i, windows, padded);
            }
        }
        return of("meanForward " + channels + " " + windows + " padded=" + padded, count, expected, 1, false, 1,
                (kernel, y) -> kernel.meanForward(x, IN, channels, windows, padded, y, OUT));
    }

    private static KernelCase<PoolKernel> meanBackward(int channels, PoolWindows windows, boolean padded) {
        int count = channels * windows.outputFloats();
        float[] dy = TestNumbers.floats("dy", OUT + count);
        double[] expected = new double[channels * windows.inputFloats()];
        for (int i = 0; i < count; i++) {
            for (int place : places(i, windows)) {
                expected[place] += dy[OUT + i] / divisor(i, windows, padded);
            }
        }
        return of("meanBackward " + channels + " " + windows + " padded=" + padded, expected.length, expected, 1, true, 1,
                (kernel, dx) -> kernel.meanBackward(dy, OUT, channels, windows, padded, dx, OUT));
    }

    /** Positions, lane included, of the values in the window of an output element, in row-major order. */
    private static int[] places(int output, PoolWindows windows) {
        PoolWindows.Axis rows = windows.rows();
        PoolWindows.Axis columns = windows.columns();
        int q = output / 8 % columns.output();
        int p = output / 8 / columns.output() % rows.output();
        int c = output / windows.outputFloats();
        return IntStream.range(0, rows.kernel() * columns.kernel()).filter(t -> inside(p, t / columns.kernel(), rows)
                && inside(q, t % columns.kernel(), columns)).map(t -> c * windows.inputFloats() + output % 8
                + 8 * (pixel(p, t / columns.kernel(), rows) * columns.input() + pixel(q, t % columns.kernel(), columns))).toArray();
    }

    private static int pixel(int window, int tap, PoolWindows.Axis axis) {
        return window * axis.stride() + tap - axis.before();
    }

    private static boolean inside(int window, int tap, PoolWindows.Axis axis) {
        return pixel(window, tap, axis) >= 0 && pixel(window, tap, axis) < axis.input();
    }

    /** How many values of a window count: all on the map, or all on the map and its padding. */
    private static int divisor(int output, PoolWindows windows, boolean padded) {
        PoolWindows.Axis rows = windows.rows();
        PoolWindows.Axis columns = windows.columns();
        int p = output / 8 / columns.output() % rows.output();
        int q = output / 8 % columns.output();
        return padded ? (int) (IntStream.range(0, rows.kernel()).filter(t -> pixel(p, t, rows) < rows.input() + rows.after()).count()
                * IntStream.range(0, columns.kernel()).filter(t -> pixel(q, t, columns) < columns.input() + columns.after()).count())
                : places(output, windows).length;
    }

    private static int winner(float[] x, int[] places) {
        int winner = places[0];
        for (int place : places) {
            winner = x[IN + place] > x[IN + winner] ? place : winner;
        }
        return winner;
    }

    private static List<KernelCase<PoolKernel>> enlargements(int rows, int columns, int down, int across) {
        int few = rows * columns * 8;
        int many = few * down * across;
        float[] small = TestNumbers.floats("small", IN + few);
        float[] large = TestNumbers.floats("large", IN + many);
        double[] spread = new double[many];
        double[] sums = new double[few];
        for (int i = 0; i < many; i++) {
            int row = i / (columns * across * 8) / down;
            int from = (row * columns + i / 8 / across % columns) * 8 + i % 8;
            spread[i] = small[IN + from];
            sums[from] += large[IN + i];
        }
        String shape = " " + rows + "×" + columns + " by " + down + "×" + across;
        List<KernelCase<PoolKernel>> cases = new ArrayList<>();
        cases.add(of("enlargeForward" + shape, many, spread, 1, false, 0,
                (kernel, y) -> kernel.enlargeForward(small, IN, rows, columns, down, across, y, OUT)));
        for (boolean add : new boolean[] {false, true}) {
            cases.add(of("enlargeBackward add=" + add + shape, few, sums, 1, add, 1,
                    (kernel, dx) -> kernel.enlargeBackward(large, IN, rows, columns, down, across, dx, OUT, add)));
        }
        return cases;
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
            BiConsumer<PoolKernel, float[]> call) {
        double[] scaled = IntStream.range(0, count).mapToDouble(i -> values[i] * factor).toArray();
        return KernelCase.of(name, OUT, scaled, add, 1e-6 * terms, call);
    }
}
