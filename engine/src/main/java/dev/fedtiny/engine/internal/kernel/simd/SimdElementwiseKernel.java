package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import dev.fedtiny.engine.internal.kernel.LaneTree;
import dev.fedtiny.engine.internal.kernel.ResidualChain;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ElementwiseKernel} on vectors. Loops are small methods of their own and few: C2 inlines them together up to a number of nodes,
 * and what it no longer inlines makes objects of its vectors.
 */
public final class SimdElementwiseKernel implements ElementwiseKernel {
    /** What added to any float leaves it as it is, −0 included: 1·z + NOTHING is z, so one loop serves with and without coefficients. */
    private static final float NOTHING = -0.0f;
    private static final VectorSpecies<Integer> INT_SPECIES = FLOATS.withLanes(int.class);
    /** The class of the vectors of bits, as {@link Species#EXACT} is of those of floats. */
    private static final Class<? extends IntVector> INTS = IntVector.zero(INT_SPECIES).getClass();
    /** Three times eight lane sums a thread: kernels allocate nothing. */
    private static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[24]);

    @Override
    public void apply(float[] z, int zBase, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, boolean add, float lower, float upper) {
        boolean oneRow = zPitch == columns * zStep && yPitch == columns * yStep;
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        boolean open = upper == Float.POSITIVE_INFINITY;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                float a = factor(scale, coefficients + c);
                float b = summand(shift, coefficients + c);
                for (int line = 0; line < lines; line++) {
                    int in = zBase + lane + c * zChannel + line * zPitch;
                    int out = yBase + lane + c * yChannel + line * yPitch;
                    if (!open) {
                        affineBetween(z, in, zStep, y, out, yStep, pixels, a, b, add, lower, upper);
                    } else if (add) {
                        affineAdd(z, in, zStep, y, out, yStep, pixels, a, b, lower);
                    } else {
                        affine(z, in, zStep, y, out, yStep, pixels, a, b, lower);
                    }
                }
            }
        }
    }

    @Override
    public void sum(ResidualChain chain, int offset, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch,
            int yStep, int channels, int rows, int columns, int coefficients, boolean add) {
        int links = chain.count();
        if (add || links == 1 || chain.boundedAbove()) {
            ElementwiseKernel.super.sum(chain, offset, zChannel, zPitch, zStep, y, yBase, yChannel, yPitch, yStep, channels, rows, columns,
                    coefficients, add);
            return;
        }
        boolean oneRow = zPitch == columns * zStep && yPitch == columns * yStep;
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        int last = links - 1;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                int k = coefficients + c;
                for (int line = 0; line < lines; line++) {
                    int in = offset + lane + c * zChannel + line * zPitch;
                    int out = yBase + lane + c * yChannel + line * yPitch;
                    if (links == 2) {
                        two(chain.map(0), chain.at(0) + in, factor(chain.scale(0), k), summand(chain.shift(0), k), chain.lower(0),
                                chain.map(1), chain.at(1) + in, factor(chain.scale(1), k), summand(chain.shift(1), k),
                                chain.lower(1), zStep, y, out, yStep, pixels);
                    } else {
                        three(chain.map(0), chain.at(0) + in, factor(chain.scale(0), k), summand(chain.shift(0), k),
                                chain.lower(0), chain.map(1), chain.at(1) + in, factor(chain.scale(1), k),
                                summand(chain.shift(1), k), chain.lower(1), chain.map(last), chain.at(last) + in,
                                factor(chain.scale(last), k), summand(chain.shift(last), k), chain.lower(last), zStep, y, out,
                                yStep, pixels);
                    }
                }
            }
        }
    }

    private static float factor(float[] scale, int channel) {
        return scale == null ? 1 : scale[channel];
    }

    private static float summand(float[] shift, int channel) {
        return shift == null ? NOTHING : shift[channel];
    }

    private static void two(float[] z0, int in0, float scale0, float shift0, float floor0, float[] z1, int in1, float scale1, float shift1,
            float floor1, int zStep, float[] y, int out, int yStep, int pixels) {
        FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, scale0));
        FloatVector b0 = FloatVector.broadcast(FLOATS, shift0);
        FloatVector a1 = EXACT.cast(FloatVector.broadcast(FLOATS, scale1));
        FloatVector b1 = FloatVector.broadcast(FLOATS, shift1);
        for (int i = 0, at0 = in0, at1 = in1, to = out; i < pixels; i++, at0 += zStep, at1 += zStep, to += yStep) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, z0, at0);
            FloatVector v = EXACT.cast(FusedMultiply.FUSED ? a0.fma(x0, b0) : a0.mul(x0).add(b0));
            v = EXACT.cast(v.blend(floor0, v.compare(VectorOperators.LT, floor0)));
            FloatVector x1 = FloatVector.fromArray(FLOATS, z1, at1);
            FloatVector u = EXACT.cast(FusedMultiply.FUSED ? a1.fma(x1, b1) : a1.mul(x1).add(b1)).add(v);
            EXACT.cast(u).blend(floor1, EXACT.cast(u).compare(VectorOperators.LT, floor1)).intoArray(y, to);
        }
    }

    private static void three(float[] z0, int in0, float scale0, float shift0, float floor0, float[] z1, int in1, float scale1,
            float shift1, float floor1, float[] z2, int in2, float scale2, float shift2, float floor2, int zStep, float[] y, int out,
            int yStep, int pixels) {
        FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, scale0));
        FloatVector b0 = FloatVector.broadcast(FLOATS, shift0);
        FloatVector a1 = EXACT.cast(FloatVector.broadcast(FLOATS, scale1));
        FloatVector b1 = FloatVector.broadcast(FLOATS, shift1);
        FloatVector a2 = EXACT.cast(FloatVector.broadcast(FLOATS, scale2));
        FloatVector b2 = FloatVector.broadcast(FLOATS, shift2);
        int step = 0;
        for (int i = 0, to = out; i < pixels; i++, step += zStep, to += yStep) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, z0, in0 + step);
            FloatVector v = EXACT.cast(FusedMultiply.FUSED ? a0.fma(x0, b0) : a0.mul(x0).add(b0));
            v = EXACT.cast(v.blend(floor0, v.compare(VectorOperators.LT, floor0)));
            FloatVector x1 = FloatVector.fromArray(FLOATS, z1, in1 + step);
            FloatVector u = EXACT.cast(EXACT.cast(FusedMultiply.FUSED ? a1.fma(x1, b1) : a1.mul(x1).add(b1)).add(v));
            u = EXACT.cast(u.blend(floor1, u.compare(VectorOperators.LT, floor1)));
            FloatVector x2 = FloatVector.fromArray(FLOATS, z2, in2 + step);
            FloatVector w = EXACT.cast(EXACT.cast(FusedMultiply.FUSED ? a2.fma(x2, b2) : a2.mul(x2).add(b2)).add(u));
            w.blend(floor2, w.compare(VectorOperators.LT, floor2)).intoArray(y, to);
        }
    }

    private static void affine(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            float floor) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            FloatVector value = FloatVector.fromArray(FLOATS, z, from);
            FloatVector sum = FusedMultiply.FUSED ? a.fma(value, b) : a.mul(value).add(b);
            EXACT.cast(sum).blend(floor, EXACT.cast(sum).compare(VectorOperators.LT, floor)).intoArray(y, to);
        }
    }

    private static void affineAdd(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            float floor) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            FloatVector value = FloatVector.fromArray(FLOATS, z, from);
            FloatVector product = FusedMultiply.FUSED ? a.fma(value, b) : a.mul(value).add(b);
            FloatVector sum = EXACT.cast(product).add(FloatVector.fromArray(FLOATS, y, to));
            sum.blend(floor, sum.compare(VectorOperators.LT, floor)).intoArray(y, to);
        }
    }

    /** With both bounds; the sum with the old y is made of it and −0 where it is not wanted. */
    private static void affineBetween(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            boolean add, float lower, float upper) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        FloatVector nothing = FloatVector.broadcast(FLOATS, NOTHING);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            FloatVector value = FloatVector.fromArray(FLOATS, z, from);
            FloatVector product = FusedMultiply.FUSED ? a.fma(value, b) : a.mul(value).add(b);
            FloatVector sum = EXACT.cast(product).add(add ? FloatVector.fromArray(FLOATS, y, to) : nothing);
            FloatVector raised = EXACT.cast(EXACT.cast(sum).blend(lower, EXACT.cast(sum).compare(VectorOperators.LT, lower)));
            raised.blend(upper, raised.compare(VectorOperators.GT, upper)).intoArray(y, to);
        }
    }

    @Override
    public void copyLanes(float[] x, int xBase, int xOuter, int xMiddle, int xInner, float[] y, int yBase, int yOuter, int yMiddle,
            int yInner, int outer, int middle, int inner, int cleared, float border) {
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int i = 0; i < outer; i++) {
                for (int j = 0; j < middle; j++) {
                    lanes(x, xBase + lane + i * xOuter + j * xMiddle, xInner, y, yBase + lane + i * yOuter + j * yMiddle, yInner, inner,
                            cleared >> lane, border);
                }
            }
        }
    }

    private static void lanes(float[] x, int in, int xStep, float[] y, int out, int yStep, int count, int cleared, float border) {
        VectorMask<Float> outside = VectorMask.fromLong(FLOATS, cleared);
        for (int i = 0, from = in, to = out; i < count; i++, from += xStep, to += yStep) {
            EXACT.cast(FloatVector.fromArray(FLOATS, x, from)).blend(border, outside).intoArray(y, to);
        }
    }

    @Override
    public void moments(float[] z, int zBase, int channels, int pixels, int lanes, double[] mean, double[] squares, int out) {
        float[] sums = SUMS.get();
        double n = (double) pixels * lanes;
        for (int c = 0; c < channels; c++) {
            int base = zBase + c * pixels * LANES;
            for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                sum(z, base + lane, pixels, sums, lane);
            }
            float center = (float) (tree(sums, 0, lanes) / n);
            for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                deviations(z, base + lane, pixels, center, sums, lane);
            }
            double e = tree(sums, LANES, lanes);
            double q = tree(sums, 16, lanes);
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

    private static void sum(float[] z, int base, int pixels, float[] sums, int lane) {
        FloatVector a0 = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 32) {
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

    /**
     * Calls no method of ours: C2 does not inline one into code that seldom runs, as loops over small maps and last pixels do, and
     * would box its vectors.
     */
    private static void deviations(float[] z, int base, int pixels, float center, float[] sums, int lane) {
        FloatVector m = FloatVector.broadcast(FLOATS, center);
        FloatVector e0 = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector e1 = e0;
        FloatVector e2 = e0;
        FloatVector e3 = e0;
        FloatVector q0 = e0;
        FloatVector q1 = e0;
        FloatVector q2 = e0;
        FloatVector q3 = e0;
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 32) {
            FloatVector d0 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at)).sub(m);
            FloatVector d1 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 8)).sub(m);
            FloatVector d2 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 16)).sub(m);
            FloatVector d3 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 24)).sub(m);
            e0 = EXACT.cast(e0).add(d0);
            e1 = EXACT.cast(e1).add(d1);
            e2 = EXACT.cast(e2).add(d2);
            e3 = EXACT.cast(e3).add(d3);
            q0 = FusedMultiply.FUSED ? d0.fma(d0, q0) : d0.mul(d0).add(q0);
            q1 = FusedMultiply.FUSED ? d1.fma(d1, q1) : d1.mul(d1).add(q1);
            q2 = FusedMultiply.FUSED ? d2.fma(d2, q2) : d2.mul(d2).add(q2);
            q3 = FusedMultiply.FUSED ? d3.fma(d3, q3) : d3.mul(d3).add(q3);
        }
        if (i < pixels) {
            FloatVector d = EXACT.cast(FloatVector.fromArray(FLOATS, z, at)).sub(m);
            e0 = EXACT.cast(e0).add(d);
            q0 = FusedMultiply.FUSED ? d.fma(d, q0) : d.mul(d).add(q0);
        }
        if (i + 1 < pixels) {
            FloatVector d = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 8)).sub(m);
            e1 = EXACT.cast(e1).add(d);
            q1 = FusedMultiply.FUSED ? d.fma(d, q1) : d.mul(d).add(q1);
        }
        if (i + 2 < pixels) {
            FloatVector d = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 16)).sub(m);
            e2 = EXACT.cast(e2).add(d);
            q2 = FusedMultiply.FUSED ? d.fma(d, q2) : d.mul(d).add(q2);
        }
        EXACT.cast(e0).add(e2).add(EXACT.cast(e1).add(e3)).intoArray(sums, LANES + lane);
        EXACT.cast(q0).add(q2).add(EXACT.cast(q1).add(q3)).intoArray(sums, 16 + lane);
    }

    @Override
    public void reduce(float[] du, int duBase, float[] z, int zBase, int channels, int pixels, int lanes, float[] mean, int coefficients,
            double[] sum, double[] product, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            int at = c * pixels * LANES;
            for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                gradientSums(du, duBase + at + lane, z, zBase + at + lane, pixels, mean[coefficients + c], sums, lane);
            }
            sum[out + c] = tree(sums, 0, lanes);
            product[out + c] = tree(sums, LANES, lanes);
        }
    }

    /** As {@link #deviations}. */
    private static void gradientSums(float[] du, int duBase, float[] z, int zBase, int pixels, float center, float[] sums, int lane) {
        FloatVector m = FloatVector.broadcast(FLOATS, center);
        FloatVector s0 = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector p0 = s0;
        FloatVector p1 = s0;
        FloatVector p2 = s0;
        FloatVector p3 = s0;
        int i = 0;
        int g = duBase;
        int at = zBase;
        for (; i + 4 <= pixels; i += 4, g += 32, at += 32) {
            FloatVector g0 = EXACT.cast(FloatVector.fromArray(FLOATS, du, g));
            FloatVector g1 = EXACT.cast(FloatVector.fromArray(FLOATS, du, g + 8));
            FloatVector g2 = EXACT.cast(FloatVector.fromArray(FLOATS, du, g + 16));
            FloatVector g3 = EXACT.cast(FloatVector.fromArray(FLOATS, du, g + 24));
            s0 = EXACT.cast(s0).add(g0);
            s1 = EXACT.cast(s1).add(g1);
            s2 = EXACT.cast(s2).add(g2);
            s3 = EXACT.cast(s3).add(g3);
            FloatVector d0 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at)).sub(m);
            p0 = FusedMultiply.FUSED ? g0.fma(d0, p0) : g0.mul(d0).add(p0);
            FloatVector d1 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 8)).sub(m);
            p1 = FusedMultiply.FUSED ? g1.fma(d1, p1) : g1.mul(d1).add(p1);
            FloatVector d2 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 16)).sub(m);
            p2 = FusedMultiply.FUSED ? g2.fma(d2, p2) : g2.mul(d2).add(p2);
            FloatVector d3 = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 24)).sub(m);
            p3 = FusedMultiply.FUSED ? g3.fma(d3, p3) : g3.mul(d3).add(p3);
        }
        if (i < pixels) {
            FloatVector g0 = EXACT.cast(FloatVector.fromArray(FLOATS, du, g));
            s0 = EXACT.cast(s0).add(g0);
            FloatVector d = EXACT.cast(FloatVector.fromArray(FLOATS, z, at)).sub(m);
            p0 = FusedMultiply.FUSED ? g0.fma(d, p0) : g0.mul(d).add(p0);
        }
        if (i + 1 < pixels) {
            FloatVector g1 = EXACT.cast(FloatVector.fromArray(FLOATS, du, g + 8));
            s1 = EXACT.cast(s1).add(g1);
            FloatVector d = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 8)).sub(m);
            p1 = FusedMultiply.FUSED ? g1.fma(d, p1) : g1.mul(d).add(p1);
        }
        if (i + 2 < pixels) {
            FloatVector g2 = EXACT.cast(FloatVector.fromArray(FLOATS, du, g + 16));
            s2 = EXACT.cast(s2).add(g2);
            FloatVector d = EXACT.cast(FloatVector.fromArray(FLOATS, z, at + 16)).sub(m);
            p2 = FusedMultiply.FUSED ? g2.fma(d, p2) : g2.mul(d).add(p2);
        }
        EXACT.cast(s0).add(s2).add(EXACT.cast(s1).add(s3)).intoArray(sums, lane);
        EXACT.cast(p0).add(p2).add(EXACT.cast(p1).add(p3)).intoArray(sums, LANES + lane);
    }

    @Override
    public void sums(float[] x, int base, int channel, int channels, int pixels, double[] sum, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                sum(x, base + c * channel + lane, pixels, sums, lane);
            }
            sum[out + c] = LaneTree.sum(sums, 0);
        }
    }

    @Override
    public void combine(float[] du, int duBase, float[] z, int zBase, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int channels, int rows, int columns, float[] a, float[] b, float[] c, int coefficients, int lanes) {
        boolean oneRow = yPitch == columns * yStep;
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int channel = 0; channel < channels; channel++) {
                for (int line = 0; line < lines; line++) {
                    int in = (channel * lines + line) * pixels * LANES + lane;
                    int out = yBase + lane + channel * yChannel + line * yPitch;
                    int k = coefficients + channel;
                    if (a == null) {
                        affine(du, duBase + in, LANES, y, out, yStep, pixels, 1, NOTHING, Float.NEGATIVE_INFINITY);
                    } else {
                        combineLine(du, duBase + in, z, zBase + in, y, out, yStep, pixels, a[k], b[k], c[k]);
                    }
                }
            }
        }
        if (lanes < LANES) {
            for (int channel = 0; channel < channels; channel++) {
                for (int line = 0; line < lines; line++) {
                    int out = yBase + channel * yChannel + line * yPitch;
                    for (int i = 0; i < pixels; i++, out += yStep) {
                        for (int lane = lanes; lane < LANES; lane++) {
                            y[out + lane] = 0;
                        }
                    }
                }
            }
        }
    }

    private static void combineLine(float[] du, int duAt, float[] z, int zAt, float[] y, int out, int yStep, int pixels, float a, float b,
            float c) {
        FloatVector va = EXACT.cast(FloatVector.broadcast(FLOATS, a));
        FloatVector vb = EXACT.cast(FloatVector.broadcast(FLOATS, b));
        FloatVector vc = FloatVector.broadcast(FLOATS, c);
        for (int i = 0; i < pixels; i++) {
            FloatVector value = FloatVector.fromArray(FLOATS, z, zAt + i * 8);
            FloatVector inner = FusedMultiply.FUSED ? vb.fma(value, vc) : vb.mul(value).add(vc);
            FloatVector gradient = FloatVector.fromArray(FLOATS, du, duAt + i * 8);
            FloatVector sum = FusedMultiply.FUSED ? va.fma(gradient, inner) : va.mul(gradient).add(inner);
            EXACT.cast(sum).intoArray(y, out + i * yStep);
        }
    }

    @Override
    public void maskInside(float[] v, int vBase, int vChannel, int vPitch, int vStep, float[] du, int duBase, int duChannel, int duPitch,
            int duStep, int channels, int rows, int columns, float lower, float upper) {
        boolean open = upper == Float.POSITIVE_INFINITY;
        boolean oneRow = vPitch == columns * vStep && duPitch == columns * duStep;
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                for (int line = 0; line < lines; line++) {
                    int in = vBase + lane + c * vChannel + line * vPitch;
                    int out = duBase + lane + c * duChannel + line * duPitch;
                    if (open) {
                        maskLine(v, in, vStep, du, out, duStep, pixels, lower);
                    } else {
                        maskLineBetween(v, in, vStep, du, out, duStep, pixels, lower, upper);
                    }
                }
            }
        }
    }

    private static void maskLine(float[] v, int in, int vStep, float[] du, int out, int duStep, int pixels, float lower) {
        FloatVector zero = EXACT.cast(FloatVector.zero(FLOATS));
        for (int i = 0, from = in, to = out; i < pixels; i++, from += vStep, to += duStep) {
            FloatVector g = FloatVector.fromArray(FLOATS, du, to);
            zero.blend(g, EXACT.cast(FloatVector.fromArray(FLOATS, v, from)).compare(VectorOperators.GT, lower)).intoArray(du, to);
        }
    }

    private static void maskLineBetween(float[] v, int in, int vStep, float[] du, int out, int duStep, int pixels, float lower,
            float upper) {
        FloatVector zero = EXACT.cast(FloatVector.zero(FLOATS));
        for (int i = 0, from = in, to = out; i < pixels; i++, from += vStep, to += duStep) {
            FloatVector g = FloatVector.fromArray(FLOATS, du, to);
            FloatVector value = EXACT.cast(FloatVector.fromArray(FLOATS, v, from));
            FloatVector above = EXACT.cast(zero.blend(g, value.compare(VectorOperators.GT, lower)));
            zero.blend(above, value.compare(VectorOperators.LT, upper)).intoArray(du, to);
        }
    }

    @Override
    public void add(float[] x, int xBase, float[] y, int yBase, int count) {
        for (int i = 0; i < count; i += Species.LENGTH) {
            FloatVector old = EXACT.cast(FloatVector.fromArray(FLOATS, y, yBase + i));
            old.add(FloatVector.fromArray(FLOATS, x, xBase + i)).intoArray(y, yBase + i);
        }
    }

    @Override
    public int largestMagnitude(float[] x, int from, int count) {
        int whole = count - count % (2 * Species.LENGTH);
        int largest = whole == 0 ? 0 : largestOfWhole(x, from, whole);
        for (int i = from + whole; i < from + count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(x[i]) & Integer.MAX_VALUE);
        }
        return largest;
    }

    private static int largestOfWhole(float[] x, int from, int count) {
        IntVector magnitude = INTS.cast(IntVector.broadcast(INT_SPECIES, Integer.MAX_VALUE));
        IntVector even = IntVector.zero(INT_SPECIES);
        IntVector odd = even;
        for (int i = from; i < from + count; i += 2 * Species.LENGTH) {
            even = INTS.cast(even).max(EXACT.cast(FloatVector.fromArray(FLOATS, x, i)).reinterpretAsInts().and(magnitude));
            odd = INTS.cast(odd).max(EXACT.cast(FloatVector.fromArray(FLOATS, x, i + Species.LENGTH)).reinterpretAsInts().and(magnitude));
        }
        return INTS.cast(INTS.cast(even).max(odd)).reduceLanes(VectorOperators.MAX);
    }
}
