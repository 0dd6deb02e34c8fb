package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;

import dev.fedtiny.engine.internal.kernel.Alignment;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients at stored positions on maps four pixels wide, where a processor has 32 vector registers, as those with 512 bits have: sixteen
 * pixels of dz stay in them, so that the accumulators, which wait in memory, are loaded and stored half as often as by
 * {@link SparseQuads}. On wider maps such tiles gain nothing, and vectors of two pixels would not keep the order in which a gradient's
 * pixels are added.
 */
final class SparseSixteens {
    private static final int PITCH = SparseQuads.PITCH;

    private SparseSixteens() {
    }

    /** Whether maps are cut into tiles without a rest. */
    static boolean covers(int xPitch, int outputRows, int outputColumns) {
        return outputColumns == 4 && outputRows % 4 == 0 && xPitch == PITCH;
    }

    /** As {@link SparseWeightGradient#run}, where {@link #covers} says so. */
    static void run(float[] x, int xBase, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows, int[] segments, int rows,
            int blocks, int[] offsets, float[] accumulators, int from, int to) {
        for (int b = 0; b < blocks; b++) {
            for (int p = 0; p < outputRows; p += 4) {
                tile4x4(x, xBase + p * PITCH, dz, dzBase + p * dzPitch, dzChannel, dzPitch, segments, b * rows, (b + 1) * rows, offsets,
                        accumulators, from, to);
            }
        }
    }

    /** Four rows of four pixels. */
    private static void tile4x4(float[] x, int in, float[] dz, int out, int dzChannel, int dzPitch, int[] segments, int first,
            int last, int[] offsets, float[] accumulators, int from, int to) {
        for (int k = from; k < to; k++) {
            int end = segments[last + k];
            int j = segments[first + k];
            if (j == end) {
                continue;
            }
            int at = out + k * dzChannel;
            FloatVector d0 = FloatVector.fromArray(FLOATS, dz, at);
            FloatVector d1 = FloatVector.fromArray(FLOATS, dz, at + 8);
            FloatVector d2 = FloatVector.fromArray(FLOATS, dz, at + 16);
            FloatVector d3 = FloatVector.fromArray(FLOATS, dz, at + 24);
            FloatVector d4 = FloatVector.fromArray(FLOATS, dz, at + dzPitch);
            FloatVector d5 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 8);
            FloatVector d6 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 16);
            FloatVector d7 = FloatVector.fromArray(FLOATS, dz, at + dzPitch + 24);
            FloatVector d8 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch);
            FloatVector d9 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch + 8);
            FloatVector d10 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch + 16);
            FloatVector d11 = FloatVector.fromArray(FLOATS, dz, at + 2 * dzPitch + 24);
            FloatVector d12 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch);
            FloatVector d13 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch + 8);
            FloatVector d14 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch + 16);
            FloatVector d15 = FloatVector.fromArray(FLOATS, dz, at + 3 * dzPitch + 24);
            for (; j < end; j++) {
                int o = in + offsets[j];
                FloatVector a = EXACT.cast(FloatVector.fromArray(FLOATS, accumulators, Alignment.ORIGIN + 8 * j));
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o)).fma(d0, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 8)).fma(d1, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 16)).fma(d2, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 24)).fma(d3, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH)).fma(d4, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH + 8)).fma(d5, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH + 16)).fma(d6, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + PITCH + 24)).fma(d7, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH)).fma(d8, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH + 8)).fma(d9, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH + 16)).fma(d10, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 2 * PITCH + 24)).fma(d11, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH)).fma(d12, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH + 8)).fma(d13, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH + 16)).fma(d14, a);
                a = EXACT.cast(FloatVector.fromArray(FLOATS, x, o + 3 * PITCH + 24)).fma(d15, a);
                EXACT.cast(a).intoArray(accumulators, Alignment.ORIGIN + 8 * j);
            }
        }
    }
}
