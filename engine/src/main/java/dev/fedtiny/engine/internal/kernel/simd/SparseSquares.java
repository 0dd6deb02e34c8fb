package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import jdk.incubator.vector.FloatVector;

/** Sparse kernels on maps two pixels wide, as the last ones of VGG11: tiles of two rows by two pixels. */
final class SparseSquares {
    private SparseSquares() {
    }

    static void convolve(float[] x, int in, int xPitch, int[] segments, int last, int[] offsets, float[] values, float[] start, float[] y,
            int out, int yChannel, int yPitch, int yStep, int from, int to) {
        if (start != null) {
            begin(x, in, xPitch, segments, last, offsets, values, start, y, out, yChannel, yPitch, yStep, from, to);
        } else {
            add(x, in, xPitch, segments, last, offsets, values, y, out, yChannel, yPitch, yStep, from, to);
        }
    }

    private static void begin(float[] x, int in, int xPitch, int[] segments, int last, int[] offsets, float[] values,
            float[] start, float[] y, int out, int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.broadcast(FLOATS, start[k]));
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            int end = segments[last + k];
            for (int j = segments[k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o = in + offsets[j];
                int u = o + xPitch;
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, u), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, u + 8), a3);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + yPitch);
            EXACT.cast(a3).intoArray(y, at + yPitch + yStep);
        }
    }

    private static void add(float[] x, int in, int xPitch, int[] segments, int last, int[] offsets, float[] values, float[] y, int out,
            int yChannel, int yPitch, int yStep, int from, int to) {
        for (int k = from; k < to; k++) {
            int at = out + k * yChannel;
            FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at));
            FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yStep));
            FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch));
            FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS, y, at + yPitch + yStep));
            int end = segments[last + k];
            for (int j = segments[k]; j < end; j++) {
                FloatVector w = FloatVector.broadcast(FLOATS, values[j]);
                int o = in + offsets[j];
                int u = o + xPitch;
                a0 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o), a0);
                a1 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, o + 8), a1);
                a2 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, u), a2);
                a3 = multiplyAdd(w, FloatVector.fromArray(FLOATS, x, u + 8), a3);
            }
            EXACT.cast(a0).intoArray(y, at);
            EXACT.cast(a1).intoArray(y, at + yStep);
            EXACT.cast(a2).intoArray(y, at + yPitch);
            EXACT.cast(a3).intoArray(y, at + yPitch + yStep);
        }
    }

    static void gradient(float[] x, int in, int xPitch, float[] dz, int out, int dzChannel, int dzPitch, int[] segments,
            int first, int last, int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
            FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
            FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
            for (int j = segments[first + k]; j < end; j++) {
                int o = in + offsets[j];
                int u = o + xPitch;
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, 8 * j + origin));
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o), d0, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 8), d1, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, u), d2, a);
                a = multiplyAdd(FloatVector.fromArray(FLOATS, x, u + 8), d3, a);
                EXACT.cast(a).intoArray(accumulators, 8 * j + origin);
            }
        }
    }
}
