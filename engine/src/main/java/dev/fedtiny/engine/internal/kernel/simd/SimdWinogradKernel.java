package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.WinogradKernel;
import jdk.incubator.vector.FloatVector;

/** The transforms on vectors of {@link Species}; products in a class for each width. */
public final class SimdWinogradKernel extends WinogradKernel {
    @Override
    protected void input(float[] x, int in, int pitch, int lanes, int tiles, float[] v, int out, int plane) {
        if (lanes > LANES) {
            for (int tile = 0; tile < tiles; tile++) {
                WideWindows.input(x, in + 2 * tile * lanes, pitch, lanes, v, out + tile * lanes, plane);
            }
            return;
        }
        for (int lane = 0; lane < lanes; lane += Species.LENGTH) {
            inputLanes(x, in + lane, pitch, lanes, tiles, v, out + lane, plane);
        }
    }

    /** Neighbouring windows share two columns of Bᵀ·d, which stay in registers. */
    private static void inputLanes(float[] x, int in, int pitch, int step, int tiles, float[] v, int out, int plane) {
        FloatVector aIn0 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in));
        FloatVector aIn1 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + pitch));
        FloatVector aIn2 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + 2 * pitch));
        FloatVector aIn3 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + 3 * pitch));
        FloatVector a0 = aIn0.sub(aIn2);
        FloatVector a1 = aIn1.add(aIn2);
        FloatVector a2 = aIn2.sub(aIn1);
        FloatVector a3 = aIn1.sub(aIn3);
        FloatVector bIn0 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + step));
        FloatVector bIn1 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + step + pitch));
        FloatVector bIn2 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + step + 2 * pitch));
        FloatVector bIn3 = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + step + 3 * pitch));
        FloatVector b0 = bIn0.sub(bIn2);
        FloatVector b1 = bIn1.add(bIn2);
        FloatVector b2 = bIn2.sub(bIn1);
        FloatVector b3 = bIn1.sub(bIn3);
        for (int tile = 0; tile < tiles; tile++) {
            int at = in + 2 * (tile + 1) * step;
            int to = out + tile * step;
            FloatVector cIn0 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at));
            FloatVector cIn1 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + pitch));
            FloatVector cIn2 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 2 * pitch));
            FloatVector cIn3 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + 3 * pitch));
            FloatVector c0 = cIn0.sub(cIn2);
            FloatVector c1 = cIn1.add(cIn2);
            FloatVector c2 = cIn2.sub(cIn1);
            FloatVector c3 = cIn1.sub(cIn3);
            FloatVector dIn0 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + step));
            FloatVector dIn1 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + step + pitch));
            FloatVector dIn2 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + step + 2 * pitch));
            FloatVector dIn3 = EXACT.cast(FloatVector.fromArray(FLOATS, x, at + step + 3 * pitch));
            FloatVector d0 = dIn0.sub(dIn2);
            FloatVector d1 = dIn1.add(dIn2);
            FloatVector d2 = dIn2.sub(dIn1);
            FloatVector d3 = dIn1.sub(dIn3);
            EXACT.cast(EXACT.cast(a0).sub(c0)).intoArray(v, to);
            EXACT.cast(EXACT.cast(b0).add(c0)).intoArray(v, to + plane);
            EXACT.cast(EXACT.cast(c0).sub(b0)).intoArray(v, to + 2 * plane);
            EXACT.cast(EXACT.cast(b0).sub(d0)).intoArray(v, to + 3 * plane);
            EXACT.cast(EXACT.cast(a1).sub(c1)).intoArray(v, to + 4 * plane);
            EXACT.cast(EXACT.cast(b1).add(c1)).intoArray(v, to + 5 * plane);
            EXACT.cast(EXACT.cast(c1).sub(b1)).intoArray(v, to + 6 * plane);
            EXACT.cast(EXACT.cast(b1).sub(d1)).intoArray(v, to + 7 * plane);
            EXACT.cast(EXACT.cast(a2).sub(c2)).intoArray(v, to + 8 * plane);
            EXACT.cast(EXACT.cast(b2).add(c2)).intoArray(v, to + 9 * plane);
            EXACT.cast(EXACT.cast(c2).sub(b2)).intoArray(v, to + 10 * plane);
            EXACT.cast(EXACT.cast(b2).sub(d2)).intoArray(v, to + 11 * plane);
            EXACT.cast(EXACT.cast(a3).sub(c3)).intoArray(v, to + 12 * plane);
            EXACT.cast(EXACT.cast(b3).add(c3)).intoArray(v, to + 13 * plane);
            EXACT.cast(EXACT.cast(c3).sub(b3)).intoArray(v, to + 14 * plane);
            EXACT.cast(EXACT.cast(b3).sub(d3)).intoArray(v, to + 15 * plane);
            a0 = c0;
            b0 = d0;
            a1 = c1;
            b1 = d1;
            a2 = c2;
            b2 = d2;
            a3 = c3;
            b3 = d3;
        }
    }

    @Override
    protected void gradient(float[] dz, int in, int pitch, int lanes, int tiles, float[] v, int out, int plane) {
        for (int tile = 0; tile < tiles; tile++) {
            WideWindows.gradient(dz, in + 2 * tile * lanes, pitch, lanes, v, out + tile * lanes, plane);
        }
    }

    @Override
    public void filters(float[] filters, int at, int lanes, int plane) {
        FilterLanes.filters(filters, at, lanes, plane);
    }

    @Override
    public void taps(float[] gradients, int at, int lanes, int plane) {
        FilterLanes.taps(gradients, at, lanes, plane);
    }

    @Override
    public void square(float[] from, int at, int step, float[] to, int out, int outStep) {
        if (Transpose8x8.POSSIBLE) {
            Transpose8x8.square(from, at, step, to, out, outStep);
        } else {
            super.square(from, at, step, to, out, outStep);
        }
    }

    @Override
    protected void products(float[] factors, int left, int leftStep, int steps, float[] scratch, int right, int rightStep, int old,
            int oldStep, int sums, int sumStep, int rows, int width) {
        for (int i = 0; i < width; i += BLOCK) {
            for (int r = 0; r < rows; r += PACK) {
                int first = oldStep == 0 ? old : old + r * oldStep + i;
                if (Species512.PREFERRED) {
                    WinogradProducts512.block(factors, left + r, leftStep, steps, scratch, right + i, rightStep, first, oldStep,
                            sums + r * sumStep + i, sumStep);
                } else {
                    WinogradProducts.block(factors, left + r, leftStep, steps, scratch, right + i, rightStep, first, oldStep,
                            sums + r * sumStep + i, sumStep);
                }
            }
        }
    }

    @Override
    protected void output(float[] m, int in, int plane, int tiles, float start, float[] y, int out, int yPitch, int yStep) {
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            outputLanes(m, in + lane, plane, tiles, start, y, out + lane, yPitch, yStep);
        }
    }

    private static void outputLanes(float[] m, int in, int plane, int tiles, float start, float[] y, int out, int yPitch, int yStep) {
        FloatVector first = EXACT.cast(FloatVector.broadcast(FLOATS, start));
        for (int tile = 0; tile < tiles; tile++) {
            int from = in + LANES * tile;
            int at = out + 2 * tile * yStep;
            FloatVector m00 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from));
            FloatVector m10 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 4 * plane));
            FloatVector m20 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 8 * plane));
            FloatVector m30 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 12 * plane));
            FloatVector u0 = m00.add(m10).add(m20);
            FloatVector l0 = m10.sub(m20).sub(m30);
            FloatVector m01 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + plane));
            FloatVector m11 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 5 * plane));
            FloatVector m21 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 9 * plane));
            FloatVector m31 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 13 * plane));
            FloatVector u1 = m01.add(m11).add(m21);
            FloatVector l1 = m11.sub(m21).sub(m31);
            FloatVector m02 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 2 * plane));
            FloatVector m12 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 6 * plane));
            FloatVector m22 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 10 * plane));
            FloatVector m32 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 14 * plane));
            FloatVector u2 = m02.add(m12).add(m22);
            FloatVector l2 = m12.sub(m22).sub(m32);
            FloatVector m03 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 3 * plane));
            FloatVector m13 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 7 * plane));
            FloatVector m23 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 11 * plane));
            FloatVector m33 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 15 * plane));
            FloatVector u3 = m03.add(m13).add(m23);
            FloatVector l3 = m13.sub(m23).sub(m33);
            first.add(u0.add(u1).add(u2)).intoArray(y, at);
            first.add(u1.sub(u2).sub(u3)).intoArray(y, at + yStep);
            first.add(l0.add(l1).add(l2)).intoArray(y, at + yPitch);
            first.add(l1.sub(l2).sub(l3)).intoArray(y, at + yPitch + yStep);
        }
    }

    @Override
    protected void addOutput(float[] m, int in, int plane, int tiles, float[] y, int out, int yPitch, int yStep) {
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            addOutputLanes(m, in + lane, plane, tiles, y, out + lane, yPitch, yStep);
        }
    }

    private static void addOutputLanes(float[] m, int in, int plane, int tiles, float[] y, int out, int yPitch, int yStep) {
        for (int tile = 0; tile < tiles; tile++) {
            int from = in + LANES * tile;
            int at = out + 2 * tile * yStep;
            FloatVector m00 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from));
            FloatVector m10 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 4 * plane));
            FloatVector m20 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 8 * plane));
            FloatVector m30 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 12 * plane));
            FloatVector u0 = m00.add(m10).add(m20);
            FloatVector l0 = m10.sub(m20).sub(m30);
            FloatVector m01 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + plane));
            FloatVector m11 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 5 * plane));
            FloatVector m21 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 9 * plane));
            FloatVector m31 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 13 * plane));
            FloatVector u1 = m01.add(m11).add(m21);
            FloatVector l1 = m11.sub(m21).sub(m31);
            FloatVector m02 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 2 * plane));
            FloatVector m12 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 6 * plane));
            FloatVector m22 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 10 * plane));
            FloatVector m32 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 14 * plane));
            FloatVector u2 = m02.add(m12).add(m22);
            FloatVector l2 = m12.sub(m22).sub(m32);
            FloatVector m03 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 3 * plane));
            FloatVector m13 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 7 * plane));
            FloatVector m23 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 11 * plane));
            FloatVector m33 = EXACT.cast(FloatVector.fromArray(FLOATS, m, from + 15 * plane));
            FloatVector u3 = m03.add(m13).add(m23);
            FloatVector l3 = m13.sub(m23).sub(m33);
            EXACT.cast(FloatVector.fromArray(FLOATS, y, at)).add(u0.add(u1).add(u2)).intoArray(y, at);
            EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep)).add(u1.sub(u2).sub(u3)).intoArray(y, at + yStep);
            EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch)).add(l0.add(l1).add(l2)).intoArray(y, at + yPitch);
            EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch + yStep)).add(l1.sub(l2).sub(l3)).intoArray(y, at + yPitch + yStep);
        }
    }
}
