// Generated from engine/src/templates/DenseConvolution512.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.Alignment;
import jdk.incubator.vector.FloatVector;

/**
 * The dense convolution on vectors of two pixels, {@code y[k, p, q] = start[k] + Σ_j w[k, j] · x[p, q + offsets[j]]}: eight output rows by
 * two such pairs in registers, or three where an odd number of pairs ends, 10 loads of x and broadcasts of w
 * for 16 multiply-adds; 22 for 48 where {@link DenseTapRows512} can have the work, and 17 for 16 where a map is one pair
 * ({@link DenseColumn512}). Bands, blocks and panels are those of {@link DenseConvolution}. A band's pairs form one list, so that the
 * pairs of a tile may lie in different image rows; where rows are an odd number of pixels wide, the last pair of each overlaps the one
 * before, and a pixel is computed twice.
 */
final class DenseConvolution512 {
    /** Rows of a tile: two packs of four. */
    static final int TILE_ROWS = 8;

    /** What y holds of a tile, one a thread: row by row two to four pairs of pixels. y itself may have gaps between its pixels. */
    private static final ThreadLocal<float[]> TILE = ThreadLocal.withInitial(() -> new float[Alignment.ORIGIN + TILE_ROWS * 48]);

    private DenseConvolution512() {
    }

    /** Whether rows of pixels are pairs, or may be: what is written twice must not be added to what y holds. */
    static boolean covers(int columns, float[] start, int outputColumns) {
        return outputColumns % 2 == 0 || outputColumns > 1 && start != null && columns <= DenseConvolution.BLOCK_COLUMNS;
    }

    /** As {@link DenseConvolution#run}, on whole tiles of rows, where {@link #covers} says so. */
    static void run(float[] x, int xBase, int xPitch, int[] offsets, int columns, float[] values, int valuesBase, float[] start, float[] y,
            int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        float[] tile = TILE.get();
        int rest = from;
        if (outputRows == 1 && outputColumns == 2) {
            rest = to - (to - from) % DenseColumn512.TILE_ROWS;
            DenseColumn512.run(x, xBase, offsets, columns, values, valuesBase, start, tile, y, yBase, yChannel, yStep, from, rest);
        }
        int step = outputColumns % 4 == 0 ? DenseTapRows512.step(offsets, columns) : 0;
        int width = (outputColumns + 1) / 2;
        int bandRows = Math.max(1, DenseConvolution.BAND_PIXELS / outputColumns);
        for (int top = 0; top < outputRows; top += bandRows) {
            int pairs = Math.min(bandRows, outputRows - top) * width;
            int in = xBase + top * xPitch;
            int out = yBase + top * yPitch;
            for (int k = rest; k < to; k += DenseConvolution.PANEL_ROWS) {
                int panel = Math.min(to, k + DenseConvolution.PANEL_ROWS);
                int first = 0;
                // Once without columns too: a phase that no tap reaches is written as start.
                do {
                    int last = Math.min(columns, first + DenseConvolution.BLOCK_COLUMNS);
                    float[] begin = first == 0 ? start : null;
                    int pack = valuesBase + (k - from) * columns;
                    if (step != 0) {
                        DenseTapRows512.block(x, in, xPitch, offsets, columns, first, last, step, values, pack, begin, tile, y, out,
                                yChannel, yPitch, yStep, pairs, width, k, panel);
                    } else {
                        block(x, in, xPitch, offsets, columns, first, last, values, pack, begin, tile, y, out, yChannel, yPitch, yStep,
                                pairs, width, outputColumns - 2, k, panel);
                    }
                    first = last;
                } while (first < columns);
            }
        }
    }

