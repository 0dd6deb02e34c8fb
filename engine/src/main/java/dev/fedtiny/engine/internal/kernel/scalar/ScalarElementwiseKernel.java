package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.LaneTree;

/** The plain reference of {@link ElementwiseKernel}. */
public final class ScalarElementwiseKernel implements ElementwiseKernel {
    /** Three times eight lane sums a thread: kernels allocate nothing. */
    private static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[3 * LANES]);

    @Override
    public void apply(float[] z, int zBase, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, boolean add, float lower, float upper) {
        for (int c = 0; c < channels; c++) {
            for (int row = 0; row < rows; row++) {
                int in = zBase + c * zChannel + row * zPitch;
                int out = yBase + c * yChannel + row * yPitch;
                for (int column = 0; column < columns; column++, in += zStep, out += yStep) {
                    for (int lane = 0; lane < LANES; lane++) {
                        float v = z[in + lane];
                        if (scale != null) {
                            v = multiplyAdd(scale[coefficients + c], v, shift[coefficients + c]);
                        }
                        if (add) {
                            v += y[out + lane];
                        }
                        y[out + lane] = v < lower ? lower : v > upper ? upper : v;
                    }
                }
            }
        }
    }

    @Override
    public void copyLanes(float[] x, int xBase, int xOuter, int xMiddle, int xInner, float[] y, int yBase, int yOuter, int yMiddle,
            int yInner, int outer, int middle, int inner, int cleared, float border) {
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < middle; j++) {
                int in = xBase + i * xOuter + j * xMiddle;
                int out = yBase + i * yOuter + j * yMiddle;
                for (int k = 0; k < inner; k++, in += xInner, out += yInner) {
                    for (int lane = 0; lane < LANES; lane++) {
                        y[out + lane] = (cleared >> lane & 1) == 0 ? x[in + lane] : border;
                    }
                }
            }
        }
    }

    @Override
    public void moments(float[] z, int zBase, int channels, int pixels, int lanes, double[] mean, double[] squares, int out) {
        double n = (double) pixels * lanes;
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            int base = zBase + c * pixels * LANES;
            sum(z, base, pixels, sums);
            float center = (float) (tree(sums, 0, lanes) / n);
            deviations(z, base, center, pixels, sums);
            double e = tree(sums, LANES, lanes);
            double q = tree(sums, 2 * LANES, lanes);
            mean[out + c] = center + e / n;
            squares[out + c] = Math.max(0, q - e * e / n);
        }
    }

    /** Lane sums: pixel i goes to accumulator i mod 4. */
    private static void sum(float[] z, int base, int pixels, float[] sums) {
        for (int lane = 0; lane < LANES; lane++) {
            float a0 = 0;
            float a1 = 0;
            float a2 = 0;
            float a3 = 0;
            for (int i = 0; i < pixels; i++) {
                float v = z[base + i * LANES + lane];
                switch (i & 3) {
                    case 0 -> a0 += v;
                    case 1 -> a1 += v;
                    case 2 -> a2 += v;
                    default -> a3 += v;
                }
            }
            sums[lane] = (a0 + a2) + (a1 + a3);
        }
    }

    /** Lane sums of deviations and of their squares, in the second and third eight. */
    private static void deviations(float[] z, int base, float center, int pixels, float[] sums) {
        for (int lane = 0; lane < LANES; lane++) {
            float e0 = 0;
            float e1 = 0;
            float e2 = 0;
            float e3 = 0;
            float q0 = 0;
            float q1 = 0;
            float q2 = 0;
            float q3 = 0;
            for (int i = 0; i < pixels; i++) {
                float d = z[base + i * LANES + lane] - center;
                switch (i & 3) {
                    case 0 -> {
                        e0 += d;
                        q0 = multiplyAdd(d, d, q0);
                    }
                    case 1 -> {
                        e1 += d;
                        q1 = multiplyAdd(d, d, q1);
                    }
                    case 2 -> {
                        e2 += d;
                        q2 = multiplyAdd(d, d, q2);
                    }
                    default -> {
                        e3 += d;
                        q3 = multiplyAdd(d, d, q3);
                    }
                }
            }
            sums[LANES + lane] = (e0 + e2) + (e1 + e3);
            sums[2 * LANES + lane] = (q0 + q2) + (q1 + q3);
        }
    }

    /** Lane sums of du and of du·(z − center), in the first and second eight. */
    private static void gradientSums(float[] du, int duAt, float[] z, int zAt, float center, int pixels, float[] sums) {
        for (int lane = 0; lane < LANES; lane++) {
            float s0 = 0;
            float s1 = 0;
            float s2 = 0;
            float s3 = 0;
            float p0 = 0;
            float p1 = 0;
            float p2 = 0;
            float p3 = 0;
            for (int i = 0; i < pixels; i++) {
                float g = du[duAt + i * LANES + lane];
                float d = z[zAt + i * LANES + lane] - center;
                switch (i & 3) {
                    case 0 -> {
                        s0 += g;
                        p0 = multiplyAdd(g, d, p0);
                    }
                    case 1 -> {
                        s1 += g;
                        p1 = multiplyAdd(g, d, p1);
                    }
                    case 2 -> {
                        s2 += g;
                        p2 = multiplyAdd(g, d, p2);
                    }
                    default -> {
                        s3 += g;
                        p3 = multiplyAdd(g, d, p3);
                    }
                }
            }
            sums[lane] = (s0 + s2) + (s1 + s3);
            sums[LANES + lane] = (p0 + p2) + (p1 + p3);
        }
    }

    /** The tree over the first {@code lanes} of eight sums; the others count as 0. */
    private static float tree(float[] sums, int at, int lanes) {
        for (int lane = lanes; lane < LANES; lane++) {
            sums[at + lane] = 0;
        }
        return LaneTree.sum(sums, at);
    }

    @Override
    public void reduce(float[] du, int duBase, float[] z, int zBase, int channels, int pixels, int lanes, float[] mean, int coefficients,
            double[] sum, double[] product, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            int duAt = duBase + c * pixels * LANES;
            int zAt = zBase + c * pixels * LANES;
            float center = mean[coefficients + c];
            gradientSums(du, duAt, z, zAt, center, pixels, sums);
            sum[out + c] = tree(sums, 0, lanes);
            product[out + c] = tree(sums, LANES, lanes);
        }
    }

    @Override
    public void sums(float[] x, int base, int channel, int channels, int pixels, double[] sum, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            sum(x, base + c * channel, pixels, sums);
            sum[out + c] = LaneTree.sum(sums, 0);
        }
    }

    @Override
    public void combine(float[] du, int duBase, float[] z, int zBase, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int channels, int rows, int columns, float[] a, float[] b, float[] c, int coefficients, int lanes) {
        for (int channel = 0; channel < channels; channel++) {
            int k = coefficients + channel;
            for (int row = 0; row < rows; row++) {
                int in = (channel * rows + row) * columns * LANES;
                int out = yBase + channel * yChannel + row * yPitch;
                for (int column = 0; column < columns; column++, in += LANES, out += yStep) {
                    for (int lane = 0; lane < LANES; lane++) {
                        float g = du[duBase + in + lane];
                        float v = a == null ? g : multiplyAdd(a[k], g, multiplyAdd(b[k], z[zBase + in + lane], c[k]));
                        y[out + lane] = lane < lanes ? v : 0;
                    }
                }
            }
        }
    }

    @Override
    public void maskInside(float[] v, int vBase, int vChannel, int vPitch, int vStep, float[] du, int duBase, int duChannel, int duPitch,
            int duStep, int channels, int rows, int columns, float lower, float upper) {
        boolean open = upper == Float.POSITIVE_INFINITY;
        for (int c = 0; c < channels; c++) {
            for (int row = 0; row < rows; row++) {
                int in = vBase + c * vChannel + row * vPitch;
                int out = duBase + c * duChannel + row * duPitch;
                for (int column = 0; column < columns; column++, in += vStep, out += duStep) {
                    for (int lane = 0; lane < LANES; lane++) {
                        float value = v[in + lane];
                        du[out + lane] = value > lower && (open || value < upper) ? du[out + lane] : 0;
                    }
                }
            }
        }
    }

    @Override
    public void add(float[] x, int xBase, float[] y, int yBase, int count) {
        for (int i = 0; i < count; i++) {
            y[yBase + i] += x[xBase + i];
        }
    }

    @Override
    public int largestMagnitude(float[] x, int from, int count) {
        int largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(x[i]) & Integer.MAX_VALUE);
        }
        return largest;
    }
}
