package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.DepthwiseKernel;

/** The plain reference: one pixel after the other, one term after the other. */
public final class ScalarDepthwiseKernel implements DepthwiseKernel {
    @Override
    public void planes(float[] x, int xBase, int xPitch, int[] segments, int rows, int[] offsets, float[] values, float[] start, float[] y,
            int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        for (int k = from; k < to; k++) {
            for (int p = 0; p < outputRows; p++) {
                for (int q = 0; q < outputColumns; q++) {
                    int in = xBase + p * xPitch + LANES * q;
                    int out = yBase + k * yChannel + p * yPitch + q * yStep;
                    for (int lane = 0; lane < LANES; lane++) {
                        float sum = start == null ? y[out + lane] : start[k];
                        for (int j = segments[k]; j < segments[rows + k]; j++) {
                            sum = multiplyAdd(values[j], x[in + offsets[j] + lane], sum);
                        }
                        y[out + lane] = sum;
                    }
                }
            }
        }
    }

    @Override
    public void gradients(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int[] offsets, float[] accumulators, int accumulatorsBase, int from, int to) {
        for (int k = from; k < to; k++) {
            for (int p = 0; p < outputRows; p++) {
                for (int q = 0; q < outputColumns; q++) {
                    int in = xBase + p * xPitch + LANES * q;
                    int out = dzBase + k * dzChannel + p * dzPitch + LANES * q;
                    for (int j = segments[k]; j < segments[rows + k]; j++) {
                        int at = accumulatorsBase + LANES * j;
                        for (int lane = 0; lane < LANES; lane++) {
                            accumulators[at + lane] = multiplyAdd(x[in + offsets[j] + lane], dz[out + lane], accumulators[at + lane]);
                        }
                    }
                }
            }
        }
    }
}
