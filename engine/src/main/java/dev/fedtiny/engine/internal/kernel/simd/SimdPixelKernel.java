package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * {@link PixelKernel} with vectors of neighbouring pixels. A row ends with a vector that reaches over its end, so that no mask is needed:
 * the zeros behind it, or the next row, are written after it. What would reach over the end of an array or a channel is done without
 * vectors: the last channel, and the last rows where a map fills its channel. Where a machine has no fused multiply-add, the scalar twin
 * runs.
 */
public final class SimdPixelKernel implements PixelKernel {
    /** Every second lane, twice over. */
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(FLOATS, i -> 2 * i % LENGTH);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(FLOATS, (1L << LENGTH) - (1L << LENGTH / 2));

    @Override
    public void planes(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yPitch,
            int before, int behind, int channels, int rows, int columns, ChannelFunction function, int first) {
        int reach = reach(xPitch, xStep, rows, columns);
        int gap = yPitch - columns;
        for (int c = 0; c < channels; c++) {
            int in = xBase + c * xChannel;
            int out = yBase + c * yChannel + before;
            clear(y, out - before, before);
            if (columns > 0 && xStep <= 2 && in + reach <= x.length) {
                vectors(x, in, xPitch, xStep, y, out, yPitch, columns, gap, rows, function, first + c);
            } else {
                for (int row = 0; row < rows; row++) {
                    pixels(x, in + row * xPitch, xStep, y, out + row * yPitch, columns, function, first + c);
                    clear(y, out + row * yPitch + columns, gap);
                }
            }
            clear(y, out + rows * yPitch, behind);
        }
    }

    @Override
    public void rows(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yFloats,
            int channels, int rows, int columns, ChannelFunction function, int first) {
        int reach = reach(xPitch, xStep, rows, columns);
        int written = rounded(columns);
        int whole = rows;
        while (whole > 0 && (whole - 1) * columns + written > yFloats) {
            whole--;
        }
        for (int c = 0; c < channels; c++) {
            int in = xBase + c * xChannel;
            int out = yBase + c * yChannel;
            int rest = 0;
            if (xStep <= 2 && in + reach <= x.length && whole > 0) {
                vectors(x, in, xPitch, xStep, y, out, columns, columns, 0, whole, function, first + c);
                rest = whole;
            }
            for (int row = rest; row < rows; row++) {
                pixels(x, in + row * xPitch, xStep, y, out + row * columns, columns, function, first + c);
            }
        }
    }

    /** Floats of whole vectors that hold a row. */
    private static int rounded(int columns) {
        return (columns + LENGTH - 1) / LENGTH * LENGTH;
    }

    /** Floats from the first that is read of a channel to behind the last. */
    private static int reach(int xPitch, int xStep, int rows, int columns) {
        return (rows - 1) * xPitch + xStep * rounded(columns);
    }

    /** Rows, each followed by a gap of zeros, in whole vectors. */
    private static void vectors(float[] x, int in, int xPitch, int xStep, float[] y, int out, int yPitch, int columns, int gap, int rows,
            ChannelFunction function, int channel) {
        if (columns <= LENGTH && gap <= LENGTH) {
            if (xStep == 1) {
                shortRows(x, in, xPitch, y, out, yPitch, columns, gap > 0, rows, function, channel);
            } else {
                shortSeconds(x, in, xPitch, y, out, yPitch, columns, gap > 0, rows, function, channel);
            }
            return;
        }
        for (int row = 0; row < rows; row++) {
            if (xStep == 1) {
                row(x, in + row * xPitch, y, out + row * yPitch, columns, function, channel);
            } else {
                seconds(x, in + row * xPitch, y, out + row * yPitch, columns, function, channel);
            }
            clear(y, out + row * yPitch + columns, gap);
        }
    }

