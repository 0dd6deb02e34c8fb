package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;

import dev.fedtiny.engine.internal.kernel.WinogradKernel;

/** Plain loops, a tile's eight lanes one after the other. */
public final class ScalarWinogradKernel extends WinogradKernel {
    @Override
    protected void input(float[] x, int in, int pitch, int tiles, float[] v, int out, int plane) {
        for (int tile = 0; tile < tiles; tile++) {
            for (int lane = 0; lane < 8; lane++) {
                int at = in + 16 * tile + lane;
                int to = out + 8 * tile + lane;
                inputRow(x, at, at + 2 * pitch, -1, v, to, plane);
                inputRow(x, at + pitch, at + 2 * pitch, 1, v, to + 4 * plane, plane);
                inputRow(x, at + 2 * pitch, at + pitch, -1, v, to + 8 * plane, plane);
                inputRow(x, at + pitch, at + 3 * pitch, -1, v, to + 12 * plane, plane);
            }
        }
    }

    /** A row of Bᵀ·d, which adds or subtracts two rows of the window, times B. */
    private static void inputRow(float[] x, int first, int second, int sign, float[] v, int to, int plane) {
        float a = x[first] + sign * x[second];
        float b = x[first + 8] + sign * x[second + 8];
        float c = x[first + 16] + sign * x[second + 16];
        float d = x[first + 24] + sign * x[second + 24];
        v[to] = a - c;
        v[to + plane] = b + c;
        v[to + 2 * plane] = c - b;
        v[to + 3 * plane] = b - d;
    }

    @Override
    protected void multiply(float[] filters, int packs, int channels, float[] scratch, int in, int inPlane, int out, int outPlane,
            int stride, int tiles, int from, int to) {
        for (int point = 0; point < POINTS; point++) {
            for (int k = from; k < to; k++) {
                int filter = ((point * packs + k / PACK) * channels) * PACK + k % PACK;
                int sum = out + point * outPlane + k * stride * 8;
                for (int i = 0; i < 8 * tiles; i++) {
                    scratch[sum + i] = 0;
                }
                for (int c = 0; c < channels; c++) {
                    float weight = filters[filter + c * PACK];
                    int value = in + point * inPlane + c * stride * 8;
                    for (int i = 0; i < 8 * tiles; i++) {
                        scratch[sum + i] = multiplyAdd(weight, scratch[value + i], scratch[sum + i]);
                    }
                }
            }
        }
    }

    @Override
    protected void output(float[] m, int in, int plane, int tiles, float start, float[] y, int out, int yPitch, int yStep) {
        for (int tile = 0; tile < tiles; tile++) {
            for (int line = 0; line < 2; line++) {
                for (int lane = 0; lane < 8; lane++) {
                    int at = out + 2 * tile * yStep + line * yPitch + lane;
                    y[at] = start;
                    y[at + yStep] = start;
                }
            }
        }
        addOutput(m, in, plane, tiles, y, out, yPitch, yStep);
    }

    @Override
    protected void addOutput(float[] m, int in, int plane, int tiles, float[] y, int out, int yPitch, int yStep) {
        for (int tile = 0; tile < tiles; tile++) {
            for (int lane = 0; lane < 8; lane++) {
                int from = in + 8 * tile + lane;
                int at = out + 2 * tile * yStep + lane;
                addRow(upper(m, from, plane), upper(m, from + plane, plane), upper(m, from + 2 * plane, plane),
                        upper(m, from + 3 * plane, plane), y, at, yStep);
                addRow(lower(m, from, plane), lower(m, from + plane, plane), lower(m, from + 2 * plane, plane),
                        lower(m, from + 3 * plane, plane), y, at + yPitch, yStep);
            }
        }
    }

    private static float upper(float[] m, int at, int plane) {
        return m[at] + m[at + 4 * plane] + m[at + 8 * plane];
    }

    private static float lower(float[] m, int at, int plane) {
        return m[at + 4 * plane] - m[at + 8 * plane] - m[at + 12 * plane];
    }

    private static void addRow(float a, float b, float c, float d, float[] y, int at, int yStep) {
        y[at] += a + b + c;
        y[at + yStep] += b - c - d;
    }
}
