package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.internal.kernel.MapGeometry.Form;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Calls of {@link ElementwiseKernel} over awkward shapes, each with its result in double. Lanes that hold no image are NaN where sums skip
 * them.
 */
final class ElementwiseCases {
    /** Channels, rows, columns. */
    static final int[][] SHAPES = {{1, 1, 1}, {5, 1, 5}, {3, 3, 7}, {5, 4, 4}, {1, 2, 3}, {3, 32, 32}};
    private static final float BORDER = -1.5f;

    /** What may follow a sum. */
    enum Bounds {
        NONE(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY), RELU(0, Float.POSITIVE_INFINITY), NARROW(-0.25f, 0.5f);

        final float lower;
        final float upper;

        Bounds(float lower, float upper) {
            this.lower = lower;
            this.upper = upper;
        }

        double clamp(double value) {
            return Math.clamp(value, lower, upper);
        }
    }

    private static final int COEFFICIENTS = 2;

    private ElementwiseCases() {
    }

    /** Every method over every shape. */
    static List<KernelCase<ElementwiseKernel>> all() {
        List<KernelCase<ElementwiseKernel>> cases = new ArrayList<>();
        for (int[] shape : SHAPES) {
            cases.addAll(of(shape[0], shape[1], shape[2]));
        }
        return cases;
    }

    /** Every method over one shape. */
    static List<KernelCase<ElementwiseKernel>> of(int channels, int rows, int columns) {
        List<KernelCase<ElementwiseKernel>> cases = new ArrayList<>();
        for (Form from : Form.values()) {
            for (Form to : Form.values()) {
                MapGeometry source = MapGeometry.of(from, channels, rows, columns);
                MapGeometry target = MapGeometry.of(to, channels, rows, columns);
                for (int options = 0; options < 12; options++) {
                    cases.add(apply(source, target, (options & 1) != 0, (options & 2) != 0, Bounds.values()[options / 4]));
                }
                cases.add(maskInside(source, target, Bounds.RELU));
                cases.add(maskInside(source, target, Bounds.NARROW));
                for (int cleared : new int[] {0, 0b10000001, 0b01011100, 0b11111111}) {
                    cases.add(copyLanes(source, target, cleared % 5, cleared));
                }
            }
        }
        cases.add(sums(channels, rows * columns));
        cases.add(sumsOfRows(MapGeometry.of(Form.HALO, channels, rows, columns)));
        cases.add(add(channels * rows * columns * 8));
        return cases;
    }

    static KernelCase<ElementwiseKernel> apply(MapGeometry source, MapGeometry target, boolean affine, boolean add, Bounds bounds) {
        float[] z = TestNumbers.floats("z", source.length());
        float[] initial = TestNumbers.floats("y", target.length());
        float[] output = new float[initial.length];
        float[] scale = affine ? TestNumbers.floats("scale", COEFFICIENTS + source.channels()) : null;
        float[] shift = affine ? TestNumbers.floats("shift", COEFFICIENTS + source.channels()) : null;
        double[] expected = TestNumbers.widened(initial);
        for (int c = 0; c < source.channels(); c++) {
            for (int p = 0; p < source.rows(); p++) {
                for (int q = 0; q < source.columns(); q++) {
                    for (int lane = 0; lane < 8; lane++) {
                        double v = z[source.at(c, p, q) + lane];
                        if (affine) {
                            v = v * scale[COEFFICIENTS + c] + shift[COEFFICIENTS + c];
                        }
                        int at = target.at(c, p, q) + lane;
                        v += add ? initial[at] : 0;
                        expected[at] = bounds.clamp(v);
                    }
                }
            }
        }
        return new KernelCase<>("apply affine=" + affine + " add=" + add + " bounds=" + bounds + " " + source + " to " + target, initial,
                output, new double[0], expected, new double[0], 1e-6,
                kernel -> kernel.apply(z, source.base(), source.channel(), source.pitch(), source.step(), output, target.base(),
                        target.channel(), target.pitch(), target.step(), source.channels(), source.rows(), source.columns(), scale, shift,
                        COEFFICIENTS, add, bounds.lower, bounds.upper));
    }

