// Generated from engine/src/templates/DepthwisePixels.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.BITS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.BITS512;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;

import dev.fedtiny.engine.internal.kernel.PixelWindows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Depthwise windows over maps whose neighbouring pixels lie in the lanes: a tap is a vector that begins anywhere, and what of it lies
 * beyond the image is cleared by its bits, which cost a load. The weights of 3 × 3 taps stay in registers while a channel runs by. The few
 * sixteens that would read before or behind the array are computed without vectors.
 */
final class DepthwisePixels {
    private static final Class<? extends FloatVector> EXACT512 = Species512.EXACT;

    private DepthwisePixels() {
    }

    /** Channels {@code [from, to)}; {@code wide}: with vectors of sixteen pixels. */
    static void run(boolean wide, float[] x, int xBase, int xChannel, int multiplier, PixelWindows windows, float[] values, float[] start,
            float[] y, int yBase, int yChannel, int from, int to) {
        int[] sets = windows.sets();
        int[] masks = windows.masks();
        int taps = windows.taps();
        for (int k = from; k < to; k++) {
            int in = xBase + k / multiplier * xChannel;
            int out = yBase + k * yChannel;
            int first = windows.firstWithin(in);
            int end = Math.max(first, windows.endWithin(in, x.length));
            if (first > 0) {
                windows.compute(x, in, values, k * taps, start[k], y, out, 0, first);
            }
            if (windows.threeByThree() && wide) {
                wideSquare(x, in + windows.reach(0), in + windows.reach(3), in + windows.reach(6), values, k * taps, start[k], sets, masks,
                        y, out, first, end);
            } else if (windows.threeByThree()) {
                narrowSquare(x, in + windows.reach(0), in + windows.reach(3), in + windows.reach(6), values, k * taps, start[k], sets,
                        masks, y, out, first, end);
            } else if (wide) {
                wideTaps(x, in, windows, values, k * taps, start[k], y, out, first, end);
            } else {
                narrowTaps(x, in, windows, values, k * taps, start[k], y, out, first, end);
            }
            if (end < windows.vectors()) {
                windows.compute(x, in, values, k * taps, start[k], y, out, end, windows.vectors());
            }
        }
    }

