// Generated from engine/src/templates/twins/storages/StorageKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.LaneTree;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
import dev.fedtiny.engine.internal.kernel.StorageKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link StorageKernel} for Float32. */
public final class SimdFloat32StorageKernel implements StorageKernel {
    /** What added to any float leaves it as it is, −0 included: 1·z + NOTHING is z, so one loop serves with and without coefficients. */
    private static final float NOTHING = -0.0f;
    /** Rows of fewer pixels are not worth a loop each. */
    private static final int NARROW = 8;
    /** Three times eight lane sums a thread: kernels allocate nothing. */
    private static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[3 * LANES]);

    @Override
    public int valuesAWord() {
        return 1;
    }

    @Override
    public void write(float[] x, int xBase, float[] z, int zBase, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
            EXACT.cast(v).intoArray(z, zBase + i);
        }
    }

    @Override
    public void read(float[] z, int zBase, float[] x, int xBase, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector.fromArray(FLOATS, z, zBase + i).intoArray(x, xBase + i);
        }
    }

    @Override
    public void accumulate(float[] z, int zBase, float[] y, int yBase, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector v = FloatVector.fromArray(FLOATS, y, yBase + i).add(FloatVector.fromArray(FLOATS, z, zBase + i));
            EXACT.cast(v).intoArray(y, yBase + i);
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
        FloatVector a = FloatVector.broadcast(FLOATS, scale);
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        int left = columns;
        int from = in;
        int to = out;
        for (int i = 0; i < pixels; i++) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                FloatVector v = EXACT.cast(a).fma(FloatVector.fromArray(FLOATS, z, from + lane), b);
                v = EXACT.cast(v).blend(lower, EXACT.cast(v).compare(VectorOperators.LT, lower));
                EXACT.cast(v).blend(upper, EXACT.cast(v).compare(VectorOperators.GT, upper)).intoArray(y, to + lane);
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
        FloatVector a = FloatVector.broadcast(FLOATS, scale);
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                FloatVector v = EXACT.cast(a).fma(FloatVector.fromArray(FLOATS, z, from + lane), b);
                EXACT.cast(v).blend(floor, EXACT.cast(v).compare(VectorOperators.LT, floor)).intoArray(y, to + lane);
            }
        }
    }

    private static void two(float[] z0, int in0, float scale0, float shift0, float floor0, float[] z1, int in1, float scale1, float shift1,
            float floor1, int zStep, float[] y, int out, int yStep, int pixels) {
        FloatVector a0 = FloatVector.broadcast(FLOATS, scale0);
        FloatVector b0 = FloatVector.broadcast(FLOATS, shift0);
        FloatVector a1 = FloatVector.broadcast(FLOATS, scale1);
        FloatVector b1 = FloatVector.broadcast(FLOATS, shift1);
        for (int i = 0, at0 = in0, at1 = in1, to = out; i < pixels; i++, at0 += zStep, at1 += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                FloatVector v = EXACT.cast(a0).fma(FloatVector.fromArray(FLOATS, z0, at0 + lane), b0);
                v = EXACT.cast(v).blend(floor0, EXACT.cast(v).compare(VectorOperators.LT, floor0));
                FloatVector u = EXACT.cast(a1).fma(FloatVector.fromArray(FLOATS, z1, at1 + lane), b1).add(v);
                EXACT.cast(u).blend(floor1, EXACT.cast(u).compare(VectorOperators.LT, floor1)).intoArray(y, to + lane);
            }
        }
    }

    private static void three(float[] z0, int in0, float scale0, float shift0, float floor0, float[] z1, int in1, float scale1,
            float shift1, float floor1, float[] z2, int in2, float scale2, float shift2, float floor2, int zStep, float[] y, int out,
            int yStep, int pixels) {
        FloatVector a0 = FloatVector.broadcast(FLOATS, scale0);
        FloatVector b0 = FloatVector.broadcast(FLOATS, shift0);
        FloatVector a1 = FloatVector.broadcast(FLOATS, scale1);
        FloatVector b1 = FloatVector.broadcast(FLOATS, shift1);
        FloatVector a2 = FloatVector.broadcast(FLOATS, scale2);
        FloatVector b2 = FloatVector.broadcast(FLOATS, shift2);
        int step = 0;
        for (int i = 0, to = out; i < pixels; i++, step += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                FloatVector v = EXACT.cast(a0).fma(FloatVector.fromArray(FLOATS, z0, in0 + step + lane), b0);
                v = EXACT.cast(v).blend(floor0, EXACT.cast(v).compare(VectorOperators.LT, floor0));
                FloatVector u = EXACT.cast(a1).fma(FloatVector.fromArray(FLOATS, z1, in1 + step + lane), b1).add(v);
                u = EXACT.cast(u).blend(floor1, EXACT.cast(u).compare(VectorOperators.LT, floor1));
                FloatVector w = EXACT.cast(a2).fma(FloatVector.fromArray(FLOATS, z2, in2 + step + lane), b2).add(u);
                EXACT.cast(w).blend(floor2, EXACT.cast(w).compare(VectorOperators.LT, floor2)).intoArray(y, to + lane);
            }
        }
    }

    /** With both bounds; the sum with the old y is made of it and −0 where it is not wanted. */
    private static void between(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            boolean add, float lower, float upper) {
        FloatVector a = FloatVector.broadcast(FLOATS, scale);
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        FloatVector nothing = FloatVector.broadcast(FLOATS, NOTHING);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                FloatVector old = add ? FloatVector.fromArray(FLOATS, y, to + lane) : nothing;
                FloatVector v = EXACT.cast(a).fma(FloatVector.fromArray(FLOATS, z, from + lane), b).add(old);
                v = EXACT.cast(v).blend(lower, EXACT.cast(v).compare(VectorOperators.LT, lower));
                EXACT.cast(v).blend(upper, EXACT.cast(v).compare(VectorOperators.GT, upper)).intoArray(y, to + lane);
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
        FloatVector a0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 4 * LANES) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, z, at));
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, z, at + 8));
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, z, at + 16));
            a3 = EXACT.cast(a3).add(FloatVector.fromArray(FLOATS, z, at + 24));
        }
        if (i < pixels) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, z, at));
        }
        if (i + 1 < pixels) {
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, z, at + 8));
        }
        if (i + 2 < pixels) {
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, z, at + 16));
        }
        EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3)).intoArray(sums, lane);
    }

    /** Lane sums of deviations and of their squares, in the second and third eight. */
    private static void deviations(float[] z, int base, int pixels, float center, float[] sums, int lane) {
        FloatVector m = FloatVector.broadcast(FLOATS, center);
        FloatVector e0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector q0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector e1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector q1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector e2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector q2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector e3 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector q3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 4 * LANES) {
            FloatVector d0 = FloatVector.fromArray(FLOATS, z, at).sub(m);
            e0 = EXACT.cast(e0).add(d0);
            q0 = EXACT.cast(d0).fma(d0, q0);
            FloatVector d1 = FloatVector.fromArray(FLOATS, z, at + 8).sub(m);
            e1 = EXACT.cast(e1).add(d1);
            q1 = EXACT.cast(d1).fma(d1, q1);
            FloatVector d2 = FloatVector.fromArray(FLOATS, z, at + 16).sub(m);
            e2 = EXACT.cast(e2).add(d2);
            q2 = EXACT.cast(d2).fma(d2, q2);
            FloatVector d3 = FloatVector.fromArray(FLOATS, z, at + 24).sub(m);
            e3 = EXACT.cast(e3).add(d3);
            q3 = EXACT.cast(d3).fma(d3, q3);
        }
        if (i < pixels) {
            FloatVector d = FloatVector.fromArray(FLOATS, z, at).sub(m);
            e0 = EXACT.cast(e0).add(d);
            q0 = EXACT.cast(d).fma(d, q0);
        }
        if (i + 1 < pixels) {
            FloatVector d = FloatVector.fromArray(FLOATS, z, at + 8).sub(m);
            e1 = EXACT.cast(e1).add(d);
            q1 = EXACT.cast(d).fma(d, q1);
        }
        if (i + 2 < pixels) {
            FloatVector d = FloatVector.fromArray(FLOATS, z, at + 16).sub(m);
            e2 = EXACT.cast(e2).add(d);
            q2 = EXACT.cast(d).fma(d, q2);
        }
        EXACT.cast(e0).add(e2).add(EXACT.cast(e1).add(e3)).intoArray(sums, LANES + lane);
        EXACT.cast(q0).add(q2).add(EXACT.cast(q1).add(q3)).intoArray(sums, 2 * LANES + lane);
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
        FloatVector m = FloatVector.broadcast(FLOATS, center);
        FloatVector s0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector p0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector p1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector p2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s3 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector p3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        int g = duBase;
        int at = zBase;
        for (; i + 4 <= pixels; i += 4, g += 4 * LANES, at += 4 * LANES) {
            FloatVector g0 = FloatVector.fromArray(FLOATS, du, g);
            s0 = EXACT.cast(s0).add(g0);
            p0 = EXACT.cast(g0).fma(FloatVector.fromArray(FLOATS, z, at).sub(m), p0);
            FloatVector g1 = FloatVector.fromArray(FLOATS, du, g + 8);
            s1 = EXACT.cast(s1).add(g1);
            p1 = EXACT.cast(g1).fma(FloatVector.fromArray(FLOATS, z, at + 8).sub(m), p1);
            FloatVector g2 = FloatVector.fromArray(FLOATS, du, g + 16);
            s2 = EXACT.cast(s2).add(g2);
            p2 = EXACT.cast(g2).fma(FloatVector.fromArray(FLOATS, z, at + 16).sub(m), p2);
            FloatVector g3 = FloatVector.fromArray(FLOATS, du, g + 24);
            s3 = EXACT.cast(s3).add(g3);
            p3 = EXACT.cast(g3).fma(FloatVector.fromArray(FLOATS, z, at + 24).sub(m), p3);
        }
        if (i < pixels) {
            FloatVector g0 = FloatVector.fromArray(FLOATS, du, g);
            s0 = EXACT.cast(s0).add(g0);
            p0 = EXACT.cast(g0).fma(FloatVector.fromArray(FLOATS, z, at).sub(m), p0);
        }
        if (i + 1 < pixels) {
            FloatVector g1 = FloatVector.fromArray(FLOATS, du, g + 8);
            s1 = EXACT.cast(s1).add(g1);
            p1 = EXACT.cast(g1).fma(FloatVector.fromArray(FLOATS, z, at + 8).sub(m), p1);
        }
        if (i + 2 < pixels) {
            FloatVector g2 = FloatVector.fromArray(FLOATS, du, g + 16);
            s2 = EXACT.cast(s2).add(g2);
            p2 = EXACT.cast(g2).fma(FloatVector.fromArray(FLOATS, z, at + 16).sub(m), p2);
        }
        EXACT.cast(s0).add(s2).add(EXACT.cast(s1).add(s3)).intoArray(sums, lane);
        EXACT.cast(p0).add(p2).add(EXACT.cast(p1).add(p3)).intoArray(sums, LANES + lane);
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
        FloatVector va = FloatVector.broadcast(FLOATS, a);
        FloatVector vb = FloatVector.broadcast(FLOATS, b);
        FloatVector vc = FloatVector.broadcast(FLOATS, c);
        for (int i = 0, in = 0, to = out; i < pixels; i++, in += LANES, to += yStep) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                FloatVector inner = EXACT.cast(vb).fma(FloatVector.fromArray(FLOATS, z, zAt + in + lane), vc);
                EXACT.cast(va).fma(FloatVector.fromArray(FLOATS, du, duAt + in + lane), inner).intoArray(y, to + lane);
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