    /**
     * Columns {@code [first, last)} of rows {@code [from, to)} on the pairs of a band; without a start they add to y.
     *
     * @param width pairs of an image row
     * @param lastPixel where the last of them begins
     */
    private static void block(float[] x, int in, int xPitch, int[] offsets, int columns, int first, int last, float[] values,
            int valuesBase, float[] start, float[] tile, float[] y, int out, int yChannel, int yPitch, int yStep, int pairs, int width,
            int lastPixel, int from, int to) {
        int three = pairs % 2 == 1 && pairs > 1 ? pairs - 3 : pairs;
        for (int i = 0; i < three; i += 2) {
            // A single pair is computed twice.
            int other = Math.min(i + 1, pairs - 1);
            int pixel0 = Math.min(i % width * 2, lastPixel);
            int pixel1 = Math.min(other % width * 2, lastPixel);
            int in0 = in + i / width * xPitch + pixel0 * LANES;
            int in1 = in + other / width * xPitch + pixel1 * LANES;
            int out0 = out + i / width * yPitch + pixel0 * yStep;
            int out1 = out + other / width * yPitch + pixel1 * yStep;
            for (int k = from; k < to; k += TILE_ROWS) {
                int pack = valuesBase + (k - from) * columns + 4 * first;
                if (start != null) {
                    fill(start, k, 2, tile);
                } else {
                    gather(y, out0 + k * yChannel, yChannel, yStep, tile, 2, 0);
                    gather(y, out1 + k * yChannel, yChannel, yStep, tile, 2, 1);
                }
                tile8x2(x, in0, in1, offsets, first, last, values, pack, pack + 4 * columns, tile);
                scatter(tile, 2, 0, y, out0 + k * yChannel, yChannel, yStep);
                scatter(tile, 2, 1, y, out1 + k * yChannel, yChannel, yStep);
            }
        }
        if (three < pairs) {
            lastThree(x, in, xPitch, offsets, columns, first, last, values, valuesBase, start, tile, y, out, yChannel, yPitch, yStep,
                    three, width, lastPixel, from, to);
        }
    }

    /** The last three pairs of an odd number, the first of which is {@code i}. */
    private static void lastThree(float[] x, int in, int xPitch, int[] offsets, int columns, int first, int last, float[] values,
            int valuesBase, float[] start, float[] tile, float[] y, int out, int yChannel, int yPitch, int yStep, int i, int width,
            int lastPixel, int from, int to) {
        int pair0 = i;
        int pixel0 = Math.min(pair0 % width * 2, lastPixel);
        int in0 = in + pair0 / width * xPitch + pixel0 * LANES;
        int out0 = out + pair0 / width * yPitch + pixel0 * yStep;
        int pair1 = i + 1;
        int pixel1 = Math.min(pair1 % width * 2, lastPixel);
        int in1 = in + pair1 / width * xPitch + pixel1 * LANES;
        int out1 = out + pair1 / width * yPitch + pixel1 * yStep;
        int pair2 = i + 2;
        int pixel2 = Math.min(pair2 % width * 2, lastPixel);
        int in2 = in + pair2 / width * xPitch + pixel2 * LANES;
        int out2 = out + pair2 / width * yPitch + pixel2 * yStep;
        for (int k = from; k < to; k += TILE_ROWS) {
            int pack = valuesBase + (k - from) * columns + 4 * first;
            if (start != null) {
                fill(start, k, 3, tile);
            } else {
                gather(y, out0 + k * yChannel, yChannel, yStep, tile, 3, 0);
                gather(y, out1 + k * yChannel, yChannel, yStep, tile, 3, 1);
                gather(y, out2 + k * yChannel, yChannel, yStep, tile, 3, 2);
            }
            tile8x3(x, in0, in1, in2, offsets, first, last, values, pack, pack + 4 * columns, tile);
            scatter(tile, 3, 0, y, out0 + k * yChannel, yChannel, yStep);
            scatter(tile, 3, 1, y, out1 + k * yChannel, yChannel, yStep);
            scatter(tile, 3, 2, y, out2 + k * yChannel, yChannel, yStep);
        }
    }

    private static void fill(float[] start, int k, int pairs, float[] tile) {
        for (int row = 0; row < TILE_ROWS; row++) {
            Tile512.fill(start[k + row], tile, Alignment.ORIGIN + 16 * pairs * row, pairs);
        }
    }

    private static void gather(float[] y, int out, int yChannel, int yStep, float[] tile, int pairs, int pair) {
        for (int row = 0; row < TILE_ROWS; row++) {
            Tile512.load(y, out + row * yChannel, yStep, tile, Alignment.ORIGIN + 16 * (pairs * row + pair));
        }
    }

