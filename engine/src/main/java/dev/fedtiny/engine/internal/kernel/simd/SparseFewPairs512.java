// Generated from engine/src/templates/SparseFewPairs512.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;

import jdk.incubator.vector.FloatVector;

/**
 * The sparse convolution at two, four or six pixels beside each other, vectors of two pixels: what is left of a row by wider tiles, and the
 * whole of it where the tiles of a single image are that small. As in {@link SparseFewPixels}, four matrix rows go side by side as far as
 * the shortest of them reaches, and then each to its end: otherwise every term would wait for the one before.
 */
final class SparseFewPairs512 {
    private SparseFewPairs512() {
    }

    /** So many pairs of pixels in all output rows. */
    static void convolve(float[] x, int in, int[] segments, int last, int[] offsets, float[] values, float[] start, float[] y, int out,
            int yChannel, int pairs, int from, int to) {
        if (start != null) {
            for (int k = from; k < to; k++) {
                Tile512.fill(start[k], y, out + k * yChannel, pairs);
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
            // Never for nothing: C2 takes a loop that mostly does not run for cold.
            if (common > 0) {
                switch (pairs) {
                    case 1 -> four1(x, in, j0, j1, j2, j3, common, offsets, values, y, at, yChannel);
                    case 2 -> four2(x, in, j0, j1, j2, j3, common, offsets, values, y, at, yChannel);
                    default -> four3(x, in, j0, j1, j2, j3, common, offsets, values, y, at, yChannel);
                }
            }
            for (int row = k; row < k + 4; row++) {
                rest(x, in, segments[row] + common, segments[last + row], offsets, values, y, out + row * yChannel, pairs);
            }
        }
        for (; k < to; k++) {
            rest(x, in, segments[k], segments[last + k], offsets, values, y, out + k * yChannel, pairs);
        }
    }

    private static void rest(float[] x, int in, int begin, int end, int[] offsets, float[] values, float[] y, int at, int pairs) {
        if (begin == end) {
            return;
        }
        switch (pairs) {
            case 1 -> one1(x, in, begin, end, offsets, values, y, at);
            case 2 -> one2(x, in, begin, end, offsets, values, y, at);
            default -> one3(x, in, begin, end, offsets, values, y, at);
        }
    }

    /** One matrix row at 1 pairs of pixels. */
    private static void one1(float[] x, int in, int begin, int end, int[] offsets, float[] values, float[] y, int at) {
        FloatVector a0 = FloatVector.fromArray(FLOATS512, y, at);
        for (int j = begin; j < end; j++) {
            FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
            int o = in + offsets[j];
            a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
        }
        EXACT.cast(a0).intoArray(y, at);
    }

    /** Four matrix rows side by side at 1 pairs of pixels, over the first non-zeros of each. */
    private static void four1(float[] x, int in, int j0, int j1, int j2, int j3, int count, int[] offsets, float[] values, float[] y,
            int at, int yChannel) {
        FloatVector a00 = FloatVector.fromArray(FLOATS512, y, at);
        FloatVector a10 = FloatVector.fromArray(FLOATS512, y, at + yChannel);
        FloatVector a20 = FloatVector.fromArray(FLOATS512, y, at + 2 * yChannel);
        FloatVector a30 = FloatVector.fromArray(FLOATS512, y, at + 3 * yChannel);
        for (int i = 0; i < count; i++) {
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j0 + i]));
            int o0 = in + offsets[j0 + i];
            a00 = w0.fma(FloatVector.fromArray(FLOATS512, x, o0), a00);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j1 + i]));
            int o1 = in + offsets[j1 + i];
            a10 = w1.fma(FloatVector.fromArray(FLOATS512, x, o1), a10);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j2 + i]));
            int o2 = in + offsets[j2 + i];
            a20 = w2.fma(FloatVector.fromArray(FLOATS512, x, o2), a20);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j3 + i]));
            int o3 = in + offsets[j3 + i];
            a30 = w3.fma(FloatVector.fromArray(FLOATS512, x, o3), a30);
        }
        EXACT.cast(a00).intoArray(y, at);
        EXACT.cast(a10).intoArray(y, at + yChannel);
        EXACT.cast(a20).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a30).intoArray(y, at + 3 * yChannel);
    }

    /** One matrix row at 2 pairs of pixels. */
    private static void one2(float[] x, int in, int begin, int end, int[] offsets, float[] values, float[] y, int at) {
        FloatVector a0 = FloatVector.fromArray(FLOATS512, y, at);
        FloatVector a1 = FloatVector.fromArray(FLOATS512, y, at + 16);
        for (int j = begin; j < end; j++) {
            FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
            int o = in + offsets[j];
            a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
            a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
        }
        EXACT.cast(a0).intoArray(y, at);
        EXACT.cast(a1).intoArray(y, at + 16);
    }

    /** Four matrix rows side by side at 2 pairs of pixels, over the first non-zeros of each. */
    private static void four2(float[] x, int in, int j0, int j1, int j2, int j3, int count, int[] offsets, float[] values, float[] y,
            int at, int yChannel) {
        FloatVector a00 = FloatVector.fromArray(FLOATS512, y, at);
        FloatVector a01 = FloatVector.fromArray(FLOATS512, y, at + 16);
        FloatVector a10 = FloatVector.fromArray(FLOATS512, y, at + yChannel);
        FloatVector a11 = FloatVector.fromArray(FLOATS512, y, at + yChannel + 16);
        FloatVector a20 = FloatVector.fromArray(FLOATS512, y, at + 2 * yChannel);
        FloatVector a21 = FloatVector.fromArray(FLOATS512, y, at + 2 * yChannel + 16);
        FloatVector a30 = FloatVector.fromArray(FLOATS512, y, at + 3 * yChannel);
        FloatVector a31 = FloatVector.fromArray(FLOATS512, y, at + 3 * yChannel + 16);
        for (int i = 0; i < count; i++) {
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j0 + i]));
            int o0 = in + offsets[j0 + i];
            a00 = w0.fma(FloatVector.fromArray(FLOATS512, x, o0), a00);
            a01 = w0.fma(FloatVector.fromArray(FLOATS512, x, o0 + 16), a01);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j1 + i]));
            int o1 = in + offsets[j1 + i];
            a10 = w1.fma(FloatVector.fromArray(FLOATS512, x, o1), a10);
            a11 = w1.fma(FloatVector.fromArray(FLOATS512, x, o1 + 16), a11);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j2 + i]));
            int o2 = in + offsets[j2 + i];
            a20 = w2.fma(FloatVector.fromArray(FLOATS512, x, o2), a20);
            a21 = w2.fma(FloatVector.fromArray(FLOATS512, x, o2 + 16), a21);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j3 + i]));
            int o3 = in + offsets[j3 + i];
            a30 = w3.fma(FloatVector.fromArray(FLOATS512, x, o3), a30);
            a31 = w3.fma(FloatVector.fromArray(FLOATS512, x, o3 + 16), a31);
        }
        EXACT.cast(a00).intoArray(y, at);
        EXACT.cast(a01).intoArray(y, at + 16);
        EXACT.cast(a10).intoArray(y, at + yChannel);
        EXACT.cast(a11).intoArray(y, at + yChannel + 16);
        EXACT.cast(a20).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a21).intoArray(y, at + 2 * yChannel + 16);
        EXACT.cast(a30).intoArray(y, at + 3 * yChannel);
        EXACT.cast(a31).intoArray(y, at + 3 * yChannel + 16);
    }

    /** One matrix row at 3 pairs of pixels. */
    private static void one3(float[] x, int in, int begin, int end, int[] offsets, float[] values, float[] y, int at) {
        FloatVector a0 = FloatVector.fromArray(FLOATS512, y, at);
        FloatVector a1 = FloatVector.fromArray(FLOATS512, y, at + 16);
        FloatVector a2 = FloatVector.fromArray(FLOATS512, y, at + 32);
        for (int j = begin; j < end; j++) {
            FloatVector w = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j]));
            int o = in + offsets[j];
            a0 = w.fma(FloatVector.fromArray(FLOATS512, x, o), a0);
            a1 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 16), a1);
            a2 = w.fma(FloatVector.fromArray(FLOATS512, x, o + 32), a2);
        }
        EXACT.cast(a0).intoArray(y, at);
        EXACT.cast(a1).intoArray(y, at + 16);
        EXACT.cast(a2).intoArray(y, at + 32);
    }

    /** Four matrix rows side by side at 3 pairs of pixels, over the first non-zeros of each. */
    private static void four3(float[] x, int in, int j0, int j1, int j2, int j3, int count, int[] offsets, float[] values, float[] y,
            int at, int yChannel) {
        FloatVector a00 = FloatVector.fromArray(FLOATS512, y, at);
        FloatVector a01 = FloatVector.fromArray(FLOATS512, y, at + 16);
        FloatVector a02 = FloatVector.fromArray(FLOATS512, y, at + 32);
        FloatVector a10 = FloatVector.fromArray(FLOATS512, y, at + yChannel);
        FloatVector a11 = FloatVector.fromArray(FLOATS512, y, at + yChannel + 16);
        FloatVector a12 = FloatVector.fromArray(FLOATS512, y, at + yChannel + 32);
        FloatVector a20 = FloatVector.fromArray(FLOATS512, y, at + 2 * yChannel);
        FloatVector a21 = FloatVector.fromArray(FLOATS512, y, at + 2 * yChannel + 16);
        FloatVector a22 = FloatVector.fromArray(FLOATS512, y, at + 2 * yChannel + 32);
        FloatVector a30 = FloatVector.fromArray(FLOATS512, y, at + 3 * yChannel);
        FloatVector a31 = FloatVector.fromArray(FLOATS512, y, at + 3 * yChannel + 16);
        FloatVector a32 = FloatVector.fromArray(FLOATS512, y, at + 3 * yChannel + 32);
        for (int i = 0; i < count; i++) {
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j0 + i]));
            int o0 = in + offsets[j0 + i];
            a00 = w0.fma(FloatVector.fromArray(FLOATS512, x, o0), a00);
            a01 = w0.fma(FloatVector.fromArray(FLOATS512, x, o0 + 16), a01);
            a02 = w0.fma(FloatVector.fromArray(FLOATS512, x, o0 + 32), a02);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j1 + i]));
            int o1 = in + offsets[j1 + i];
            a10 = w1.fma(FloatVector.fromArray(FLOATS512, x, o1), a10);
            a11 = w1.fma(FloatVector.fromArray(FLOATS512, x, o1 + 16), a11);
            a12 = w1.fma(FloatVector.fromArray(FLOATS512, x, o1 + 32), a12);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j2 + i]));
            int o2 = in + offsets[j2 + i];
            a20 = w2.fma(FloatVector.fromArray(FLOATS512, x, o2), a20);
            a21 = w2.fma(FloatVector.fromArray(FLOATS512, x, o2 + 16), a21);
            a22 = w2.fma(FloatVector.fromArray(FLOATS512, x, o2 + 32), a22);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[j3 + i]));
            int o3 = in + offsets[j3 + i];
            a30 = w3.fma(FloatVector.fromArray(FLOATS512, x, o3), a30);
            a31 = w3.fma(FloatVector.fromArray(FLOATS512, x, o3 + 16), a31);
            a32 = w3.fma(FloatVector.fromArray(FLOATS512, x, o3 + 32), a32);
        }
        EXACT.cast(a00).intoArray(y, at);
        EXACT.cast(a01).intoArray(y, at + 16);
        EXACT.cast(a02).intoArray(y, at + 32);
        EXACT.cast(a10).intoArray(y, at + yChannel);
        EXACT.cast(a11).intoArray(y, at + yChannel + 16);
        EXACT.cast(a12).intoArray(y, at + yChannel + 32);
        EXACT.cast(a20).intoArray(y, at + 2 * yChannel);
        EXACT.cast(a21).intoArray(y, at + 2 * yChannel + 16);
        EXACT.cast(a22).intoArray(y, at + 2 * yChannel + 32);
        EXACT.cast(a30).intoArray(y, at + 3 * yChannel);
        EXACT.cast(a31).intoArray(y, at + 3 * yChannel + 16);
        EXACT.cast(a32).intoArray(y, at + 3 * yChannel + 32);
    }
}
