package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.LaneTree;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** Sums of eight lanes each, added as {@link LaneTree} says: in registers, where a vector holds eight. */
final class LaneSums {
    private static final boolean WHOLE = Species.LENGTH == 8;
    private static final VectorShuffle<Float> BY_FOUR = VectorShuffle.iota(FLOATS, 4 % Species.LENGTH, 1, true);
    private static final VectorShuffle<Float> BY_TWO = VectorShuffle.iota(FLOATS, 2, 1, true);
    private static final VectorShuffle<Float> BY_ONE = VectorShuffle.iota(FLOATS, 1, 1, true);

    private LaneSums() {
    }

    /** {@code sums[to + j]} from the eight floats at {@code at + 8·j}, for j below {@code count}. */
    static void write(float[] lanes, int at, int count, float[] sums, int to) {
        for (int j = 0; j < count; j++) {
            sums[to + j] = sum(lanes, at + LANES * j);
        }
    }

    /** As above for accumulators in tiles of three, {@code tileFloats} apart, each of the three {@code step} floats from the one before. */
    static void writeTiles(float[] lanes, int at, int tileFloats, int step, int count, float[] sums, int to) {
        int j = 0;
        for (int tile = at; j + 3 <= count; tile += tileFloats, j += 3) {
            sums[to + j] = sum(lanes, tile);
            sums[to + j + 1] = sum(lanes, tile + step);
            sums[to + j + 2] = sum(lanes, tile + 2 * step);
        }
        for (int tile = at + count / 3 * tileFloats; j < count; tile += step, j++) {
            sums[to + j] = sum(lanes, tile);
        }
    }

    private static float sum(float[] lanes, int at) {
        if (!WHOLE) {
            return LaneTree.sum(lanes, at);
        }
        FloatVector v = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at));
        v = v.add(v.rearrange(BY_FOUR));
        v = v.add(v.rearrange(BY_TWO));
        return v.add(v.rearrange(BY_ONE)).lane(0);
    }
}