    private static void scatter(float[] tile, int pairs, int pair, float[] y, int out, int yChannel, int yStep) {
        for (int row = 0; row < TILE_ROWS; row++) {
            Tile512.store(tile, Alignment.ORIGIN + 16 * (pairs * row + pair), y, out + row * yChannel, yStep);
        }
    }

    /** Eight rows, whose weights lie in two packs, and 2 pairs of pixels. */
    private static void tile8x2(float[] x, int in0, int in1, int[] offsets, int first, int last, float[] values, int pack0, int pack1,
            float[] tile) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 16));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 32));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 48));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 64));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 80));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 96));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 112));
        FloatVector a40 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 128));
        FloatVector a41 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 144));
        FloatVector a50 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 160));
        FloatVector a51 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 176));
        FloatVector a60 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 192));
        FloatVector a61 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 208));
        FloatVector a70 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 224));
        FloatVector a71 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 240));
        int v = pack0;
        int w = pack1;
        for (int j = first; j < last; j++) {
            int o = offsets[j];
            FloatVector x0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in0 + o));
            FloatVector x1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in1 + o));
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v]));
            a00 = w0.fma(x0, a00);
            a01 = w0.fma(x1, a01);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 1]));
            a10 = w1.fma(x0, a10);
            a11 = w1.fma(x1, a11);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 2]));
            a20 = w2.fma(x0, a20);
            a21 = w2.fma(x1, a21);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 3]));
            a30 = w3.fma(x0, a30);
            a31 = w3.fma(x1, a31);
            FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w]));
            a40 = w4.fma(x0, a40);
            a41 = w4.fma(x1, a41);
            FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w + 1]));
            a50 = w5.fma(x0, a50);
            a51 = w5.fma(x1, a51);
            FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w + 2]));
            a60 = w6.fma(x0, a60);
            a61 = w6.fma(x1, a61);
            FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w + 3]));
            a70 = w7.fma(x0, a70);
            a71 = w7.fma(x1, a71);
            v += 4;
            w += 4;
        }
        EXACT.cast(a00).intoArray(tile, Alignment.ORIGIN);
        EXACT.cast(a01).intoArray(tile, Alignment.ORIGIN + 16);
        EXACT.cast(a10).intoArray(tile, Alignment.ORIGIN + 32);
        EXACT.cast(a11).intoArray(tile, Alignment.ORIGIN + 48);
        EXACT.cast(a20).intoArray(tile, Alignment.ORIGIN + 64);
        EXACT.cast(a21).intoArray(tile, Alignment.ORIGIN + 80);
        EXACT.cast(a30).intoArray(tile, Alignment.ORIGIN + 96);
        EXACT.cast(a31).intoArray(tile, Alignment.ORIGIN + 112);
        EXACT.cast(a40).intoArray(tile, Alignment.ORIGIN + 128);
        EXACT.cast(a41).intoArray(tile, Alignment.ORIGIN + 144);
        EXACT.cast(a50).intoArray(tile, Alignment.ORIGIN + 160);
        EXACT.cast(a51).intoArray(tile, Alignment.ORIGIN + 176);
        EXACT.cast(a60).intoArray(tile, Alignment.ORIGIN + 192);
        EXACT.cast(a61).intoArray(tile, Alignment.ORIGIN + 208);
        EXACT.cast(a70).intoArray(tile, Alignment.ORIGIN + 224);
        EXACT.cast(a71).intoArray(tile, Alignment.ORIGIN + 240);
    }

    /** Eight rows, whose weights lie in two packs, and 3 pairs of pixels. */
    private static void tile8x3(float[] x, int in0, int in1, int in2, int[] offsets, int first, int last, float[] values, int pack0,
            int pack1, float[] tile) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 16));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 32));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 48));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 64));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 80));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 96));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 112));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 128));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 144));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 160));
        FloatVector a32 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 176));
        FloatVector a40 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 192));
        FloatVector a41 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 208));
        FloatVector a42 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 224));
        FloatVector a50 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 240));
        FloatVector a51 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 256));
        FloatVector a52 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 272));
        FloatVector a60 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 288));
        FloatVector a61 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 304));
        FloatVector a62 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 320));
        FloatVector a70 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 336));
        FloatVector a71 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 352));
        FloatVector a72 = EXACT.cast(FloatVector.fromArray(FLOATS512, tile, Alignment.ORIGIN + 368));
        int v = pack0;
        int w = pack1;
        for (int j = first; j < last; j++) {
            int o = offsets[j];
            FloatVector x0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in0 + o));
            FloatVector x1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in1 + o));
            FloatVector x2 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in2 + o));
            FloatVector w0 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v]));
            a00 = w0.fma(x0, a00);
            a01 = w0.fma(x1, a01);
            a02 = w0.fma(x2, a02);
            FloatVector w1 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 1]));
            a10 = w1.fma(x0, a10);
            a11 = w1.fma(x1, a11);
            a12 = w1.fma(x2, a12);
            FloatVector w2 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 2]));
            a20 = w2.fma(x0, a20);
            a21 = w2.fma(x1, a21);
            a22 = w2.fma(x2, a22);
            FloatVector w3 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[v + 3]));
            a30 = w3.fma(x0, a30);
            a31 = w3.fma(x1, a31);
            a32 = w3.fma(x2, a32);
            FloatVector w4 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w]));
            a40 = w4.fma(x0, a40);
            a41 = w4.fma(x1, a41);
            a42 = w4.fma(x2, a42);
            FloatVector w5 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w + 1]));
            a50 = w5.fma(x0, a50);
            a51 = w5.fma(x1, a51);
            a52 = w5.fma(x2, a52);
            FloatVector w6 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w + 2]));
            a60 = w6.fma(x0, a60);
            a61 = w6.fma(x1, a61);
            a62 = w6.fma(x2, a62);
            FloatVector w7 = EXACT.cast(FloatVector.broadcast(FLOATS512, values[w + 3]));
            a70 = w7.fma(x0, a70);
            a71 = w7.fma(x1, a71);
            a72 = w7.fma(x2, a72);
            v += 4;
            w += 4;
        }
        EXACT.cast(a00).intoArray(tile, Alignment.ORIGIN);
        EXACT.cast(a01).intoArray(tile, Alignment.ORIGIN + 16);
        EXACT.cast(a02).intoArray(tile, Alignment.ORIGIN + 32);
        EXACT.cast(a10).intoArray(tile, Alignment.ORIGIN + 48);
        EXACT.cast(a11).intoArray(tile, Alignment.ORIGIN + 64);
        EXACT.cast(a12).intoArray(tile, Alignment.ORIGIN + 80);
        EXACT.cast(a20).intoArray(tile, Alignment.ORIGIN + 96);
        EXACT.cast(a21).intoArray(tile, Alignment.ORIGIN + 112);
        EXACT.cast(a22).intoArray(tile, Alignment.ORIGIN + 128);
        EXACT.cast(a30).intoArray(tile, Alignment.ORIGIN + 144);
        EXACT.cast(a31).intoArray(tile, Alignment.ORIGIN + 160);
        EXACT.cast(a32).intoArray(tile, Alignment.ORIGIN + 176);
        EXACT.cast(a40).intoArray(tile, Alignment.ORIGIN + 192);
        EXACT.cast(a41).intoArray(tile, Alignment.ORIGIN + 208);
        EXACT.cast(a42).intoArray(tile, Alignment.ORIGIN + 224);
        EXACT.cast(a50).intoArray(tile, Alignment.ORIGIN + 240);
        EXACT.cast(a51).intoArray(tile, Alignment.ORIGIN + 256);
        EXACT.cast(a52).intoArray(tile, Alignment.ORIGIN + 272);
        EXACT.cast(a60).intoArray(tile, Alignment.ORIGIN + 288);
        EXACT.cast(a61).intoArray(tile, Alignment.ORIGIN + 304);
        EXACT.cast(a62).intoArray(tile, Alignment.ORIGIN + 320);
        EXACT.cast(a70).intoArray(tile, Alignment.ORIGIN + 336);
        EXACT.cast(a71).intoArray(tile, Alignment.ORIGIN + 352);
        EXACT.cast(a72).intoArray(tile, Alignment.ORIGIN + 368);
    }
}
