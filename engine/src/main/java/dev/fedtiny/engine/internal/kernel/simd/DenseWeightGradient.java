// Generated from engine/src/templates/DenseWeightGradient.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.multiplyAdd;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of all columns of some rows: {@code g[k, j] = Σ_pq dz[k, p, q] · x[p, q + offsets[j]]}. Tiles of three rows by three columns of
 * accumulators stay in registers over a segment of pixels,
 * then wait in memory for the next one. A segment's dz is packed, pixel by pixel the three rows side by side, for all rows of the call
 * at once, so that it stays in the first-level cache while the columns run by and a column's x is read once for all rows; columns
 * are cut into blocks whose accumulators stay in the second-level cache. Pixels lie in one list, whose places in x are in a table: short
 * image rows would otherwise pay for a loop each. Pixels are taken in pairs where the output's width is even: with four, C2 gives up
 * inlining at its fixed number of nodes a method, and every vector operation after that makes objects. Where rows or columns are left over,
 * zeros or the last column stand in for the missing ones and the results are dropped.
 */
final class DenseWeightGradient {
    private static final int TILE = 3;
    private static final int SEGMENT = WeightGradientKernel.SEGMENT_PIXELS;
    private static final int BLOCK = WeightGradientKernel.BLOCK_COLUMNS;
    /** Places in x of a segment's pixels or pairs, one table a thread: kernels allocate nothing. */
    private static final ThreadLocal<int[]> PLACES = ThreadLocal.withInitial(() -> new int[SEGMENT]);

    private DenseWeightGradient() {
    }

