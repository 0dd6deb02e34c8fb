package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;

/** The plain reference: one output row after the other, one term after the other, a pixel's eight lanes innermost. */
public final class ScalarConvolutionKernel implements ConvolutionKernel {
    @Override
    public void sparse(float[] x, int xBase, int xPitch, int[] segments, int rows, int blocks, boolean tilesFirst, int[] offsets,
            float[] values, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns,
            int from, int to,
            float[] scratch, int scratchBase) {
        for (int k = from; k < to; k++) {
            for (int p = 0; p < outputRows; p++) {
                int out = yBase + k * yChannel + p * yPitch;
                int in = xBase + p * xPitch;
                begin(start, k, y, out, yStep, outputColumns);
                for (int b = 0; b < blocks; b++) {
                    int end = segments[(b + 1) * rows + k];
                    for (int j = segments[b * rows + k]; j < end; j++) {
                        addRow(x, in + offsets[j], values[j], y, out, yStep, outputColumns);
                    }
                }
            }
        }
    }

    @Override
    public void dense(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start,
            float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        for (int k = from; k < to; k++) {
            int row = k - from;
            int pack = valuesBase + row / DENSE_ROWS * columns * DENSE_ROWS + row % DENSE_ROWS;
            for (int p = 0; p < outputRows; p++) {
                int out = yBase + k * yChannel + p * yPitch;
                int in = xBase + p * xPitch;
                begin(start, k, y, out, yStep, outputColumns);
                for (int j = 0; j < columns; j++) {
                    addRow(x, in + offsets[j], values[pack + j * DENSE_ROWS], y, out, yStep, outputColumns);
                }
            }
        }
    }

    @Override
    public void bitmask(float[] x, int xBase, int xPitch, int[] offsets, int columns, long[] bits, int[] rowStart, float[] values,
            float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        int words = (columns + 63) >> 6;
        for (int k = from; k < to; k++) {
            for (int p = 0; p < outputRows; p++) {
                int out = yBase + k * yChannel + p * yPitch;
                int in = xBase + p * xPitch;
                begin(start, k, y, out, yStep, outputColumns);
                int j = rowStart[k];
                for (int w = 0; w < words; w++) {
                    for (long word = bits[k * words + w]; word != 0; word &= word - 1) {
                        int column = (w << 6) + Long.numberOfTrailingZeros(word);
                        addRow(x, in + offsets[column], values[j++], y, out, yStep, outputColumns);
                    }
                }
            }
        }
    }

    private static void begin(float[] start, int k, float[] y, int out, int yStep, int pixels) {
        if (start == null) {
            return;
        }
        float value = start[k];
        for (int q = 0; q < pixels; q++) {
            for (int lane = 0; lane < LANES; lane++) {
                y[out + q * yStep + lane] = value;
            }
        }
    }

    private static void addRow(float[] x, int in, float weight, float[] y, int out, int yStep, int pixels) {
        for (int q = 0; q < pixels; q++) {
            int to = out + q * yStep;
            int at = in + q * LANES;
            for (int lane = 0; lane < LANES; lane++) {
                y[to + lane] = multiplyAdd(weight, x[at + lane], y[to + lane]);
            }
        }
    }
}
