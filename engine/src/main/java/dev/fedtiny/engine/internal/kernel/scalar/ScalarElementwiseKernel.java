package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.LaneTree;

/** The plain reference of {@link ElementwiseKernel}. */
public final class ScalarElementwiseKernel implements ElementwiseKernel {
    /** Eight lane sums a thread: kernels allocate nothing. */
    private static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[LANES]);

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

    @Override
    public void sums(float[] x, int base, int channel, int channels, int pixels, double[] sum, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            sum(x, base + c * channel, pixels, sums);
            sum[out + c] = LaneTree.sum(sums, 0);
        }
    }

    @Override
    public void sumsOfRows(float[] x, int base, int channel, int pitch, int channels, int rows, int columns, double[] sum, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            for (int lane = 0; lane < LANES; lane++) {
                int at = base + c * channel + lane;
                sums[lane] = (sum(x, at, pitch, rows, columns, 0) + sum(x, at, pitch, rows, columns, 2))
                        + (sum(x, at, pitch, rows, columns, 1) + sum(x, at, pitch, rows, columns, 3));
            }
            sum[out + c] = LaneTree.sum(sums, 0);
        }
    }

    /** One accumulator: the pixels of a lane whose number, row by row, is one of {@code 0 … 3} mod 4. */
    private static float sum(float[] x, int base, int pitch, int rows, int columns, int accumulator) {
        float a = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = accumulator - row * columns & 3; column < columns; column += 4) {
                a += x[base + row * pitch + column * LANES];
            }
        }
        return a;
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