    /** Sixteens {@code [from, to)} of a channel, whose rows of three taps begin at three places for the first. */
    private static void wideSquare(float[] x, int top, int middle, int bottom, float[] values, int j, float start, int[] sets,
            int[] masks, float[] y, int out, int from, int to) {
        FloatVector w0 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j]));
        FloatVector w1 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 1]));
        FloatVector w2 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 2]));
        FloatVector w3 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 3]));
        FloatVector w4 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 4]));
        FloatVector w5 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 5]));
        FloatVector w6 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 6]));
        FloatVector w7 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 7]));
        FloatVector w8 = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + 8]));
        FloatVector begin = FloatVector.broadcast(FLOATS512, start);
        for (int v = from; v < to; v++) {
            int i = 16 * v;
            int m = sets[v];
            IntVector x0 = FloatVector.fromArray(FLOATS512, x, top + i).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m));
            IntVector x1 = FloatVector.fromArray(FLOATS512, x, top + i + 1).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 16));
            IntVector x2 = FloatVector.fromArray(FLOATS512, x, top + i + 2).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 32));
            IntVector x3 = FloatVector.fromArray(FLOATS512, x, middle + i).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 48));
            IntVector x4 = FloatVector.fromArray(FLOATS512, x, middle + i + 1).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 64));
            IntVector x5 = FloatVector.fromArray(FLOATS512, x, middle + i + 2).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 80));
            IntVector x6 = FloatVector.fromArray(FLOATS512, x, bottom + i).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 96));
            IntVector x7 = FloatVector.fromArray(FLOATS512, x, bottom + i + 1).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 112));
            IntVector x8 = FloatVector.fromArray(FLOATS512, x, bottom + i + 2).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS512, masks, m + 128));
            FloatVector a0 = EXACT512.cast(w0).fma(x0.reinterpretAsFloats(), begin);
            FloatVector a1 = EXACT512.cast(w1).fma(x1.reinterpretAsFloats(), a0);
            FloatVector a2 = EXACT512.cast(w2).fma(x2.reinterpretAsFloats(), a1);
            FloatVector a3 = EXACT512.cast(w3).fma(x3.reinterpretAsFloats(), a2);
            FloatVector a4 = EXACT512.cast(w4).fma(x4.reinterpretAsFloats(), a3);
            FloatVector a5 = EXACT512.cast(w5).fma(x5.reinterpretAsFloats(), a4);
            FloatVector a6 = EXACT512.cast(w6).fma(x6.reinterpretAsFloats(), a5);
            FloatVector a7 = EXACT512.cast(w7).fma(x7.reinterpretAsFloats(), a6);
            FloatVector a8 = EXACT512.cast(w8).fma(x8.reinterpretAsFloats(), a7);
            EXACT512.cast(a8).intoArray(y, out + i);
        }
    }

    /** The same of any taps. */
    private static void wideTaps(float[] x, int in, PixelWindows windows, float[] values, int j, float start, float[] y, int out,
            int from, int to) {
        int[] masks = windows.masks();
        for (int i = 16 * from; i < 16 * to; i += 16) {
            int m = windows.sets()[i / 16] + i % 16;
            FloatVector a = FloatVector.broadcast(FLOATS512, start);
            for (int t = 0; t < windows.taps(); t++) {
                IntVector pixels = FloatVector.fromArray(FLOATS512, x, in + i + windows.reach(t)).reinterpretAsInts()
                        .and(IntVector.fromArray(BITS512, masks, m + 16 * t));
                a = EXACT512.cast(FloatVector.broadcast(FLOATS512, values[j + t])).fma(pixels.reinterpretAsFloats(), a);
            }
            EXACT512.cast(a).intoArray(y, out + i);
        }
    }

    /** Sixteens {@code [from, to)} of a channel, whose rows of three taps begin at three places for the first. */
    private static void narrowSquare(float[] x, int top, int middle, int bottom, float[] values, int j, float start, int[] sets,
            int[] masks, float[] y, int out, int from, int to) {
        FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j]));
        FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 1]));
        FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 2]));
        FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 3]));
        FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 4]));
        FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 5]));
        FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 6]));
        FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 7]));
        FloatVector w8 = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + 8]));
        FloatVector begin = FloatVector.broadcast(FLOATS, start);
        for (int v = from; v < to; v++) {
            for (int lane = 0; lane < 16; lane += LENGTH) {
                int i = 16 * v + lane;
                int m = sets[v] + lane;
            IntVector x0 = FloatVector.fromArray(FLOATS, x, top + i).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m));
            IntVector x1 = FloatVector.fromArray(FLOATS, x, top + i + 1).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 16));
            IntVector x2 = FloatVector.fromArray(FLOATS, x, top + i + 2).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 32));
            IntVector x3 = FloatVector.fromArray(FLOATS, x, middle + i).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 48));
            IntVector x4 = FloatVector.fromArray(FLOATS, x, middle + i + 1).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 64));
            IntVector x5 = FloatVector.fromArray(FLOATS, x, middle + i + 2).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 80));
            IntVector x6 = FloatVector.fromArray(FLOATS, x, bottom + i).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 96));
            IntVector x7 = FloatVector.fromArray(FLOATS, x, bottom + i + 1).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 112));
            IntVector x8 = FloatVector.fromArray(FLOATS, x, bottom + i + 2).reinterpretAsInts()
                    .and(IntVector.fromArray(BITS, masks, m + 128));
            FloatVector a0 = EXACT.cast(w0).fma(x0.reinterpretAsFloats(), begin);
            FloatVector a1 = EXACT.cast(w1).fma(x1.reinterpretAsFloats(), a0);
            FloatVector a2 = EXACT.cast(w2).fma(x2.reinterpretAsFloats(), a1);
            FloatVector a3 = EXACT.cast(w3).fma(x3.reinterpretAsFloats(), a2);
            FloatVector a4 = EXACT.cast(w4).fma(x4.reinterpretAsFloats(), a3);
            FloatVector a5 = EXACT.cast(w5).fma(x5.reinterpretAsFloats(), a4);
            FloatVector a6 = EXACT.cast(w6).fma(x6.reinterpretAsFloats(), a5);
            FloatVector a7 = EXACT.cast(w7).fma(x7.reinterpretAsFloats(), a6);
            FloatVector a8 = EXACT.cast(w8).fma(x8.reinterpretAsFloats(), a7);
            EXACT.cast(a8).intoArray(y, out + i);
            }
        }
    }

    /** The same of any taps. */
    private static void narrowTaps(float[] x, int in, PixelWindows windows, float[] values, int j, float start, float[] y, int out,
            int from, int to) {
        int[] masks = windows.masks();
        for (int i = 16 * from; i < 16 * to; i += LENGTH) {
            int m = windows.sets()[i / 16] + i % 16;
            FloatVector a = FloatVector.broadcast(FLOATS, start);
            for (int t = 0; t < windows.taps(); t++) {
                IntVector pixels = FloatVector.fromArray(FLOATS, x, in + i + windows.reach(t)).reinterpretAsInts()
                        .and(IntVector.fromArray(BITS, masks, m + 16 * t));
                a = EXACT.cast(FloatVector.broadcast(FLOATS, values[j + t])).fma(pixels.reinterpretAsFloats(), a);
            }
            EXACT.cast(a).intoArray(y, out + i);
        }
    }
}
