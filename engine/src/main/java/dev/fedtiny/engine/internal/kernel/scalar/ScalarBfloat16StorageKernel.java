// Generated from engine/src/templates/twins/storages/StorageKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.LENGTH;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.add;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.all;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.greater;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.less;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.load;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.multiplyAdd;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.narrow;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.select;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.store;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.sub;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.widened;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.LaneTree;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
import dev.fedtiny.engine.internal.kernel.StorageKernel;

/** {@link StorageKernel} for Bfloat16. */
public final class ScalarBfloat16StorageKernel implements StorageKernel {
    /** What added to any float leaves it as it is, −0 included: 1·z + NOTHING is z, so one loop serves with and without coefficients. */
    private static final float NOTHING = -0.0f;
    /** Rows of fewer pixels are not worth a loop each. */
    private static final int NARROW = 8;
    /** Three times eight lane sums a thread: kernels allocate nothing. */
    private static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[3 * LANES]);

    @Override
    public int valuesAWord() {
        return 2;
    }

    @Override
    public void write(float[] x, int xBase, float[] z, int zBase, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            float v = load(x, xBase + i);
            narrow(v, z, zBase + i);
        }
    }

    @Override
    public void read(float[] z, int zBase, float[] x, int xBase, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(widened(z, zBase + i), x, xBase + i);
        }
    }

    @Override
    public void accumulate(float[] z, int zBase, float[] y, int yBase, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            float v = add(widened(y, yBase + i), widened(z, zBase + i));
            narrow(v, y, yBase + i);
        }
    }

    @Override
    public void sum(ResidualChain chain, int offset, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch,
            int yStep, int channels, int rows, int columns, int coefficients, boolean add) {
        boolean oneRow = zPitch == columns * zStep && yPitch == columns * yStep;
        if (!oneRow && columns < NARROW && chain.count() == 1 && !add) {
            planes(chain, offset, zChannel, zPitch, zStep, y, yBase, yChannel, yPitch, yStep, channels, rows, columns, coefficients);
            return;
        }
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        boolean together = !add && !chain.boundedAbove();
        for (int c = 0; c < channels; c++) {
            for (int line = 0; line < lines; line++) {
                int in = offset + c * zChannel + line * zPitch;
                int out = yBase + c * yChannel + line * yPitch;
                if (together) {
                    together(chain, in, zStep, y, out, yStep, pixels, coefficients + c);
                } else {
                    oneByOne(chain, in, zStep, y, out, yStep, pixels, coefficients + c, add);
                }
            }
        }
    }

    private static void planes(ResidualChain chain, int offset, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel,
            int yPitch, int yStep, int channels, int rows, int columns, int coefficients) {
        for (int c = 0; c < channels; c++) {
            plane(chain.map(0), chain.at(0) + offset + c * zChannel, zStep, zPitch - columns * zStep, y, yBase + c * yChannel, yStep,
                    yPitch - columns * yStep, rows * columns, columns, factor(chain.scale(0), coefficients + c),
                    summand(chain.shift(0), coefficients + c), chain.lower(0), chain.upper(0));
        }
    }

    /** All rows in one loop: behind each, gaps of so many floats are stepped over. */
    private static void plane(float[] z, int in, int zStep, int zGap, float[] y, int out, int yStep, int yGap, int pixels, int columns,
            float scale, float shift, float lower, float upper) {
        float a = all(scale);
        float b = all(shift);
        int left = columns;
        int from = in;
        int to = out;
        for (int i = 0; i < pixels; i++) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                float v = multiplyAdd(a, widened(z, from + lane), b);
                v = select(less(v, lower), lower, v);
                store(select(greater(v, upper), upper, v), y, to + lane);
            }
            from += zStep;
            to += yStep;
            left--;
            if (left == 0) {
                left = columns;
                from += zGap;
                to += yGap;
            }
        }
    }

    private static void together(ResidualChain chain, int in, int zStep, float[] y, int out, int yStep, int pixels, int k) {
        switch (chain.count()) {
            case 1 -> one(chain.map(0), chain.at(0) + in, zStep, y, out, yStep, pixels, factor(chain.scale(0), k),
                    summand(chain.shift(0), k), chain.lower(0));
            case 2 -> two(chain.map(0), chain.at(0) + in, factor(chain.scale(0), k), summand(chain.shift(0), k), chain.lower(0),
                    chain.map(1), chain.at(1) + in, factor(chain.scale(1), k), summand(chain.shift(1), k), chain.lower(1), zStep, y,
                    out, yStep, pixels);
            default -> three(chain.map(0), chain.at(0) + in, factor(chain.scale(0), k), summand(chain.shift(0), k), chain.lower(0),
                    chain.map(1), chain.at(1) + in, factor(chain.scale(1), k), summand(chain.shift(1), k), chain.lower(1),
                    chain.map(2), chain.at(2) + in, factor(chain.scale(2), k), summand(chain.shift(2), k), chain.lower(2), zStep, y,
                    out, yStep, pixels);
        }
    }

    private static void oneByOne(ResidualChain chain, int in, int zStep, float[] y, int out, int yStep, int pixels, int k, boolean add) {
        for (int i = 0; i < chain.count(); i++) {
            between(chain.map(i), chain.at(i) + in, zStep, y, out, yStep, pixels, factor(chain.scale(i), k), summand(chain.shift(i), k),
                    add || i > 0, chain.lower(i), chain.upper(i));
        }
    }

    private static float factor(float[] scale, int channel) {
        return scale == null ? 1 : scale[channel];
    }

    private static float summand(float[] shift, int channel) {
        return shift == null ? NOTHING : shift[channel];
    }

    private static void one(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            float floor) {
        float a = all(scale);
        float b = all(shift);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                float v = multiplyAdd(a, widened(z, from + lane), b);
                store(select(less(v, floor), floor, v), y, to + lane);
            }
        }
    }

    private static void two(float[] z0, int in0, float scale0, float shift0, float floor0, float[] z1, int in1, float scale1, float shift1,
            float floor1, int zStep, float[] y, int out, int yStep, int pixels) {
        float a0 = all(scale0);
        float b0 = all(shift0);
        float a1 = all(scale1);
        float b1 = all(shift1);
        for (int i = 0, at0 = in0, at1 = in1, to = out; i < pixels; i++, at0 += zStep, at1 += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                float v = multiplyAdd(a0, widened(z0, at0 + lane), b0);
                v = select(less(v, floor0), floor0, v);
                float u = add(multiplyAdd(a1, widened(z1, at1 + lane), b1), v);
                store(select(less(u, floor1), floor1, u), y, to + lane);
            }
        }
    }

    private static void three(float[] z0, int in0, float scale0, float shift0, float floor0, float[] z1, int in1, float scale1,
            float shift1, float floor1, float[] z2, int in2, float scale2, float shift2, float floor2, int zStep, float[] y, int out,
            int yStep, int pixels) {
        float a0 = all(scale0);
        float b0 = all(shift0);
        float a1 = all(scale1);
        float b1 = all(shift1);
        float a2 = all(scale2);
        float b2 = all(shift2);
        int step = 0;
        for (int i = 0, to = out; i < pixels; i++, step += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                float v = multiplyAdd(a0, widened(z0, in0 + step + lane), b0);
                v = select(less(v, floor0), floor0, v);
                float u = add(multiplyAdd(a1, widened(z1, in1 + step + lane), b1), v);
                u = select(less(u, floor1), floor1, u);
                float w = add(multiplyAdd(a2, widened(z2, in2 + step + lane), b2), u);
                store(select(less(w, floor2), floor2, w), y, to + lane);
            }
        }
    }

    /** With both bounds; the sum with the old y is made of it and −0 where it is not wanted. */
    private static void between(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            boolean add, float lower, float upper) {
        float a = all(scale);
        float b = all(shift);
        float nothing = all(NOTHING);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                float old = add ? load(y, to + lane) : nothing;
                float v = add(multiplyAdd(a, widened(z, from + lane), b), old);
                v = select(less(v, lower), lower, v);
                store(select(greater(v, upper), upper, v), y, to + lane);
            }
        }
    }

    @Override
    public void moments(float[] z, int zBase, int channels, int pixels, int lanes, double[] mean, double[] squares, int out) {
        float[] sums = SUMS.get();
        double n = (double) pixels * lanes;
        for (int c = 0; c < channels; c++) {
            int base = zBase + c * pixels * LANES;
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                laneSums(z, base + lane, pixels, sums, lane);
            }
            float center = (float) (tree(sums, 0, lanes) / n);
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                deviations(z, base + lane, pixels, center, sums, lane);
            }
            double e = tree(sums, LANES, lanes);
            double q = tree(sums, 2 * LANES, lanes);
            mean[out + c] = center + e / n;
            squares[out + c] = Math.max(0, q - e * e / n);
        }
    }

    /** The tree over the first {@code lanes} of eight sums; the others count as 0. */
    private static float tree(float[] sums, int at, int lanes) {
        for (int lane = lanes; lane < LANES; lane++) {
            sums[at + lane] = 0;
        }
        return LaneTree.sum(sums, at);
    }

    private static void laneSums(float[] z, int base, int pixels, float[] sums, int lane) {
        float a0 = all(0f);
        float a1 = all(0f);
        float a2 = all(0f);
        float a3 = all(0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 4 * LANES) {
            a0 = add(a0, widened(z, at));
            a1 = add(a1, widened(z, at + 8));
            a2 = add(a2, widened(z, at + 16));
            a3 = add(a3, widened(z, at + 24));
        }
        if (i < pixels) {
            a0 = add(a0, widened(z, at));
        }
        if (i + 1 < pixels) {
            a1 = add(a1, widened(z, at + 8));
        }
        if (i + 2 < pixels) {
            a2 = add(a2, widened(z, at + 16));
        }
        store(add(add(a0, a2), add(a1, a3)), sums, lane);
    }

    /** Lane sums of deviations and of their squares, in the second and third eight. */
    private static void deviations(float[] z, int base, int pixels, float center, float[] sums, int lane) {
        float m = all(center);
        float e0 = all(0f);
        float q0 = all(0f);
        float e1 = all(0f);
        float q1 = all(0f);
        float e2 = all(0f);
        float q2 = all(0f);
        float e3 = all(0f);
        float q3 = all(0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 4 * LANES) {
            float d0 = sub(widened(z, at), m);
            e0 = add(e0, d0);
            q0 = multiplyAdd(d0, d0, q0);
            float d1 = sub(widened(z, at + 8), m);
            e1 = add(e1, d1);
            q1 = multiplyAdd(d1, d1, q1);
            float d2 = sub(widened(z, at + 16), m);
            e2 = add(e2, d2);
            q2 = multiplyAdd(d2, d2, q2);
            float d3 = sub(widened(z, at + 24), m);
            e3 = add(e3, d3);
            q3 = multiplyAdd(d3, d3, q3);
        }
        if (i < pixels) {
            float d = sub(widened(z, at), m);
            e0 = add(e0, d);
            q0 = multiplyAdd(d, d, q0);
        }
        if (i + 1 < pixels) {
            float d = sub(widened(z, at + 8), m);
            e1 = add(e1, d);
            q1 = multiplyAdd(d, d, q1);
        }
        if (i + 2 < pixels) {
            float d = sub(widened(z, at + 16), m);
            e2 = add(e2, d);
            q2 = multiplyAdd(d, d, q2);
        }
        store(add(add(e0, e2), add(e1, e3)), sums, LANES + lane);
        store(add(add(q0, q2), add(q1, q3)), sums, 2 * LANES + lane);
    }

    @Override
    public void reduce(float[] du, int duBase, float[] z, int zBase, int channels, int pixels, int lanes, float[] mean, int coefficients,
            double[] sum, double[] product, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            int at = c * pixels * LANES;
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                gradientSums(du, duBase + at + lane, z, zBase + at + lane, pixels, mean[coefficients + c], sums, lane);
            }
            sum[out + c] = tree(sums, 0, lanes);
            product[out + c] = tree(sums, LANES, lanes);
        }
    }

    /** Lane sums of du and of du·(z − center), in the first and second eight. */
    private static void gradientSums(float[] du, int duBase, float[] z, int zBase, int pixels, float center, float[] sums, int lane) {
        float m = all(center);
        float s0 = all(0f);
        float p0 = all(0f);
        float s1 = all(0f);
        float p1 = all(0f);
        float s2 = all(0f);
        float p2 = all(0f);
        float s3 = all(0f);
        float p3 = all(0f);
        int i = 0;
        int g = duBase;
        int at = zBase;
        for (; i + 4 <= pixels; i += 4, g += 4 * LANES, at += 4 * LANES) {
            float g0 = widened(du, g);
            s0 = add(s0, g0);
            p0 = multiplyAdd(g0, sub(widened(z, at), m), p0);
            float g1 = widened(du, g + 8);
            s1 = add(s1, g1);
            p1 = multiplyAdd(g1, sub(widened(z, at + 8), m), p1);
            float g2 = widened(du, g + 16);
            s2 = add(s2, g2);
            p2 = multiplyAdd(g2, sub(widened(z, at + 16), m), p2);
            float g3 = widened(du, g + 24);
            s3 = add(s3, g3);
            p3 = multiplyAdd(g3, sub(widened(z, at + 24), m), p3);
        }
        if (i < pixels) {
            float g0 = widened(du, g);
            s0 = add(s0, g0);
            p0 = multiplyAdd(g0, sub(widened(z, at), m), p0);
        }
        if (i + 1 < pixels) {
            float g1 = widened(du, g + 8);
            s1 = add(s1, g1);
            p1 = multiplyAdd(g1, sub(widened(z, at + 8), m), p1);
        }
        if (i + 2 < pixels) {
            float g2 = widened(du, g + 16);
            s2 = add(s2, g2);
            p2 = multiplyAdd(g2, sub(widened(z, at + 16), m), p2);
        }
        store(add(add(s0, s2), add(s1, s3)), sums, lane);
        store(add(add(p0, p2), add(p1, p3)), sums, LANES + lane);
    }

    @Override
    public void combine(float[] du, int duBase, float[] z, int zBase, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int channels, int rows, int columns, float[] a, float[] b, float[] c, int coefficients, int lanes) {
        boolean oneRow = yPitch == columns * yStep;
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        for (int channel = 0; channel < channels; channel++) {
            int k = coefficients + channel;
            for (int line = 0; line < lines; line++) {
                int in = (channel * lines + line) * pixels * LANES;
                int out = yBase + channel * yChannel + line * yPitch;
                if (a == null) {
                    one(du, duBase + in, LANES, y, out, yStep, pixels, 1, NOTHING, Float.NEGATIVE_INFINITY);
                } else {
                    combineLine(du, duBase + in, z, zBase + in, y, out, yStep, pixels, a[k], b[k], c[k]);
                }
                clear(y, out, yStep, pixels, lanes);
            }
        }
    }

    private static void combineLine(float[] du, int duAt, float[] z, int zAt, float[] y, int out, int yStep, int pixels, float a, float b,
            float c) {
        float va = all(a);
        float vb = all(b);
        float vc = all(c);
        for (int i = 0, in = 0, to = out; i < pixels; i++, in += LANES, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                float inner = multiplyAdd(vb, widened(z, zAt + in + lane), vc);
                store(multiplyAdd(va, widened(du, duAt + in + lane), inner), y, to + lane);
            }
        }
    }

    /** Writes 0 to lanes that hold no image. */
    private static void clear(float[] y, int at, int yStep, int pixels, int lanes) {
        for (int i = 0, to = at; lanes < LANES && i < pixels; i++, to += yStep) {
            for (int lane = lanes; lane < LANES; lane++) {
                y[to + lane] = 0;
            }
        }
    }
}
