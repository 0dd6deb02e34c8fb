package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.WinogradFilter;
import dev.fedtiny.engine.internal.kernel.WinogradKernel;

/** Plain loops, a tile's eight lanes one after the other. */
public final class ScalarWinogradKernel extends WinogradKernel {
    @Override
    protected void input(float[] x, int in, int pitch, int lanes, int tiles, float[] v, int out, int plane) {
        for (int tile = 0; tile < tiles; tile++) {
            for (int lane = 0; lane < lanes; lane++) {
                int at = in + 2 * tile * lanes + lane;
                int to = out + tile * lanes + lane;
                inputRow(x, at, at + 2 * pitch, -1, lanes, v, to, plane);
                inputRow(x, at + pitch, at + 2 * pitch, 1, lanes, v, to + 4 * plane, plane);
                inputRow(x, at + 2 * pitch, at + pitch, -1, lanes, v, to + 8 * plane, plane);
                inputRow(x, at + pitch, at + 3 * pitch, -1, lanes, v, to + 12 * plane, plane);
            }
        }
    }

    /** A row of Bᵀ·d, which adds or subtracts two rows of the window, times B. */
    private static void inputRow(float[] x, int first, int second, int sign, int step, float[] v, int to, int plane) {
        float a = x[first] + sign * x[second];
        float b = x[first + step] + sign * x[second + step];
        float c = x[first + 2 * step] + sign * x[second + 2 * step];
        float d = x[first + 3 * step] + sign * x[second + 3 * step];
        v[to] = a - c;
        v[to + plane] = b + c;
        v[to + 2 * plane] = c - b;
        v[to + 3 * plane] = b - d;
    }

    @Override
    protected void gradient(float[] dz, int in, int pitch, int lanes, int tiles, float[] v, int out, int plane) {
        for (int tile = 0; tile < tiles; tile++) {
            for (int lane = 0; lane < lanes; lane++) {
                int at = in + 2 * tile * lanes + lane;
                int to = out + tile * lanes + lane;
                float a = dz[at];
                float b = dz[at + lanes];
                float c = dz[at + pitch];
                float d = dz[at + pitch + lanes];
                gradientRow(a, b, v, to, plane);
                gradientRow(a + c, b + d, v, to + 4 * plane, plane);
                gradientRow(a - c, b - d, v, to + 8 * plane, plane);
                gradientRow(-c, -d, v, to + 12 * plane, plane);
            }
        }
    }

    private static void gradientRow(float a, float b, float[] v, int to, int plane) {
        v[to] = a;
        v[to + plane] = a + b;
        v[to + 2 * plane] = a - b;
        v[to + 3 * plane] = -b;
    }

    @Override
    public void filters(float[] filters, int at, int lanes, int plane) {
        for (int lane = 0; lane < lanes; lane++) {
            WinogradFilter.transform(filters, at + lane, plane);
        }
    }

    @Override
    public void taps(float[] gradients, int at, int lanes, int plane) {
        for (int lane = 0; lane < lanes; lane++) {
            WinogradFilter.gradient(gradients, at + lane, plane);
        }
    }

    @Override
    protected void products(float[] factors, int left, int leftStep, int steps, float[] scratch, int right, int rightStep, int old,
            int oldStep, int sums, int sumStep, int rows, int width) {
        for (int r = 0; r < rows; r++) {
            int sum = sums + r * sumStep;
            for (int i = 0; i < width; i++) {
                scratch[sum + i] = scratch[old + r * oldStep + (oldStep == 0 ? i % BLOCK : i)];
            }
            for (int s = 0; s < steps; s++) {
                float factor = factors[left + s * leftStep + r];
                for (int i = 0; i < width; i++) {
                    scratch[sum + i] = multiplyAdd(factor, scratch[right + s * rightStep + i], scratch[sum + i]);
                }
            }
        }
    }

    @Override
    protected void output(float[] m, int in, int plane, int tiles, float start, float[] y, int out, int yPitch, int yStep) {
        for (int tile = 0; tile < tiles; tile++) {
            for (int line = 0; line < 2; line++) {
                for (int lane = 0; lane < LANES; lane++) {
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
            for (int lane = 0; lane < LANES; lane++) {
                int from = in + LANES * tile + lane;
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
