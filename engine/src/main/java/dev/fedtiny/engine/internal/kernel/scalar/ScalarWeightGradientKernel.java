package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.LaneTree;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;

/** The plain reference: one weight after the other, pixels in order, a pixel's eight lanes innermost. */
public final class ScalarWeightGradientKernel implements WeightGradientKernel {
    @Override
    public void sparse(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int blocks, int[] offsets, float[] accumulators, int accumulatorsBase, int from,
            int to) {
        int at = accumulatorsBase;
        for (int b = 0; b < blocks; b++) {
            for (int k = from; k < to; k++) {
                int end = segments[(b + 1) * rows + k];
                for (int j = segments[b * rows + k]; j < end; j++, at += LANES) {
                    addGroup(x, xBase + offsets[j], xPitch, dz, dzBase + k * dzChannel, dzPitch, outputRows, outputColumns, accumulators,
                            at);
                }
            }
        }
    }

    @Override
    public void bitmask(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] offsets, int columns, long[] bits, int[] rowStart, float[] accumulators, int accumulatorsBase,
            int from, int to) {
        int words = (columns + 63) >> 6;
        int at = accumulatorsBase;
        for (int k = from; k < to; k++) {
            for (int w = 0; w < words; w++) {
                for (long word = bits[k * words + w]; word != 0; word &= word - 1, at += LANES) {
                    int column = (w << 6) + Long.numberOfTrailingZeros(word);
                    addGroup(x, xBase + offsets[column], xPitch, dz, dzBase + k * dzChannel, dzPitch, outputRows, outputColumns,
                            accumulators, at);
                }
            }
        }
    }

    @Override
    public void join(float[] accumulators, int at, float[] gradient, int from, int to) {
        for (int j = from; j < to; j++) {
            gradient[j] = LaneTree.sum(accumulators, at + LANES * (j - from));
        }
    }

    @Override
    public void dense(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
            int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase,
            float[] lanes, int lanesBase, int from, int to) {
        for (int k = from; k < to; k++) {
            for (int j = 0; j < columns; j++) {
                float a0 = 0;
                float a1 = 0;
                float a2 = 0;
                float a3 = 0;
                float a4 = 0;
                float a5 = 0;
                float a6 = 0;
                float a7 = 0;
                for (int g = 0; g < groups; g++) {
                    for (int p = 0; p < outputRows; p++) {
                        int in = xBase + g * xGroup + p * xPitch + offsets[j];
                        int out = dzBase + g * dzGroup + k * dzChannel + p * dzPitch;
                        for (int q = 0; q < outputColumns; q++, in += LANES, out += LANES) {
                            a0 = multiplyAdd(x[in], dz[out], a0);
                            a1 = multiplyAdd(x[in + 1], dz[out + 1], a1);
                            a2 = multiplyAdd(x[in + 2], dz[out + 2], a2);
                            a3 = multiplyAdd(x[in + 3], dz[out + 3], a3);
                            a4 = multiplyAdd(x[in + 4], dz[out + 4], a4);
                            a5 = multiplyAdd(x[in + 5], dz[out + 5], a5);
                            a6 = multiplyAdd(x[in + 6], dz[out + 6], a6);
                            a7 = multiplyAdd(x[in + 7], dz[out + 7], a7);
                        }
                    }
                }
                gradient[gradientBase + (k - from) * columns + j] = LaneTree.join(a0, a1, a2, a3, a4, a5, a6, a7);
            }
        }
    }

    private static void addGroup(float[] x, int in, int xPitch, float[] dz, int out, int dzPitch, int rows, int columns,
            float[] accumulators, int at) {
        for (int p = 0; p < rows; p++) {
            int xRow = in + p * xPitch;
            int dzRow = out + p * dzPitch;
            for (int q = 0; q < columns; q++) {
                for (int lane = 0; lane < LANES; lane++) {
                    accumulators[at + lane] =
                            multiplyAdd(x[xRow + q * LANES + lane], dz[dzRow + q * LANES + lane], accumulators[at + lane]);
                }
            }
        }
    }
}
