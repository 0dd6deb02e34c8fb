package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import jdk.incubator.vector.FloatVector;

/** The way of pairs of pixels between y, where gaps may lie between pixels, and a tile of sums, where none do. */
final class Tile512 {
    private Tile512() {
    }

    /** Pairs that all begin with the same number. */
    static void fill(float start, float[] tile, int at, int pairs) {
        FloatVector value = EXACT.cast(FloatVector.broadcast(FLOATS512, start));
        for (int i = 0; i < pairs; i++) {
            value.intoArray(tile, at + 16 * i);
        }
    }

    static void load(float[] y, int from, int yStep, float[] tile, int at) {
        if (yStep == LANES) {
            EXACT.cast(FloatVector.fromArray(FLOATS512, y, from)).intoArray(tile, at);
        } else {
            System.arraycopy(y, from, tile, at, LANES);
            System.arraycopy(y, from + yStep, tile, at + LANES, LANES);
        }
    }

    static void store(float[] tile, int at, float[] y, int to, int yStep) {
        if (yStep == LANES) {
            EXACT.cast(FloatVector.fromArray(FLOATS512, tile, at)).intoArray(y, to);
        } else {
            System.arraycopy(tile, at, y, to, LANES);
            System.arraycopy(tile, at + LANES, y, to + yStep, LANES);
        }
    }
}
