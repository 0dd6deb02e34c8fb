package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import java.util.Arrays;

/** {@link PixelKernel} in plain loops. */
public final class ScalarPixelKernel implements PixelKernel {
    @Override
    public void planes(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yPitch,
            int before, int behind, int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, float lower,
            float upper) {
        for (int c = 0; c < channels; c++) {
            int plane = yBase + c * yChannel;
            int out = plane + before;
            Arrays.fill(y, plane, out, 0);
            for (int row = 0; row < rows; row++, out += yPitch) {
                row(x, xBase + c * xChannel + row * xPitch, xStep, y, out, columns, scale, shift, coefficients + c, lower, upper);
                Arrays.fill(y, out + columns, out + yPitch, 0);
            }
            Arrays.fill(y, out, out + behind, 0);
        }
    }

    @Override
    public void rows(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yFloats,
            int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, float lower, float upper) {
        for (int c = 0; c < channels; c++) {
            for (int row = 0; row < rows; row++) {
                row(x, xBase + c * xChannel + row * xPitch, xStep, y, yBase + c * yChannel + row * columns, columns, scale, shift,
                        coefficients + c, lower, upper);
            }
        }
    }

    private static void row(float[] x, int in, int xStep, float[] y, int out, int columns, float[] scale, float[] shift, int channel,
            float lower, float upper) {
        for (int column = 0; column < columns; column++) {
            float v = x[in + column * xStep];
            if (scale != null) {
                v = multiplyAdd(scale[channel], v, shift[channel]);
            }
            y[out + column] = v < lower ? lower : v > upper ? upper : v;
        }
    }

    @Override
    public void windows(float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start, float[] y,
            int yBase, int yChannel, int from, int to) {
        for (int k = from; k < to; k++) {
            windows.compute(x, xBase + k / multiplier * xChannel, values, k * windows.taps(), start[k], y, yBase + k * yChannel, 0,
                    windows.vectors());
        }
    }

    @Override
    public void channelsToLanes(float[] x, int xBase, int xChannel, float[] y, int yBase, int channels, int pixels) {
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < pixels; i++) {
                y[yBase + i * LANES + c] = x[xBase + c * xChannel + i];
            }
        }
    }
}