    static void run(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
            int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase, float[] lanes,
            int lanesBase, int from, int to) {
        int[] places = PLACES.get();
        int pixels = groups * outputRows * outputColumns;
        int step = outputColumns % 2 == 0 ? 2 : 1;
        int triples = Math.ceilDiv(to - from, TILE);
        int packed = lanesBase + triples * Math.ceilDiv(Math.min(columns, BLOCK), TILE) * 72;
        for (int first = 0; first < columns; first += BLOCK) {
            int last = Math.min(columns, first + BLOCK);
            int tiles = Math.ceilDiv(last - first, TILE);
            java.util.Arrays.fill(lanes, lanesBase, lanesBase + triples * tiles * 72, 0);
            for (int pixel = 0; pixel < pixels; pixel += SEGMENT) {
                int count = Math.min(SEGMENT, pixels - pixel);
                for (int i = 0; i < count; i++) {
                    int row = (pixel + i) / outputColumns;
                    int column = (pixel + i) % outputColumns;
                    places[i / step] = xBase + row / outputRows * xGroup + row % outputRows * xPitch + column / step * step * 8;
                    int at = dzBase + row / outputRows * dzGroup + row % outputRows * dzPitch + column * 8;
                    pack(dz, at, dzChannel, from, to, lanes, packed + i * TILE * 8, SEGMENT * TILE * 8);
                }
                for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                    segment(x, lane, places, count / step, step, lanes, packed + lane, triples, offsets, first, last, lanesBase + lane);
                }
            }
            for (int k = from; k < to; k++) {
                int row = lanesBase + (k - from) / TILE * tiles * 72 + (k - from) % TILE * TILE * 8;
                LaneSums.writeTiles(lanes, row, 72, 8, last - first, gradient, gradientBase + (k - from) * columns + first);
            }
        }
    }

    /** One pixel of all rows: three rows lie side by side, zeros where the last three are not full. */
    private static void pack(float[] dz, int at, int dzChannel, int from, int to, float[] packed, int place, int triple) {
        for (int k = from; k < to; k++) {
            System.arraycopy(dz, at + k * dzChannel, packed, place + (k - from) / TILE * triple + (k - from) % TILE * 8, 8);
        }
        for (int k = to; (k - from) % TILE != 0; k++) {
            java.util.Arrays.fill(packed, place + (k - from) / TILE * triple + (k - from) % TILE * 8,
                    place + (k - from) / TILE * triple + (k - from) % TILE * 8 + 8, 0);
        }
    }

    private static void segment(float[] x, int lane, int[] places, int count, int step, float[] lanes, int packed, int triples,
            int[] offsets, int first, int last, int lanesAt) {
        int tiles = Math.ceilDiv(last - first, TILE);
        for (int j = first; j < last; j += TILE) {
            int in0 = lane + offsets[j];
            int in1 = lane + offsets[Math.min(j + 1, last - 1)];
            int in2 = lane + offsets[Math.min(j + 2, last - 1)];
            boolean adjacent = in1 == in0 + 8 && in2 == in0 + 16;
            for (int t = 0; t < triples; t++) {
                int dzAt = packed + t * SEGMENT * TILE * 8;
                int at = lanesAt + (t * tiles + (j - first) / TILE) * 72;
                if (step == 1) {
                    pixels(x, in0, in1, in2, places, count, lanes, dzAt, at);
                } else if (adjacent) {
                    adjacent(x, in0, places, count, lanes, dzAt, at);
                } else {
                    pairs(x, in0, in1, in2, places, count, lanes, dzAt, at);
                }
            }
        }
    }

    /** Three columns beside each other, which share their loads; pairs of pixels. */
    private static void adjacent(float[] x, int in0, int[] places, int count, float[] lanes, int dzAt, int at) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 8));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 16));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 24));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 32));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 40));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 48));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 56));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 64));
        for (int t = 0; t < count; t++) {
            int o = dzAt + t * 48;
            int i0 = in0 + places[t];
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, i0);
            FloatVector x1 = FloatVector.fromArray(FLOATS, x, i0 + 8);
            FloatVector x2 = FloatVector.fromArray(FLOATS, x, i0 + 16);
            FloatVector x3 = FloatVector.fromArray(FLOATS, x, i0 + 24);
            FloatVector d00 = FloatVector.fromArray(FLOATS, lanes, o);
            a00 = multiplyAdd(x0, d00, a00);
            a01 = multiplyAdd(x1, d00, a01);
            a02 = multiplyAdd(x2, d00, a02);
            FloatVector d10 = FloatVector.fromArray(FLOATS, lanes, o + 8);
            a10 = multiplyAdd(x0, d10, a10);
            a11 = multiplyAdd(x1, d10, a11);
            a12 = multiplyAdd(x2, d10, a12);
            FloatVector d20 = FloatVector.fromArray(FLOATS, lanes, o + 16);
            a20 = multiplyAdd(x0, d20, a20);
            a21 = multiplyAdd(x1, d20, a21);
            a22 = multiplyAdd(x2, d20, a22);
            FloatVector d01 = FloatVector.fromArray(FLOATS, lanes, o + 24);
            a00 = multiplyAdd(x1, d01, a00);
            a01 = multiplyAdd(x2, d01, a01);
            a02 = multiplyAdd(x3, d01, a02);
            FloatVector d11 = FloatVector.fromArray(FLOATS, lanes, o + 32);
            a10 = multiplyAdd(x1, d11, a10);
            a11 = multiplyAdd(x2, d11, a11);
            a12 = multiplyAdd(x3, d11, a12);
            FloatVector d21 = FloatVector.fromArray(FLOATS, lanes, o + 40);
            a20 = multiplyAdd(x1, d21, a20);
            a21 = multiplyAdd(x2, d21, a21);
            a22 = multiplyAdd(x3, d21, a22);
        }
        EXACT.cast(a00).intoArray(lanes, at);
        EXACT.cast(a01).intoArray(lanes, at + 8);
        EXACT.cast(a02).intoArray(lanes, at + 16);
        EXACT.cast(a10).intoArray(lanes, at + 24);
        EXACT.cast(a11).intoArray(lanes, at + 32);
        EXACT.cast(a12).intoArray(lanes, at + 40);
        EXACT.cast(a20).intoArray(lanes, at + 48);
        EXACT.cast(a21).intoArray(lanes, at + 56);
        EXACT.cast(a22).intoArray(lanes, at + 64);
    }

    /** Any three columns, pairs of pixels. */
    private static void pairs(float[] x, int in0, int in1, int in2, int[] places, int count, float[] lanes, int dzAt, int at) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 8));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 16));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 24));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 32));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 40));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 48));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 56));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 64));
        for (int t = 0; t < count; t++) {
            int o = dzAt + t * 48;
            int i0 = in0 + places[t];
            int i1 = in1 + places[t];
            int i2 = in2 + places[t];
            FloatVector x00 = FloatVector.fromArray(FLOATS, x, i0);
            FloatVector x10 = FloatVector.fromArray(FLOATS, x, i1);
            FloatVector x20 = FloatVector.fromArray(FLOATS, x, i2);
            FloatVector d00 = FloatVector.fromArray(FLOATS, lanes, o);
            a00 = multiplyAdd(x00, d00, a00);
            a01 = multiplyAdd(x10, d00, a01);
            a02 = multiplyAdd(x20, d00, a02);
            FloatVector d10 = FloatVector.fromArray(FLOATS, lanes, o + 8);
            a10 = multiplyAdd(x00, d10, a10);
            a11 = multiplyAdd(x10, d10, a11);
            a12 = multiplyAdd(x20, d10, a12);
            FloatVector d20 = FloatVector.fromArray(FLOATS, lanes, o + 16);
            a20 = multiplyAdd(x00, d20, a20);
            a21 = multiplyAdd(x10, d20, a21);
            a22 = multiplyAdd(x20, d20, a22);
            FloatVector x01 = FloatVector.fromArray(FLOATS, x, i0 + 8);
            FloatVector x11 = FloatVector.fromArray(FLOATS, x, i1 + 8);
            FloatVector x21 = FloatVector.fromArray(FLOATS, x, i2 + 8);
            FloatVector d01 = FloatVector.fromArray(FLOATS, lanes, o + 24);
            a00 = multiplyAdd(x01, d01, a00);
            a01 = multiplyAdd(x11, d01, a01);
            a02 = multiplyAdd(x21, d01, a02);
            FloatVector d11 = FloatVector.fromArray(FLOATS, lanes, o + 32);
            a10 = multiplyAdd(x01, d11, a10);
            a11 = multiplyAdd(x11, d11, a11);
            a12 = multiplyAdd(x21, d11, a12);
            FloatVector d21 = FloatVector.fromArray(FLOATS, lanes, o + 40);
            a20 = multiplyAdd(x01, d21, a20);
            a21 = multiplyAdd(x11, d21, a21);
            a22 = multiplyAdd(x21, d21, a22);
        }
        EXACT.cast(a00).intoArray(lanes, at);
        EXACT.cast(a01).intoArray(lanes, at + 8);
        EXACT.cast(a02).intoArray(lanes, at + 16);
        EXACT.cast(a10).intoArray(lanes, at + 24);
        EXACT.cast(a11).intoArray(lanes, at + 32);
        EXACT.cast(a12).intoArray(lanes, at + 40);
        EXACT.cast(a20).intoArray(lanes, at + 48);
        EXACT.cast(a21).intoArray(lanes, at + 56);
        EXACT.cast(a22).intoArray(lanes, at + 64);
    }

    /** Any three columns, pixel by pixel. */
    private static void pixels(float[] x, int in0, int in1, int in2, int[] places, int count, float[] lanes, int dzAt, int at) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 8));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 16));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 24));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 32));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 40));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 48));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 56));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS, lanes, at + 64));
        for (int t = 0; t < count; t++) {
            int o = dzAt + t * 24;
            int i0 = in0 + places[t];
            int i1 = in1 + places[t];
            int i2 = in2 + places[t];
            FloatVector x00 = FloatVector.fromArray(FLOATS, x, i0);
            FloatVector x10 = FloatVector.fromArray(FLOATS, x, i1);
            FloatVector x20 = FloatVector.fromArray(FLOATS, x, i2);
            FloatVector d00 = FloatVector.fromArray(FLOATS, lanes, o);
            a00 = multiplyAdd(x00, d00, a00);
            a01 = multiplyAdd(x10, d00, a01);
            a02 = multiplyAdd(x20, d00, a02);
            FloatVector d10 = FloatVector.fromArray(FLOATS, lanes, o + 8);
            a10 = multiplyAdd(x00, d10, a10);
            a11 = multiplyAdd(x10, d10, a11);
            a12 = multiplyAdd(x20, d10, a12);
            FloatVector d20 = FloatVector.fromArray(FLOATS, lanes, o + 16);
            a20 = multiplyAdd(x00, d20, a20);
            a21 = multiplyAdd(x10, d20, a21);
            a22 = multiplyAdd(x20, d20, a22);
        }
        EXACT.cast(a00).intoArray(lanes, at);
        EXACT.cast(a01).intoArray(lanes, at + 8);
        EXACT.cast(a02).intoArray(lanes, at + 16);
        EXACT.cast(a10).intoArray(lanes, at + 24);
        EXACT.cast(a11).intoArray(lanes, at + 32);
        EXACT.cast(a12).intoArray(lanes, at + 40);
        EXACT.cast(a20).intoArray(lanes, at + 48);
        EXACT.cast(a21).intoArray(lanes, at + 56);
        EXACT.cast(a22).intoArray(lanes, at + 64);
    }
}
