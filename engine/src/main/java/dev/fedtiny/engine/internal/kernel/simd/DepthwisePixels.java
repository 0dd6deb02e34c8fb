// Generated from engine/src/templates/DepthwisePixels.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.PixelWindows.TOGETHER;
import static dev.fedtiny.engine.internal.kernel.simd.Species.BITS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.BITS512;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;

import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Depthwise windows over maps whose neighbouring pixels lie in the lanes: a tap is a vector that begins anywhere, and what of it lies
 * beyond the image is cleared by bits, which cost loads: of 3 × 3 taps four a vector, those of the outer columns and rows, of others one a
 * tap. The weights of 3 × 3 taps stay in registers while a channel runs by, and sums are normalised and clamped before they are stored. The
 * few sixteens that would read before or behind the array are computed without vectors.
 */
final class DepthwisePixels {
    private static final Class<? extends FloatVector> EXACT512 = Species512.EXACT;

    private DepthwisePixels() {
    }

    /** Channels {@code [from, to)}; {@code wide}: with vectors of sixteen pixels. */
    static void run(boolean wide, float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start,
            ChannelFunction function, float[] y, int yBase, int yChannel, int from, int to) {
        int vectors = windows.vectors();
        for (int k = from; k < to; k++) {
            int in = xBase + k / multiplier * xChannel;
            int out = yBase + k * yChannel;
            int first = windows.firstWithin(in);
            int end = windows.endWithin(in, x.length, first);
            if (first > 0) {
                rest(x, in, windows, values, start, k, function, y, out, 0, first);
            }
            if (windows.isSquare() && wide) {
                wideSquare(x, in + windows.reach(0), in + windows.reach(3), in + windows.reach(6), windows.places(), windows.sets(),
                        windows.masks(), values, start, k, function, y, out, first, end);
            } else if (windows.isSquare()) {
                narrowSquare(x, in + windows.reach(0), in + windows.reach(3), in + windows.reach(6), windows.places(), windows.sets(),
                        windows.masks(), values, start, k, function, y, out, first, end);
            } else if (wide) {
                wideTaps(x, in, windows, values, start, k, function, y, out, first, end);
            } else {
                narrowTaps(x, in, windows, values, start, k, function, y, out, first, end);
            }
            if (end < vectors) {
                rest(x, in, windows, values, start, k, function, y, out, end, vectors);
            }
        }
    }

    /** Sixteens {@code [from, to)} of a channel without vectors. */
    private static void rest(float[] x, int in, PixelWindows windows, float[] values, float[] start, int k, ChannelFunction function,
            float[] y, int out, int from, int to) {
        for (int i = from * TOGETHER; i < to * TOGETHER; i++) {
            int place = windows.places()[i / TOGETHER] + i % TOGETHER;
            y[out + i] = function.of(k, windows.sum(x, in, place, values, k * windows.taps(), start[k]));
        }
    }

    /** Values in their place, of whole sixteens a channel. */
    static void finish(boolean wide, float[] y, int yBase, int yChannel, int channels, int floats, ChannelFunction function, int first) {
        if (wide) {
            wideFinish(y, yBase, yChannel, channels, floats, function, first);
        } else {
            narrowFinish(y, yBase, yChannel, channels, floats, function, first);
        }
    }

