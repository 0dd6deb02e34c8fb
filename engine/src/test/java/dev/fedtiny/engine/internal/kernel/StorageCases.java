package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.internal.kernel.ElementwiseCases.Bounds;
import dev.fedtiny.engine.internal.kernel.MapGeometry.Form;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Calls of {@link StorageKernel} over awkward shapes, each with its result in double from what is stored. Lanes that hold no image are NaN
 * where sums skip them.
 */
enum StorageCases {
    FLOAT32("float32"), BFLOAT16("bfloat16");

    private static final int COEFFICIENTS = 2;

    private final String form;

    StorageCases(String form) {
        this.form = form;
    }

    private float rounded(float value) {
        return this == FLOAT32 ? value : Float.intBitsToFloat(Bfloat16.round(value) << 16);
    }

    /** The values, rounded to what the form holds. */
    private float[] rounded(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = rounded(values[i]);
        }
        return values;
    }

    /** A copy in the form, of an even number of values. */
    float[] stored(float[] values) {
        if (this == FLOAT32) {
            return values.clone();
        }
        float[] pairs = new float[values.length / 2];
        for (int i = 0; i < values.length; i++) {
            Bfloat16.set(pairs, i, values[i]);
        }
        return pairs;
    }

    /** Every method with a result that is no map of the form, over every shape. */
    List<KernelCase<StorageKernel>> all() {
        List<KernelCase<StorageKernel>> cases = new ArrayList<>();
        for (int[] shape : ElementwiseCases.SHAPES) {
            cases.addAll(of(shape[0], shape[1], shape[2]));
        }
        return cases;
    }

    private List<KernelCase<StorageKernel>> of(int channels, int rows, int columns) {
        List<KernelCase<StorageKernel>> cases = new ArrayList<>();
        for (Form from : Form.values()) {
            MapGeometry source = MapGeometry.of(from, channels, rows, columns);
            for (Form to : Form.values()) {
                MapGeometry target = MapGeometry.of(to, channels, rows, columns);
                for (int links = 1; links <= ResidualChain.CAPACITY; links++) {
                    for (int options = 0; options < 24; options++) {
                        cases.add(sum(source, target, links, (options & 1) != 0, (options & 2) != 0, (options & 4) != 0,
                                Bounds.values()[options / 8]));
                    }
                }
            }
            for (int lanes = 1; lanes <= 8; lanes++) {
                cases.add(combine(source, true, lanes));
                cases.add(combine(source, false, lanes));
            }
        }
        for (int lanes = 1; lanes <= 8; lanes++) {
            cases.add(moments(channels, rows * columns, lanes));
            cases.add(reduce(channels, rows * columns, lanes));
        }
        cases.add(read(channels * rows * columns * 8));
        return cases;
    }

    /** One case of every loop, over one shape: 21 pixels leave a remainder to the four accumulators. */
    List<KernelCase<StorageKernel>> steady() {
        MapGeometry plain = MapGeometry.of(Form.CONTIGUOUS, 3, 3, 7);
        MapGeometry halo = MapGeometry.of(Form.HALO, 3, 3, 7);
        MapGeometry phase = MapGeometry.of(Form.PHASE, 3, 3, 7);
        return List.of(sum(plain, halo, 1, false, false, true, Bounds.RELU), sum(phase, plain, 2, true, false, false, Bounds.RELU),
                sum(plain, plain, 3, true, false, true, Bounds.RELU), sum(plain, halo, 2, false, true, true, Bounds.NARROW),
                moments(3, 21, 8), moments(3, 21, 3), reduce(3, 21, 8), reduce(3, 21, 5), combine(plain, true, 8),
                combine(halo, true, 5), combine(phase, false, 7), read(21 * 8), write(21 * 8), accumulate(21 * 8));
    }

    /**
     * A chain of sums.
     *
     * @param plain whether its last link is a map without normalisation
     * @param add whether what y holds comes before it
     * @param even whether the bounds follow links 0 and 2, or else link 1
     */
    KernelCase<StorageKernel> sum(MapGeometry source, MapGeometry target, int links, boolean plain, boolean add, boolean even,
            Bounds bounds) {
        float[] initial = TestNumbers.floats("y", target.length());
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        ResidualChain chain = new ResidualChain();
        for (int link = 0; link < links; link++) {
            boolean affine = !plain || link < links - 1;
            float[] z = rounded(TestNumbers.floats("z" + link, source.length()));
            float[] scale = affine ? TestNumbers.floats("scale" + link, COEFFICIENTS + source.channels()) : null;
            float[] shift = affine ? TestNumbers.floats("shift" + link, COEFFICIENTS + source.channels()) : null;
            Bounds own = even == (link % 2 == 0) ? bounds : Bounds.NONE;
            chain.add(stored(z), source.base() - 8, scale, shift, own.lower, own.upper);
            for (int c = 0; c < source.channels(); c++) {
                for (int p = 0; p < source.rows(); p++) {
                    for (int i = 0; i < source.columns() * 8; i++) {
                        double v = z[source.at(c, p, i / 8) + i % 8];
                        if (affine) {
                            v = v * scale[COEFFICIENTS + c] + shift[COEFFICIENTS + c];
                        }
                        int at = target.at(c, p, i / 8) + i % 8;
                        v += add || link > 0 ? expected[at] : 0;
                        expected[at] = own.clamp(v);
                    }
                }
            }
        }
        return new KernelCase<>(form + " sum of " + links + " plain=" + plain + " add=" + add + " even=" + even + " " + bounds + " "
                + source + " to " + target, initial, output, new double[0], expected, new double[0], 2e-6,
                kernel -> kernel.sum(chain, 8, source.channel(), source.pitch(), source.step(), output, target.base(), target.channel(),
                        target.pitch(), target.step(), source.channels(), source.rows(), source.columns(), COEFFICIENTS, add));
    }

    KernelCase<StorageKernel> moments(int channels, int pixels, int lanes) {
        int base = 24;
        int out = 1;
        float[] z = TestNumbers.floats("moments", base + channels * pixels * 8);
        double[] results = new double[2 * (channels + 2)];
        double[] expected = new double[results.length];
        for (int c = 0; c < channels; c++) {
            double sum = 0;
            for (int i = 0; i < pixels; i++) {
                for (int lane = 0; lane < lanes; lane++) {
                    // Far from 0, so that a difference of squares would show.
                    int at = base + (c * pixels + i) * 8 + lane;
                    z[at] = rounded(z[at] + 20);
                    sum += z[at];
                }
                Arrays.fill(z, base + (c * pixels + i) * 8 + lanes, base + (c * pixels + i) * 8 + 8, Float.NaN);
            }
            double mean = sum / (pixels * lanes);
            double squares = 0;
            for (int i = 0; i < pixels; i++) {
                for (int lane = 0; lane < lanes; lane++) {
                    double d = z[base + (c * pixels + i) * 8 + lane] - mean;
                    squares += d * d;
                }
            }
            expected[out + c] = mean;
            expected[channels + 2 + out + c] = squares;
        }
        float[] stored = stored(z);
        double[] mean = new double[channels + 2];
        double[] squares = new double[channels + 2];
        return new KernelCase<>(form + " moments " + channels + "×" + pixels + " lanes=" + lanes, new float[0], new float[0], results,
                new double[0], expected, 1e-6 * (1 + pixels * lanes), kernel -> {
                    kernel.moments(stored, base, channels, pixels, lanes, mean, squares, out);
                    System.arraycopy(mean, 0, results, 0, mean.length);
                    System.arraycopy(squares, 0, results, mean.length, squares.length);
                });
    }

    KernelCase<StorageKernel> reduce(int channels, int pixels, int lanes) {
        int duBase = 8;
        int zBase = 40;
        int out = 1;
        float[] du = rounded(TestNumbers.floats("du", duBase + channels * pixels * 8));
        float[] z = rounded(TestNumbers.floats("reduce", zBase + channels * pixels * 8));
        float[] center = TestNumbers.floats("center", COEFFICIENTS + channels);
        double[] results = new double[2 * (channels + 2)];
        double[] expected = new double[results.length];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < pixels; i++) {
                int at = (c * pixels + i) * 8;
                for (int lane = 0; lane < lanes; lane++) {
                    double d = (double) z[zBase + at + lane] - center[COEFFICIENTS + c];
                    expected[out + c] += du[duBase + at + lane];
                    expected[channels + 2 + out + c] += du[duBase + at + lane] * d;
                }
                Arrays.fill(z, zBase + at + lanes, zBase + at + 8, Float.NaN);
                Arrays.fill(du, duBase + at + lanes, duBase + at + 8, Float.POSITIVE_INFINITY);
            }
        }
        float[] storedDu = stored(du);
        float[] storedZ = stored(z);
        double[] sum = new double[channels + 2];
        double[] product = new double[channels + 2];
        return new KernelCase<>(form + " reduce " + channels + "×" + pixels + " lanes=" + lanes, new float[0], new float[0], results,
                new double[0], expected, 1e-6 * (1 + pixels * lanes), kernel -> {
                    kernel.reduce(storedDu, duBase, storedZ, zBase, channels, pixels, lanes, center, COEFFICIENTS, sum, product, out);
                    System.arraycopy(sum, 0, results, 0, sum.length);
                    System.arraycopy(product, 0, results, sum.length, product.length);
                });
    }

    KernelCase<StorageKernel> combine(MapGeometry target, boolean normalised, int lanes) {
        int duBase = 8;
        int zBase = 16;
        int channels = target.channels();
        int pixels = target.rows() * target.columns();
        float[] du = rounded(TestNumbers.floats("du", duBase + channels * pixels * 8));
        float[] z = normalised ? rounded(TestNumbers.floats("z", zBase + channels * pixels * 8)) : null;
        float[] a = normalised ? TestNumbers.floats("a", COEFFICIENTS + channels) : null;
        float[] b = normalised ? TestNumbers.floats("b", COEFFICIENTS + channels) : null;
        float[] c = normalised ? TestNumbers.floats("c", COEFFICIENTS + channels) : null;
        float[] initial = TestNumbers.floats("y", target.length());
        float[] output = new float[initial.length];
        double[] expected = TestNumbers.widened(initial);
        for (int k = 0; k < channels; k++) {
            for (int i = 0; i < pixels; i++) {
                for (int lane = 0; lane < 8; lane++) {
                    int at = (k * pixels + i) * 8 + lane;
                    double v = du[duBase + at];
                    if (normalised) {
                        v = v * a[COEFFICIENTS + k] + ((double) z[zBase + at] * b[COEFFICIENTS + k] + c[COEFFICIENTS + k]);
                    }
                    expected[target.at(k, i / target.columns(), i % target.columns()) + lane] = lane < lanes ? v : 0;
                }
                Arrays.fill(du, duBase + (k * pixels + i) * 8 + lanes, duBase + (k * pixels + i) * 8 + 8, Float.NaN);
            }
        }
        float[] storedDu = stored(du);
        float[] storedZ = normalised ? stored(z) : null;
        return new KernelCase<>(form + " combine normalised=" + normalised + " lanes=" + lanes + " to " + target, initial, output,
                new double[0],
                expected, new double[0], 1e-6,
                kernel -> kernel.combine(storedDu, duBase, storedZ, zBase, output, target.base(), target.channel(), target.pitch(),
                        target.step(),
                        channels, target.rows(), target.columns(), a, b, c, COEFFICIENTS, lanes));
    }

    KernelCase<StorageKernel> read(int count) {
        float[] z = rounded(TestNumbers.floats("stored", count + 32));
        float[] stored = stored(z);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = z[24 + i];
        }
        return KernelCase.of(form + " read " + count, 8, values, false, 0, (kernel, x) -> kernel.read(stored, 24, x, 8, count));
    }

    /** Without expected values: what words of pairs hold are no numbers. */
    KernelCase<StorageKernel> write(int count) {
        float[] x = TestNumbers.floats("fresh", count + 32);
        float[] output = new float[count + 32];
        return new KernelCase<>(form + " write " + count, output.clone(), output, new double[0], new double[0], new double[0], 0,
                kernel -> kernel.write(x, 8, output, 16, count));
    }

    /** As {@link #write}. */
    KernelCase<StorageKernel> accumulate(int count) {
        float[] z = stored(TestNumbers.floats("stored", count + 32));
        float[] initial = stored(TestNumbers.floats("old", count + 32));
        float[] output = initial.clone();
        return new KernelCase<>(form + " accumulate " + count, initial, output, new double[0], new double[0], new double[0], 0,
                kernel -> kernel.accumulate(z, 8, output, 16, count));
    }
}
