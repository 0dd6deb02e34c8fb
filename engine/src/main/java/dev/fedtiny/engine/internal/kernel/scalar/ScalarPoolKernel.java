package dev.fedtiny.engine.internal.kernel.scalar;

import dev.fedtiny.engine.internal.kernel.PoolKernel;

/** The plain reference of {@link PoolKernel}. */
public final class ScalarPoolKernel implements PoolKernel {
    private static final int LANES = 8;

    @Override
    public void maxForward(float[] x, int xBase, int channels, int height, int width, int window, int stride, float[] y, int yBase,
            int outputHeight, int outputWidth) {
        int out = yBase;
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < outputHeight; p++) {
                for (int q = 0; q < outputWidth; q++, out += LANES) {
                    int corner = xBase + ((c * height + p * stride) * width + q * stride) * LANES;
                    for (int lane = 0; lane < LANES; lane++) {
                        y[out + lane] = x[corner + place(x, corner + lane, width, window) + lane];
                    }
                }
            }
        }
    }

    /** Distance of a window's first largest value, or its last NaN, from its corner. */
    private static int place(float[] x, int corner, int width, int window) {
        int best = 0;
        for (int r = 0; r < window; r++) {
            for (int s = 0; s < window; s++) {
                int at = (r * width + s) * LANES;
                float v = x[corner + at];
                if (v > x[corner + best] || v != v) {
                    best = at;
                }
            }
        }
        return best;
    }

    @Override
    public void maxBackward(float[] x, int xBase, int channels, int height, int width, int window, int stride, float[] dy, int dyBase,
            int outputHeight, int outputWidth, float[] dx, int dxBase) {
        int in = dyBase;
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < outputHeight; p++) {
                for (int q = 0; q < outputWidth; q++, in += LANES) {
                    int corner = ((c * height + p * stride) * width + q * stride) * LANES;
                    for (int lane = 0; lane < LANES; lane++) {
                        int best = place(x, xBase + corner + lane, width, window);
                        for (int r = 0; r < window; r++) {
                            for (int s = 0; s < window; s++) {
                                int at = (r * width + s) * LANES;
                                dx[dxBase + corner + at + lane] += at == best ? dy[in + lane] : 0;
                            }
                        }
                    }
                }
            }
        }
    }

    @Override
    public void averageForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
        for (int c = 0; c < channels; c++) {
            for (int lane = 0; lane < LANES; lane++) {
                y[yBase + c * LANES + lane] = sum(x, xBase + c * pixels * LANES + lane, pixels) / pixels;
            }
        }
    }

    /** One lane over the pixels: four accumulators, joined (0 + 2) + (1 + 3). */
    private static float sum(float[] x, int base, int pixels) {
        float a0 = 0;
        float a1 = 0;
        float a2 = 0;
        float a3 = 0;
        for (int i = 0; i < pixels; i++) {
            float v = x[base + i * LANES];
            switch (i & 3) {
                case 0 -> a0 += v;
                case 1 -> a1 += v;
                case 2 -> a2 += v;
                default -> a3 += v;
            }
        }
        return (a0 + a2) + (a1 + a3);
    }

    @Override
    public void averageBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < pixels; i++) {
                for (int lane = 0; lane < LANES; lane++) {
                    float share = dy[dyBase + c * LANES + lane] / pixels;
                    int at = dxBase + (c * pixels + i) * LANES + lane;
                    dx[at] = add ? dx[at] + share : share;
                }
            }
        }
    }

    @Override
    public void repeatForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < pixels; i++) {
                System.arraycopy(x, xBase + c * LANES, y, yBase + (c * pixels + i) * LANES, LANES);
            }
        }
    }

    @Override
    public void repeatBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
        for (int c = 0; c < channels; c++) {
            for (int lane = 0; lane < LANES; lane++) {
                float sum = sum(dy, dyBase + c * pixels * LANES + lane, pixels);
                int at = dxBase + c * LANES + lane;
                dx[at] = add ? dx[at] + sum : sum;
            }
        }
    }
}
