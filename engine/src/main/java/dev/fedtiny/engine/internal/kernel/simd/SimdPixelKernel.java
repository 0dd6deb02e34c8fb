package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.tensor.Layout.LANES;

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
    /** What added to any float leaves it as it is, −0 included: 1·x + NOTHING is x. */
    private static final float NOTHING = -0.0f;
    /** Every second lane, twice over. */
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(FLOATS, i -> 2 * i % LENGTH);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(FLOATS, (1L << LENGTH) - (1L << LENGTH / 2));

    @Override
    public void planes(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yPitch,
            int before, int behind, int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, float lower,
            float upper) {
        int reach = reach(xPitch, xStep, rows, columns);
        int gap = yPitch - columns;
        for (int c = 0; c < channels; c++) {
            float a = factor(scale, coefficients + c);
            float b = summand(shift, coefficients + c);
            int in = xBase + c * xChannel;
            int out = yBase + c * yChannel + before;
            clear(y, out - before, before);
            if (columns > 0 && xStep <= 2 && in + reach <= x.length) {
                vectors(x, in, xPitch, xStep, y, out, yPitch, columns, gap, rows, a, b, lower, upper);
            } else {
                for (int row = 0; row < rows; row++) {
                    pixels(x, in + row * xPitch, xStep, y, out + row * yPitch, columns, a, b, lower, upper);
                    clear(y, out + row * yPitch + columns, gap);
                }
            }
            clear(y, out + rows * yPitch, behind);
        }
    }

    @Override
    public void rows(float[] x, int xBase, int xChannel, int xPitch, int xStep, float[] y, int yBase, int yChannel, int yFloats,
            int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, float lower, float upper) {
        int reach = reach(xPitch, xStep, rows, columns);
        int written = rounded(columns);
        int whole = rows;
        while (whole > 0 && (whole - 1) * columns + written > yFloats) {
            whole--;
        }
        for (int c = 0; c < channels; c++) {
            float a = factor(scale, coefficients + c);
            float b = summand(shift, coefficients + c);
            int in = xBase + c * xChannel;
            int out = yBase + c * yChannel;
            int first = 0;
            if (xStep <= 2 && in + reach <= x.length && whole > 0) {
                vectors(x, in, xPitch, xStep, y, out, columns, columns, 0, whole, a, b, lower, upper);
                first = whole;
            }
            for (int row = first; row < rows; row++) {
                pixels(x, in + row * xPitch, xStep, y, out + row * columns, columns, a, b, lower, upper);
            }
        }
    }

    private static float factor(float[] scale, int channel) {
        return scale == null ? 1 : scale[channel];
    }

    private static float summand(float[] shift, int channel) {
        return shift == null ? NOTHING : shift[channel];
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
            float a, float b, float lower, float upper) {
        if (columns <= LENGTH && gap <= LENGTH) {
            if (xStep == 1) {
                shortRows(x, in, xPitch, y, out, yPitch, columns, gap > 0, rows, a, b, lower, upper);
            } else {
                shortSeconds(x, in, xPitch, y, out, yPitch, columns, gap > 0, rows, a, b, lower, upper);
            }
            return;
        }
        for (int row = 0; row < rows; row++) {
            if (xStep == 1) {
                row(x, in + row * xPitch, y, out + row * yPitch, columns, a, b, lower, upper);
            } else {
                seconds(x, in + row * xPitch, y, out + row * yPitch, columns, a, b, lower, upper);
            }
            clear(y, out + row * yPitch + columns, gap);
        }
    }

    /** Rows of a vector each. */
    private static void shortRows(float[] x, int in, int xPitch, float[] y, int out, int yPitch, int columns, boolean gaps, int rows,
            float scale, float shift, float lower, float upper) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
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
            float scale, float shift, float lower, float upper) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
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

    private static void row(float[] x, int in, float[] y, int out, int columns, float scale, float shift, float lower, float upper) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        for (int i = 0; i < columns; i += LENGTH) {
            FloatVector v = EXACT.cast(a.fma(FloatVector.fromArray(FLOATS, x, in + i), b));
            v = EXACT.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
            v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, out + i);
        }
    }

    private static void seconds(float[] x, int in, float[] y, int out, int columns, float scale, float shift, float lower, float upper) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        for (int i = 0; i < columns; i += LENGTH) {
            FloatVector first = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + 2 * i));
            FloatVector second = EXACT.cast(FloatVector.fromArray(FLOATS, x, in + 2 * i + LENGTH));
            FloatVector pixels = EXACT.cast(first.rearrange(EVEN)).blend(second.rearrange(EVEN), UPPER);
            FloatVector v = EXACT.cast(a.fma(pixels, b));
            v = EXACT.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
            v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, out + i);
        }
    }

    private static void pixels(float[] x, int in, int xStep, float[] y, int out, int columns, float a, float b, float lower, float upper) {
        for (int i = 0; i < columns; i++) {
            float v = Math.fma(a, x[in + i * xStep], b);
            y[out + i] = v < lower ? lower : v > upper ? upper : v;
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
    public void windows(float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start, float[] y,
            int yBase, int yChannel, int from, int to) {
        DepthwisePixels.run(Species512.PREFERRED, x, xBase, xChannel, multiplier, windows, values, start, y, yBase, yChannel, from, to);
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
