package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.FusedMultiply.multiplyAdd;
import static dev.fedtiny.engine.internal.kernel.PixelWindows.TOGETHER;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import java.util.Arrays;

/** {@link PixelKernel} in plain loops. */
public final class ScalarPixelKernel implements PixelKernel {
    @Override
    public void planes(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yPitch,
            int before, int behind, int channels, int rows, int columns, ChannelFunction function, int first) {
        for (int c = 0; c < channels; c++) {
            int plane = yBase + c * yChannel;
            int out = plane + before;
            Arrays.fill(y, plane, out, 0);
            for (int row = 0; row < rows; row++, out += yPitch) {
                row(x, xBase + c * xChannel + row * xPitch, xStep, y, out, columns, function, first + c);
                Arrays.fill(y, out + columns, out + yPitch, 0);
            }
            Arrays.fill(y, out, out + behind, 0);
        }
    }

    @Override
    public void rows(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yFloats,
            int channels, int rows, int columns, ChannelFunction function, int first) {
        for (int c = 0; c < channels; c++) {
            for (int row = 0; row < rows; row++) {
                row(x, xBase + c * xChannel + row * xPitch, xStep, y, yBase + c * yChannel + row * columns, columns, function,
                        first + c);
            }
        }
    }

    private static void row(float[] x, int in, int xStep, float[] y, int out, int columns, ChannelFunction function, int channel) {
        float scale = function.scales()[function.place(channel)];
        float shift = function.shifts()[function.place(channel)];
        float lower = function.lower();
        float upper = function.upper();
        for (int column = 0; column < columns; column++) {
            float v = multiplyAdd(scale, x[in + column * xStep], shift);
            y[out + column] = v < lower ? lower : v > upper ? upper : v;
        }
    }

    @Override
    public void finish(float[] y, int yBase, int yChannel, int channels, int floats, ChannelFunction function, int first) {
        for (int c = 0; c < channels; c++) {
            row(y, yBase + c * yChannel, 1, y, yBase + c * yChannel, floats, function, first + c);
        }
    }

    @Override
    public void windows(float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start,
            ChannelFunction function, float[] y, int yBase, int yChannel, int from, int to) {
        for (int k = from; k < to; k++) {
            int in = xBase + k / multiplier * xChannel;
            for (int i = 0; i < windows.vectors() * TOGETHER; i++) {
                int place = windows.places()[i / TOGETHER] + i % TOGETHER;
                y[yBase + k * yChannel + i] = function.of(k, windows.sum(x, in, place, values, k * windows.taps(), start[k]));
            }
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
