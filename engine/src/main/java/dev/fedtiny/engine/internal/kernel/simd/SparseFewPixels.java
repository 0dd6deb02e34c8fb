// Generated from engine/src/templates/SparseFewPixels.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import jdk.incubator.vector.FloatVector;

/**
 * The sparse convolution at one or two pixels, where a matrix row by itself would be one or two sums, each term of which waits for the one
 * before. Four rows go side by side as far as the shortest of them reaches, and then each to its end. It is the whole of what lanes do in
 * the last layers of a single image, whose tiles are that small.
 */
final class SparseFewPixels {
    private SparseFewPixels() {
    }

    /** One pixel, or two beside each other, in all output rows. */
    static void convolve(float[] x, int in, int[] segments, int last, int[] offsets, float[] values, float[] start, float[] y, int out,
            int yChannel, int yStep, int pixels, int from, int to) {
        if (start != null) {
            for (int k = from; k < to; k++) {
                for (int i = 0; i < pixels; i++) {
                    EXACT.cast(FloatVector.broadcast(FLOATS, start[k])).intoArray(y, out + k * yChannel + i * yStep);
                }
            }
        }
        int k = from;
        for (; k + 4 <= to; k += 4) {
            int j0 = segments[k];
            int j1 = segments[k + 1];
            int j2 = segments[k + 2];
            int j3 = segments[k + 3];
            int common = Math.min(Math.min(segments[last + k] - j0, segments[last + k + 1] - j1),
                    Math.min(segments[last + k + 2] - j2, segments[last + k + 3] - j3));
            int at = out + k * yChannel;
            // Never for nothing: C2 takes a loop that mostly does not run for cold, and then calls multiplyAdd, which makes objects.
            if (common > 0 && pixels == 2) {
                twos(x, in, j0, j1, j2, j3, common, offsets, values, y, at, yChannel, yStep);
            } else if (common > 0) {
                ones(x, in, j0, j1, j2, j3, common, offsets, values, y, at, yChannel);
            }
            for (int row = k; row < k + 4; row++) {
                rest(x, in, segments[row] + common, segments[last + row], offsets, values, y, out + row * yChannel, yStep, pixels);
            }
        }
        for (; k < to; k++) {
            rest(x, in, segments[k], segments[last + k], offsets, values, y, out + k * yChannel, yStep, pixels);
        }
    }

    private static void rest(float[] x, int in, int begin, int end, int[] offsets, float[] values, float[] y, int at, int yStep,
            int pixels) {
        if (begin == end) {
            return;
        }
        if (pixels == 2) {
            two(x, in, begin, end, offsets, values, y, at, yStep);
        } else {
            one(x, in, begin, end, offsets, values, y, at);
        }
    }

    private static void one(float[] x, int in, int begin, int end, int[] offsets, float[] values, float[] y, int at) {
        FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
        for (int j = begin; j < end; j++) {
            a = multiplyAdd(FloatVector.broadcast(FLOATS, values[j]), FloatVector.fromArray(FLOATS, x, in + offsets[j]), a);
        }
        EXACT.cast(a).intoArray(y, at);
    }

    private static void two(float[] x, int in, int begin, int end, int[] offsets, float[] values, float[] y, int at, int yStep) {
        FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
        FloatVector b = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
        for (int j = begin; j < end; j++) {
            FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
            int o = in + offsets[j];
            a = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o), a);
            b = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 8), b);
        }
        EXACT.cast(a).intoArray(y, at);
        EXACT.cast(b).intoArray(y, at + yStep);
    }

    /** Four matrix rows side by side at 1 of y's pixels, over the first non-zeros of each. */
    private static void ones(float[] x, int in, int j0, int j1, int j2, int j3, int count, int[] offsets, float[] values, float[] y, int at,
            int yChannel) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yChannel));
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yChannel));
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yChannel));
        for (int i = 0; i < count; i++) {
            FloatVector w0 = FloatVector.broadcast(FLOATS, values[j0 + i]);
            int o0 = in + offsets[j0 + i];
            a0 = multiplyAdd(w0, FloatVector.fromArray(FLOATS, x, o0), a0);
            FloatVector w1 = FloatVector.broadcast(FLOATS, values[j1 + i]);
            int o1 = in + offsets[j1 + i];
            a1 = multiplyAdd(w1, FloatVector.fromArray(FLOATS, x, o1), a1);
            FloatVector w2 = FloatVector.broadcast(FLOATS, values[j2 + i]);
            int o2 = in + offsets[j2 + i];
            a2 = multiplyAdd(w2, FloatVector.fromArray(FLOATS, x, o2), a2);
            FloatVector w3 = FloatVector.broadcast(FLOATS, values[j3 + i]);
            int o3 = in + offsets[j3 + i];
            a3 = multiplyAdd(w3, FloatVector.fromArray(FLOATS, x, o3), a3);
        }
        EXACT.cast(a0).intoArray(y, at);
        EXACT.cast(a1).intoArray(y, at + yChannel);
        EXACT.cast(a2).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a3).intoArray(y, at + 3 * yChannel);
    }

    /** Four matrix rows side by side at 2 of y's pixels, over the first non-zeros of each. */
    private static void twos(float[] x, int in, int j0, int j1, int j2, int j3, int count, int[] offsets, float[] values, float[] y, int at,
            int yChannel, int yStep) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
        FloatVector b0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yChannel));
        FloatVector b1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yChannel + yStep));
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yChannel));
        FloatVector b2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 2 * yChannel + yStep));
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yChannel));
        FloatVector b3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + 3 * yChannel + yStep));
        for (int i = 0; i < count; i++) {
            FloatVector w0 = FloatVector.broadcast(FLOATS, values[j0 + i]);
            int o0 = in + offsets[j0 + i];
            a0 = multiplyAdd(w0, FloatVector.fromArray(FLOATS, x, o0), a0);
            b0 = multiplyAdd(w0, FloatVector.fromArray(FLOATS, x, o0 + 8), b0);
            FloatVector w1 = FloatVector.broadcast(FLOATS, values[j1 + i]);
            int o1 = in + offsets[j1 + i];
            a1 = multiplyAdd(w1, FloatVector.fromArray(FLOATS, x, o1), a1);
            b1 = multiplyAdd(w1, FloatVector.fromArray(FLOATS, x, o1 + 8), b1);
            FloatVector w2 = FloatVector.broadcast(FLOATS, values[j2 + i]);
            int o2 = in + offsets[j2 + i];
            a2 = multiplyAdd(w2, FloatVector.fromArray(FLOATS, x, o2), a2);
            b2 = multiplyAdd(w2, FloatVector.fromArray(FLOATS, x, o2 + 8), b2);
            FloatVector w3 = FloatVector.broadcast(FLOATS, values[j3 + i]);
            int o3 = in + offsets[j3 + i];
            a3 = multiplyAdd(w3, FloatVector.fromArray(FLOATS, x, o3), a3);
            b3 = multiplyAdd(w3, FloatVector.fromArray(FLOATS, x, o3 + 8), b3);
        }
        EXACT.cast(a0).intoArray(y, at);
        EXACT.cast(b0).intoArray(y, at + yStep);
        EXACT.cast(a1).intoArray(y, at + yChannel);
        EXACT.cast(b1).intoArray(y, at + yChannel + yStep);
        EXACT.cast(a2).intoArray(y, at + 2 * yChannel);
        EXACT.cast(b2).intoArray(y, at + 2 * yChannel + yStep);
        EXACT.cast(a3).intoArray(y, at + 3 * yChannel);
        EXACT.cast(b3).intoArray(y, at + 3 * yChannel + yStep);
    }
}
