// Generated from engine/src/templates/DenseColumn512.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;

import dev.fedtiny.engine.internal.kernel.Alignment;
import jdk.incubator.vector.FloatVector;

/**
 * The dense convolution on maps of one pair of pixels, as the tiles of a single image have in its last layers: sixteen output rows share
 * what is read of x. Every weight is used once, so weights come from memory as fast as it gives them, a row's from end to end, without
 * blocks of columns.
 */
final class DenseColumn512 {
    static final int TILE_ROWS = 16;

    private DenseColumn512() {
    }

    /** Rows {@code [from, to)}, whole tiles, of one pair; {@code tile}: sixteen pairs of scratch. */
    static void run(float[] x, int in, int[] offsets, int columns, float[] values, int valuesBase, float[] start, float[] tile, float[] y,
            int out, int yChannel, int yStep, int from, int to) {
        for (int k = from; k < to; k += TILE_ROWS) {
            for (int row = 0; row < TILE_ROWS; row++) {
                int place = Alignment.ORIGIN + 16 * row;
                if (start != null) {
                    Tile512.fill(start[k + row], tile, place, 1);
                } else {
                    Tile512.load(y, out + (k + row) * yChannel, yStep, tile, place);
                }
            }
            tile(x, in, offsets, columns, values, valuesBase + (k - from) * columns, tile);
            for (int row = 0; row < TILE_ROWS; row++) {
                Tile512.store(tile, Alignment.ORIGIN + 16 * row, y, out + (k + row) * yChannel, yStep);
            }
        }
    }

    /** Sixteen rows, whose weights lie in four packs. */
    private static void tile(float[] x, int in, int[] offsets, int columns, float[] values, int pack, float[] tile) {
        FloatVector a0 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN));
        FloatVector a1 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 16));
        FloatVector a2 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 32));
        FloatVector a3 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 48));
        FloatVector a4 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 64));
        FloatVector a5 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 80));
        FloatVector a6 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 96));
        FloatVector a7 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 112));
        FloatVector a8 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 128));
        FloatVector a9 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 144));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 160));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 176));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 192));
        FloatVector a13 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 208));
        FloatVector a14 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 224));
        FloatVector a15 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 240));
        int v0 = pack;
        int v1 = v0 + 4 * columns;
        int v2 = v1 + 4 * columns;
        int v3 = v2 + 4 * columns;
        for (int j = 0; j < columns; j++) {
            FloatVector p = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in + offsets[j]));
            a0 = p.fma(FloatVector.broadcast(FLOATS512, values[v0]), a0);
            a1 = p.fma(FloatVector.broadcast(FLOATS512, values[v0 + 1]), a1);
            a2 = p.fma(FloatVector.broadcast(FLOATS512, values[v0 + 2]), a2);
            a3 = p.fma(FloatVector.broadcast(FLOATS512, values[v0 + 3]), a3);
            a4 = p.fma(FloatVector.broadcast(FLOATS512, values[v1]), a4);
            a5 = p.fma(FloatVector.broadcast(FLOATS512, values[v1 + 1]), a5);
            a6 = p.fma(FloatVector.broadcast(FLOATS512, values[v1 + 2]), a6);
            a7 = p.fma(FloatVector.broadcast(FLOATS512, values[v1 + 3]), a7);
            a8 = p.fma(FloatVector.broadcast(FLOATS512, values[v2]), a8);
            a9 = p.fma(FloatVector.broadcast(FLOATS512, values[v2 + 1]), a9);
            a10 = p.fma(FloatVector.broadcast(FLOATS512, values[v2 + 2]), a10);
            a11 = p.fma(FloatVector.broadcast(FLOATS512, values[v2 + 3]), a11);
            a12 = p.fma(FloatVector.broadcast(FLOATS512, values[v3]), a12);
            a13 = p.fma(FloatVector.broadcast(FLOATS512, values[v3 + 1]), a13);
            a14 = p.fma(FloatVector.broadcast(FLOATS512, values[v3 + 2]), a14);
            a15 = p.fma(FloatVector.broadcast(FLOATS512, values[v3 + 3]), a15);
            v0 += 4;
            v1 += 4;
            v2 += 4;
            v3 += 4;
        }
        EXACT.cast(a0).intoArray(tile, Alignment.ORIGIN);
        EXACT.cast(a1).intoArray(tile, Alignment.ORIGIN + 16);
        EXACT.cast(a2).intoArray(tile, Alignment.ORIGIN + 32);
        EXACT.cast(a3).intoArray(tile, Alignment.ORIGIN + 48);
        EXACT.cast(a4).intoArray(tile, Alignment.ORIGIN + 64);
        EXACT.cast(a5).intoArray(tile, Alignment.ORIGIN + 80);
        EXACT.cast(a6).intoArray(tile, Alignment.ORIGIN + 96);
        EXACT.cast(a7).intoArray(tile, Alignment.ORIGIN + 112);
        EXACT.cast(a8).intoArray(tile, Alignment.ORIGIN + 128);
        EXACT.cast(a9).intoArray(tile, Alignment.ORIGIN + 144);
        EXACT.cast(a10).intoArray(tile, Alignment.ORIGIN + 160);
        EXACT.cast(a11).intoArray(tile, Alignment.ORIGIN + 176);
        EXACT.cast(a12).intoArray(tile, Alignment.ORIGIN + 192);
        EXACT.cast(a13).intoArray(tile, Alignment.ORIGIN + 208);
        EXACT.cast(a14).intoArray(tile, Alignment.ORIGIN + 224);
        EXACT.cast(a15).intoArray(tile, Alignment.ORIGIN + 240);
    }
}