    /** Rows of a vector each. */
    private static void shortRows(float[] x, int in, int xPitch, float[] y, int out, int yPitch, int columns, boolean gaps, int rows,
            ChannelFunction function, int channel) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, function.scales()[function.place(channel)]));
        FloatVector b = FloatVector.broadcast(FLOATS, function.shifts()[function.place(channel)]);
        FloatVector lower = FloatVector.broadcast(FLOATS, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS, function.upper());
        FloatVector zero = EXACT.cast(FloatVector.zero(FLOATS));
        for (int row = 0, from = in, to = out; row < rows; row++, from += xPitch, to += yPitch) {
            FloatVector v = EXACT.cast(a.fma(FloatVector.fromArray(FLOATS, x, from), b));
            v = EXACT.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
            v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, to);
            if (gaps) {
                zero.intoArray(y, to + columns);
            }
        }
    }

    /** The same of every second pixel. */
    private static void shortSeconds(float[] x, int in, int xPitch, float[] y, int out, int yPitch, int columns, boolean gaps, int rows,
            ChannelFunction function, int channel) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, function.scales()[function.place(channel)]));
        FloatVector b = FloatVector.broadcast(FLOATS, function.shifts()[function.place(channel)]);
        FloatVector lower = FloatVector.broadcast(FLOATS, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS, function.upper());
        FloatVector zero = EXACT.cast(FloatVector.zero(FLOATS));
        for (int row = 0, from = in, to = out; row < rows; row++, from += xPitch, to += yPitch) {
            FloatVector first = EXACT.cast(FloatVector.fromArray(FLOATS, x, from));
            FloatVector second = EXACT.cast(FloatVector.fromArray(FLOATS, x, from + LENGTH));
            FloatVector pixels = EXACT.cast(first.rearrange(EVEN)).blend(second.rearrange(EVEN), UPPER);
            FloatVector v = EXACT.cast(a.fma(pixels, b));
            v = EXACT.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
            v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, to);
            if (gaps) {
                zero.intoArray(y, to + columns);
            }
        }
    }

    private static void row(float[] x, int in, float[] y, int out, int columns, ChannelFunction function, int channel) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, function.scales()[function.place(channel)]));
        FloatVector b = FloatVector.broadcast(FLOATS, function.shifts()[function.place(channel)]);
        FloatVector lower = FloatVector.broadcast(FLOATS, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS, function.upper());
        for (int i = 0; i < columns; i += LENGTH) {
            FloatVector v = EXACT.cast(a.fma(FloatVector.fromArray(FLOATS, x, in + i), b));
            v = EXACT.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
            v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, out + i);
        }
    }

    private static void seconds(float[] x, int in, float[] y, int out, int columns, ChannelFunction function, int channel) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, function.scales()[function.place(channel)]));
        FloatVector b = FloatVector.broadcast(FLOATS, function.shifts()[function.place(channel)]);
        FloatVector lower = FloatVector.broadcast(FLOATS, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS, function.upper());
        for (int i = 0; i < columns; i += LENGTH) {
            FloatVector first = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + 2 * i));
            FloatVector second = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + 2 * i + LENGTH));
            FloatVector pixels = EXACT.cast(first.rearrange(EVEN)).blend(second.rearrange(EVEN), UPPER);
            FloatVector v = EXACT.cast(a.fma(pixels, b));
            v = EXACT.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
            v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, out + i);
        }
    }

    private static void pixels(float[] x, int in, int xStep, float[] y, int out, int columns, ChannelFunction function, int channel) {
        for (int i = 0; i < columns; i++) {
            y[out + i] = function.of(channel, x[in + i * xStep]);
        }
    }

    /** At least so many zeros, in whole vectors. */
    private static void clear(float[] y, int at, int count) {
        FloatVector zero = EXACT.cast(FloatVector.zero(FLOATS));
        for (int i = 0; i < count; i += LENGTH) {
            zero.intoArray(y, at + i);
        }
    }

    @Override
    public void finish(float[] y, int yBase, int yChannel, int channels, int floats, ChannelFunction function, int first) {
        DepthwisePixels.finish(Species512.PREFERRED, y, yBase, yChannel, channels, floats, function, first);
    }

    @Override
    public void windows(float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start,
            ChannelFunction function, float[] y, int yBase, int yChannel, int from, int to) {
        DepthwisePixels.run(Species512.PREFERRED, x, xBase, xChannel, multiplier, windows, values, start, function, y, yBase, yChannel,
                from, to);
    }

    @Override
    public void channelsToLanes(float[] x, int xBase, int xChannel, float[] y, int yBase, int channels, int pixels) {
        if (!Transpose8x8.POSSIBLE || channels < LANES) {
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < pixels; i++) {
                    y[yBase + i * LANES + c] = x[xBase + c * xChannel + i];
                }
            }
            return;
        }
        for (int i = 0; i < pixels; i += LANES) {
            Transpose8x8.square(x, xBase + i, xChannel, y, yBase + i * LANES, LANES);
        }
    }
}
