package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;

import dev.fedtiny.engine.internal.kernel.PoolKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link PoolKernel} on vectors: a lane is an image, so every lane picks its own maximum. */
public final class SimdPoolKernel implements PoolKernel {
    @Override
    public void maxForward(float[] x, int xBase, int channels, int height, int width, int window, int stride, float[] y, int yBase,
            int outputHeight, int outputWidth) {
        for (int lane = 0; lane < 8; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < outputHeight; p++) {
                    maxRow(x, xBase + lane + (c * height + p * stride) * width * 8, width, window, stride, y,
                            yBase + lane + (c * outputHeight + p) * outputWidth * 8, outputWidth);
                }
            }
        }
    }

    private static void maxRow(float[] x, int in, int width, int window, int stride, float[] y, int out, int outputWidth) {
        for (int q = 0; q < outputWidth; q++) {
            int corner = in + q * stride * 8;
            FloatVector best = EXACT.cast(FloatVector.fromArray(FLOATS, x, corner));
            for (int r = 0; r < window; r++) {
                for (int s = 0; s < window; s++) {
                    FloatVector v = FloatVector.fromArray(FLOATS, x, corner + (r * width + s) * 8);
                    best = EXACT.cast(best).blend(v, replaces(v, best));
                }
            }
            EXACT.cast(best).intoArray(y, out + q * 8);
        }
    }

    /** Where v is larger than the best so far, or NaN: the only value that differs from itself. */
    private static VectorMask<Float> replaces(FloatVector v, FloatVector best) {
        return v.compare(VectorOperators.GT, best).or(v.compare(VectorOperators.NE, v));
    }

    @Override
    public void maxBackward(float[] x, int xBase, int channels, int height, int width, int window, int stride, float[] dy, int dyBase,
            int outputHeight, int outputWidth, float[] dx, int dxBase) {
        for (int lane = 0; lane < 8; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < outputHeight; p++) {
                    int corner = lane + (c * height + p * stride) * width * 8;
                    maxBackwardRow(x, xBase + corner, width, window, stride, dy, dyBase + lane + (c * outputHeight + p) * outputWidth * 8,
                            outputWidth, dx, dxBase + corner);
                }
            }
        }
    }

    private static void maxBackwardRow(float[] x, int in, int width, int window, int stride, float[] dy, int dyAt, int outputWidth,
            float[] dx, int dxAt) {
        for (int q = 0; q < outputWidth; q++) {
            int corner = q * stride * 8;
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + q * 8);
            FloatVector best = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + corner));
            FloatVector place = EXACT.cast(FloatVector.zero(FLOATS));
            for (int t = 1; t < window * window; t++) {
                FloatVector v = FloatVector.fromArray(FLOATS, x, in + corner + (t / window * width + t % window) * 8);
                VectorMask<Float> larger = replaces(v, best);
                best = EXACT.cast(best).blend(v, larger);
                place = EXACT.cast(place).blend((float) t, larger);
            }
            for (int t = 0; t < window * window; t++) {
                int at = dxAt + corner + (t / window * width + t % window) * 8;
                FloatVector share = EXACT.cast(FloatVector.zero(FLOATS)).blend(g, EXACT.cast(place).compare(VectorOperators.EQ, (float) t));
                EXACT.cast(FloatVector.fromArray(FLOATS, dx, at)).add(share).intoArray(dx, at);
            }
        }
    }

    @Override
    public void averageForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
        for (int lane = 0; lane < 8; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                sum(x, xBase + lane + c * pixels * 8, pixels, y, yBase + lane + c * 8, false);
                EXACT.cast(FloatVector.fromArray(FLOATS, y, yBase + lane + c * 8)).div((float) pixels).intoArray(y, yBase + lane + c * 8);
            }
        }
    }

    /** One channel's sum over its pixels: four accumulators, joined (0 + 2) + (1 + 3). */
    private static void sum(float[] x, int base, int pixels, float[] y, int out, boolean add) {
        FloatVector a0 = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 32) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, x, at));
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, x, at + 8));
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, x, at + 16));
            a3 = EXACT.cast(a3).add(FloatVector.fromArray(FLOATS, x, at + 24));
        }
        if (i < pixels) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, x, at));
        }
        if (i + 1 < pixels) {
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, x, at + 8));
        }
        if (i + 2 < pixels) {
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, x, at + 16));
        }
        FloatVector total = EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3));
        if (add) {
            total = EXACT.cast(FloatVector.fromArray(FLOATS, y, out)).add(total);
        }
        EXACT.cast(total).intoArray(y, out);
    }

    @Override
    public void averageBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
        for (int lane = 0; lane < 8; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                spread(dy, dyBase + lane + c * 8, (float) pixels, pixels, dx, dxBase + lane + c * pixels * 8, add);
            }
        }
    }

    /** One channel's vector over all its pixels, divided. */
    private static void spread(float[] dy, int at, float divisor, int pixels, float[] dx, int out, boolean add) {
        FloatVector share = EXACT.cast(FloatVector.fromArray(FLOATS, dy, at)).div(divisor);
        for (int i = 0; i < pixels; i++) {
            FloatVector v = add ? EXACT.cast(FloatVector.fromArray(FLOATS, dx, out + i * 8)).add(share) : share;
            EXACT.cast(v).intoArray(dx, out + i * 8);
        }
    }

    @Override
    public void repeatForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
        for (int lane = 0; lane < 8; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                spread(x, xBase + lane + c * 8, 1f, pixels, y, yBase + lane + c * pixels * 8, false);
            }
        }
    }

    @Override
    public void repeatBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
        for (int lane = 0; lane < 8; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                sum(dy, dyBase + lane + c * pixels * 8, pixels, dx, dxBase + lane + c * 8, add);
            }
        }
    }
}
