package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;

import jdk.incubator.vector.FloatVector;

/**
 * Gradients at stored positions on maps four pixels wide under a 3×3 window, as the last ones of ResNet18. The pitch of x is a constant, so
 * that one address a position serves both image rows of a tile; and a matrix row takes all its tiles one after the other, while its
 * accumulators, which are many there, are still in the first-level cache.
 */
final class SparseQuads {
    /** Floats between rows of x: four pixels and a halo of one on both sides. */
    static final int PITCH = 48;

    private SparseQuads() {
    }

    /**
     * Tiles of two image rows below each other.
     *
     * @param tiles how many
     */
    static void gradient(float[] x, int in, float[] dz, int out, int dzChannel, int dzPitch, int tiles, int[] segments, int first, int last,
            int[] offsets, float[] accumulators, int origin, int from, int to) {
        for (int k = from; k < to; k++) {
            int begin = segments[first + k];
            int end = segments[last + k];
            if (begin == end) {
                continue;
            }
            int at = out + k * dzChannel;
            int top = in;
            for (int tile = 0; tile < tiles; tile++) {
                FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
                FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
                FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
                FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
                FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
                FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
                FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 16);
                FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 24);
                for (int j = begin; j < end; j++) {
                    int o = top + offsets[j];
                    FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, 8 * j + origin));
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o), d0, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 8), d1, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 16), d2, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + 24), d3, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH), d4, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH + 8), d5, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH + 16), d6, a);
                    a = multiplyAdd(FloatVector.fromArray(FLOATS, x, o + PITCH + 24), d7, a);
                    EXACT.cast(a).intoArray(accumulators, 8 * j + origin);
                }
                at += 2 * dzPitch;
                top += 2 * PITCH;
            }
        }
    }
}