    /** @param shift lanes that what is read begins behind a vector's first; where all are cleared x is NaN */
    static KernelCase<ElementwiseKernel> copyLanes(MapGeometry source, MapGeometry target, int shift, int cleared) {
        float[] x = TestNumbers.floats("x", source.length() + 8);
        float[] initial = TestNumbers.floats("y", target.length());
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int c = 0; c < source.channels(); c++) {
            for (int p = 0; p < source.rows(); p++) {
                for (int i = 0; i < source.columns() * 8; i++) {
                    boolean zero = (cleared >> i % 8 & 1) != 0;
                    expected[target.at(c, p, i / 8) + i % 8] = zero ? BORDER : x[source.at(c, p, i / 8) + i % 8 + shift];
                }
            }
        }
        if (cleared == 0b11111111) {
            Arrays.fill(x, Float.NaN);
        }
        return new KernelCase<>("copy lanes but " + Integer.toBinaryString(cleared) + " from " + shift + " " + source + " to " + target,
                initial, output, new double[0], expected, new double[0], 0,
                kernel -> kernel.copyLanes(x, source.base() + shift, source.channel(), source.pitch(), source.step(), output,
                        target.base(), target.channel(), target.pitch(), target.step(), source.channels(), source.rows(),
                        source.columns(), cleared, BORDER));
    }

    static KernelCase<ElementwiseKernel> sums(int channels, int pixels) {
        int base = 16;
        int channel = pixels * 8 + 32;
        int out = 1;
        float[] x = TestNumbers.floats("sums", base + channels * channel);
        double[] results = new double[channels + 2];
        double[] expected = new double[results.length];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < pixels * 8; i++) {
                expected[out + c] += x[base + c * channel + i];
            }
        }
        return new KernelCase<>("sums " + channels + "×" + pixels, new float[0], new float[0], results, new double[0], expected,
                1e-6 * (1 + pixels * 8), kernel -> kernel.sums(x, base, channel, channels, pixels, results, out));
    }

    static KernelCase<ElementwiseKernel> sumsOfRows(MapGeometry map) {
        float[] x = TestNumbers.floats("sums of rows", map.length());
        double[] results = new double[map.channels() + 2];
        double[] expected = new double[results.length];
        for (int c = 0; c < map.channels(); c++) {
            for (int i = 0; i < map.rows() * map.columns() * 8; i++) {
                expected[1 + c] += x[map.at(c, i / 8 / map.columns(), i / 8 % map.columns()) + i % 8];
            }
        }
        return new KernelCase<>("sums of rows " + map, new float[0], new float[0], results, new double[0], expected,
                1e-6 * (1 + map.rows() * map.columns() * 8), kernel -> kernel.sumsOfRows(x, map.base(), map.channel(), map.pitch(),
                        map.channels(), map.rows(), map.columns(), results, 1));
    }

    static KernelCase<ElementwiseKernel> maskInside(MapGeometry source, MapGeometry target, Bounds bounds) {
        float[] v = TestNumbers.floats("v", source.length());
        float[] initial = TestNumbers.floats("du", target.length());
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int c = 0; c < source.channels(); c++) {
            for (int p = 0; p < source.rows(); p++) {
                for (int q = 0; q < source.columns(); q++) {
                    for (int lane = 0; lane < 8; lane++) {
                        float value = v[source.at(c, p, q) + lane];
                        if (!(value > bounds.lower && value < bounds.upper)) {
                            expected[target.at(c, p, q) + lane] = 0;
                        }
                    }
                }
            }
        }
        return new KernelCase<>("maskInside " + bounds + " " + source + " on " + target, initial, output, new double[0], expected,
                new double[0], 0,
                kernel -> kernel.maskInside(v, source.base(), source.channel(), source.pitch(), source.step(), output, target.base(),
                        target.channel(), target.pitch(), target.step(), source.channels(), source.rows(), source.columns(), bounds.lower,
                        bounds.upper));
    }

    static KernelCase<ElementwiseKernel> add(int count) {
        float[] x = TestNumbers.floats("x", count + 24);
        float[] initial = TestNumbers.floats("sum", count + 32);
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int i = 0; i < count; i++) {
            expected[8 + i] += x[16 + i];
        }
        return new KernelCase<>("add " + count, initial, output, new double[0], expected, new double[0], 1e-6,
                kernel -> kernel.add(x, 16, output, 8, count));
    }
}