    private static void wideFinish(float[] y, int yBase, int yChannel, int channels, int floats, ChannelFunction function, int first) {
        FloatVector lower = FloatVector.broadcast(FLOATS512, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS512, function.upper());
        for (int c = 0; c < channels; c++) {
            int place = function.place(first + c);
            FloatVector scale = EXACT512.cast(FloatVector.broadcast(FLOATS512, function.scales()[place]));
            FloatVector shift = FloatVector.broadcast(FLOATS512, function.shifts()[place]);
            int end = yBase + c * yChannel + floats;
            for (int at = yBase + c * yChannel; at < end; at += 16) {
                FloatVector v = EXACT512.cast(scale.fma(FloatVector.fromArray(FLOATS512, y, at), shift));
                v = EXACT512.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
                v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, at);
            }
        }
    }

    /** Sixteens {@code [from, to)} of a channel, whose rows of three taps begin at three places for the pixel at 0. */
    private static void wideSquare(float[] x, int top, int middle, int bottom, int[] places, int[] sets, int[] masks, float[] values,
            float[] start, int k, ChannelFunction function, float[] y, int out, int from, int to) {
        FloatVector w0 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k]));
        FloatVector w1 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 1]));
        FloatVector w2 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 2]));
        FloatVector w3 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 3]));
        FloatVector w4 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 4]));
        FloatVector w5 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 5]));
        FloatVector w6 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 6]));
        FloatVector w7 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 7]));
        FloatVector w8 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[9 * k + 8]));
        FloatVector begin = FloatVector.broadcast(FLOATS512, start[k]);
        FloatVector scale = EXACT512.cast(FloatVector.broadcast(FLOATS512, function.scales()[function.place(k)]));
        FloatVector shift = FloatVector.broadcast(FLOATS512, function.shifts()[function.place(k)]);
        FloatVector lower = FloatVector.broadcast(FLOATS512, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS512, function.upper());
        for (int v = from; v < to; v++) {
            int i = places[v];
            int m = sets[v];
            int o = out + 16 * v;
            IntVector left = IntVector.fromArray(BITS512, masks, m);
            IntVector right = IntVector.fromArray(BITS512, masks, m + 16);
            IntVector above = IntVector.fromArray(BITS512, masks, m + 32);
            IntVector below = IntVector.fromArray(BITS512, masks, m + 48);
            IntVector x0 = FloatVector.fromArray(FLOATS512, x, top + i).reinterpretAsInts().and(left).and(above);
            IntVector x1 = FloatVector.fromArray(FLOATS512, x, top + i + 1).reinterpretAsInts().and(above);
            IntVector x2 = FloatVector.fromArray(FLOATS512, x, top + i + 2).reinterpretAsInts().and(right).and(above);
            IntVector x3 = FloatVector.fromArray(FLOATS512, x, middle + i).reinterpretAsInts().and(left);
            IntVector x4 = FloatVector.fromArray(FLOATS512, x, middle + i + 1).reinterpretAsInts();
            IntVector x5 = FloatVector.fromArray(FLOATS512, x, middle + i + 2).reinterpretAsInts().and(right);
            IntVector x6 = FloatVector.fromArray(FLOATS512, x, bottom + i).reinterpretAsInts().and(left).and(below);
            IntVector x7 = FloatVector.fromArray(FLOATS512, x, bottom + i + 1).reinterpretAsInts().and(below);
            IntVector x8 = FloatVector.fromArray(FLOATS512, x, bottom + i + 2).reinterpretAsInts().and(right).and(below);
            FloatVector a0 = EXACT512.cast(w0).fma(x0.reinterpretAsFloats(), begin);
            FloatVector a1 = EXACT512.cast(w1).fma(x1.reinterpretAsFloats(), a0);
            FloatVector a2 = EXACT512.cast(w2).fma(x2.reinterpretAsFloats(), a1);
            FloatVector a3 = EXACT512.cast(w3).fma(x3.reinterpretAsFloats(), a2);
            FloatVector a4 = EXACT512.cast(w4).fma(x4.reinterpretAsFloats(), a3);
            FloatVector a5 = EXACT512.cast(w5).fma(x5.reinterpretAsFloats(), a4);
            FloatVector a6 = EXACT512.cast(w6).fma(x6.reinterpretAsFloats(), a5);
            FloatVector a7 = EXACT512.cast(w7).fma(x7.reinterpretAsFloats(), a6);
            FloatVector a8 = EXACT512.cast(w8).fma(x8.reinterpretAsFloats(), a7);
            FloatVector u = EXACT512.cast(EXACT512.cast(scale).fma(a8, shift));
            u = EXACT512.cast(u.blend(lower, u.compare(VectorOperators.LT, lower)));
            u.blend(upper, u.compare(VectorOperators.GT, upper)).intoArray(y, o);
        }
    }

    /** The same of any taps. */
    private static void wideTaps(float[] x, int in, PixelWindows windows, float[] values, float[] start, int k,
            ChannelFunction function, float[] y, int out, int from, int to) {
        int[] masks = windows.masks();
        int taps = windows.taps();
        FloatVector scale = EXACT512.cast(FloatVector.broadcast(FLOATS512, function.scales()[function.place(k)]));
        FloatVector shift = FloatVector.broadcast(FLOATS512, function.shifts()[function.place(k)]);
        FloatVector lower = FloatVector.broadcast(FLOATS512, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS512, function.upper());
        for (int i = 16 * from; i < 16 * to; i += 16) {
            int m = windows.sets()[i / 16] + i % 16;
            int place = in + windows.places()[i / 16] + i % 16;
            FloatVector a = FloatVector.broadcast(FLOATS512, start[k]);
            for (int t = 0; t < taps; t++) {
                IntVector pixels = FloatVector.fromArray(FLOATS512, x, place + windows.reach(t)).reinterpretAsInts()
                        .and(IntVector.fromArray(BITS512, masks, m + 16 * t));
                a = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[k * taps + t])).fma(pixels.reinterpretAsFloats(), a);
            }
            FloatVector u = EXACT512.cast(EXACT512.cast(scale).fma(a, shift));
            u = EXACT512.cast(u.blend(lower, u.compare(VectorOperators.LT, lower)));
            u.blend(upper, u.compare(VectorOperators.GT, upper)).intoArray(y, out + i);
        }
    }

    private static void narrowFinish(float[] y, int yBase, int yChannel, int channels, int floats, ChannelFunction function, int first) {
        FloatVector lower = FloatVector.broadcast(FLOATS, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS, function.upper());
        for (int c = 0; c < channels; c++) {
            int place = function.place(first + c);
            FloatVector scale = EXACT.cast(FloatVector.broadcast(FLOATS, function.scales()[place]));
            FloatVector shift = FloatVector.broadcast(FLOATS, function.shifts()[place]);
            int end = yBase + c * yChannel + floats;
            for (int at = yBase + c * yChannel; at < end; at += LENGTH) {
                FloatVector v = EXACT.cast(scale.fma(FloatVector.fromArray(FLOATS, y, at), shift));
                v = EXACT.cast(v.blend(lower, v.compare(VectorOperators.LT, lower)));
                v.blend(upper, v.compare(VectorOperators.GT, upper)).intoArray(y, at);
            }
        }
    }

    /** Sixteens {@code [from, to)} of a channel, whose rows of three taps begin at three places for the pixel at 0. */
    private static void narrowSquare(float[] x, int top, int middle, int bottom, int[] places, int[] sets, int[] masks, float[] values,
            float[] start, int k, ChannelFunction function, float[] y, int out, int from, int to) {
        FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k]));
        FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 1]));
        FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 2]));
        FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 3]));
        FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 4]));
        FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 5]));
        FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 6]));
        FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 7]));
        FloatVector w8 = EXACT.cast(FloatVector.broadcast(FLOATS, values[9 * k + 8]));
        FloatVector begin = FloatVector.broadcast(FLOATS, start[k]);
        FloatVector scale = EXACT.cast(FloatVector.broadcast(FLOATS, function.scales()[function.place(k)]));
        FloatVector shift = FloatVector.broadcast(FLOATS, function.shifts()[function.place(k)]);
        FloatVector lower = FloatVector.broadcast(FLOATS, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS, function.upper());
        for (int v = from; v < to; v++) {
            for (int lane = 0; lane < 16; lane += LENGTH) {
                int i = places[v] + lane;
                int m = sets[v] + lane;
                int o = out + 16 * v + lane;
            IntVector left = IntVector.fromArray(BITS, masks, m);
            IntVector right = IntVector.fromArray(BITS, masks, m + 16);
            IntVector above = IntVector.fromArray(BITS, masks, m + 32);
            IntVector below = IntVector.fromArray(BITS, masks, m + 48);
            IntVector x0 = FloatVector.fromArray(FLOATS, x, top + i).reinterpretAsInts().and(left).and(above);
            IntVector x1 = FloatVector.fromArray(FLOATS, x, top + i + 1).reinterpretAsInts().and(above);
            IntVector x2 = FloatVector.fromArray(FLOATS, x, top + i + 2).reinterpretAsInts().and(right).and(above);
            IntVector x3 = FloatVector.fromArray(FLOATS, x, middle + i).reinterpretAsInts().and(left);
            IntVector x4 = FloatVector.fromArray(FLOATS, x, middle + i + 1).reinterpretAsInts();
            IntVector x5 = FloatVector.fromArray(FLOATS, x, middle + i + 2).reinterpretAsInts().and(right);
            IntVector x6 = FloatVector.fromArray(FLOATS, x, bottom + i).reinterpretAsInts().and(left).and(below);
            IntVector x7 = FloatVector.fromArray(FLOATS, x, bottom + i + 1).reinterpretAsInts().and(below);
            IntVector x8 = FloatVector.fromArray(FLOATS, x, bottom + i + 2).reinterpretAsInts().and(right).and(below);
            FloatVector a0 = EXACT.cast(w0).fma(x0.reinterpretAsFloats(), begin);
            FloatVector a1 = EXACT.cast(w1).fma(x1.reinterpretAsFloats(), a0);
            FloatVector a2 = EXACT.cast(w2).fma(x2.reinterpretAsFloats(), a1);
            FloatVector a3 = EXACT.cast(w3).fma(x3.reinterpretAsFloats(), a2);
            FloatVector a4 = EXACT.cast(w4).fma(x4.reinterpretAsFloats(), a3);
            FloatVector a5 = EXACT.cast(w5).fma(x5.reinterpretAsFloats(), a4);
            FloatVector a6 = EXACT.cast(w6).fma(x6.reinterpretAsFloats(), a5);
            FloatVector a7 = EXACT.cast(w7).fma(x7.reinterpretAsFloats(), a6);
            FloatVector a8 = EXACT.cast(w8).fma(x8.reinterpretAsFloats(), a7);
            FloatVector u = EXACT.cast(EXACT.cast(scale).fma(a8, shift));
            u = EXACT.cast(u.blend(lower, u.compare(VectorOperators.LT, lower)));
            u.blend(upper, u.compare(VectorOperators.GT, upper)).intoArray(y, o);
            }
        }
    }

    /** The same of any taps. */
    private static void narrowTaps(float[] x, int in, PixelWindows windows, float[] values, float[] start, int k,
            ChannelFunction function, float[] y, int out, int from, int to) {
        int[] masks = windows.masks();
        int taps = windows.taps();
        FloatVector scale = EXACT.cast(FloatVector.broadcast(FLOATS, function.scales()[function.place(k)]));
        FloatVector shift = FloatVector.broadcast(FLOATS, function.shifts()[function.place(k)]);
        FloatVector lower = FloatVector.broadcast(FLOATS, function.lower());
        FloatVector upper = FloatVector.broadcast(FLOATS, function.upper());
        for (int i = 16 * from; i < 16 * to; i += LENGTH) {
            int m = windows.sets()[i / 16] + i % 16;
            int place = in + windows.places()[i / 16] + i % 16;
            FloatVector a = FloatVector.broadcast(FLOATS, start[k]);
            for (int t = 0; t < taps; t++) {
                IntVector pixels = FloatVector.fromArray(FLOATS, x, place + windows.reach(t)).reinterpretAsInts()
                        .and(IntVector.fromArray(BITS, masks, m + 16 * t));
                a = EXACT.cast(FloatVector.broadcast(FLOATS, values[k * taps + t])).fma(pixels.reinterpretAsFloats(), a);
            }
            FloatVector u = EXACT.cast(EXACT.cast(scale).fma(a, shift));
            u = EXACT.cast(u.blend(lower, u.compare(VectorOperators.LT, lower)));
            u.blend(upper, u.compare(VectorOperators.GT, upper)).intoArray(y, out + i);
        }
    }
}
