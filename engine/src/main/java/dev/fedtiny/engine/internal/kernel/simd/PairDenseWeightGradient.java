package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.PairSpecies.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.PairSpecies.PAIRS;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.LaneTree;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of all columns of some rows on vectors of two rows: every accumulator still adds its pixels one after the other. Tiles of
 * twelve (or six) rows by three columns stay in registers over a segment of pixels. A segment's dz is packed, pixel by pixel all rows side by
 * side; what three columns read of x is copied beside each other with every pixel twice, once for each row of a vector: about a
 * fifth of the multiply-adds' time, less than shuffles between them took. Blocks, segments and what is left over: as {@link DenseWeightGradient}.
 */
final class PairDenseWeightGradient {
    private static final int COLUMNS = 3;
    private static final int SEGMENT = WeightGradientKernel.SEGMENT_PIXELS;
    private static final int BLOCK = WeightGradientKernel.BLOCK_COLUMNS;
    private static final int ROWS = WeightGradientKernel.DENSE_ROWS;
    private static final int FEW_ROWS = ROWS / 2;

    /** What a thread holds: kernels allocate nothing. */
    private static final ThreadLocal<Segment> SEGMENTS = ThreadLocal.withInitial(Segment::new);

    private PairDenseWeightGradient() {
    }

    /** A segment's pixels, and what three columns read of x at them. */
    private static final class Segment {
        /** Places of the pixels in x. */
        final int[] places = new int[SEGMENT];
        /** First pixel of each run of pixels beside each other; behind the last, the number of pixels. */
        final int[] runs = new int[SEGMENT + 1];
        /** Places of the pixels in {@link #twice} where the three columns are beside each other: a run has two pixels more then. */
        final int[] adjacent = new int[SEGMENT];
        /** The same where they are not: a pixel's three columns lie beside each other then. */
        final int[] apart = new int[SEGMENT];
        final float[] twice = new float[Alignment.ORIGIN + COLUMNS * SEGMENT * 16];
        int pixels;
        int runCount;

        Segment() {
            for (int i = 0; i < SEGMENT; i++) {
                apart[i] = Alignment.ORIGIN + 16 * COLUMNS * i;
            }
        }

        void begin() {
            pixels = 0;
            runCount = 0;
        }

        void add(int place) {
            if (pixels == 0 || place != places[pixels - 1] + 8) {
                runs[runCount++] = pixels;
            }
            places[pixels] = place;
            adjacent[pixels] = Alignment.ORIGIN + 16 * (pixels + (COLUMNS - 1) * (runCount - 1));
            runs[runCount] = ++pixels;
        }

        void copyAdjacent(float[] x, int in) {
            for (int run = 0; run < runCount; run++) {
                int first = runs[run];
                copyTwice(x, in + places[first], runs[run + 1] - first + COLUMNS - 1, twice, adjacent[first], 16);
            }
        }

        void copyApart(float[] x, int in, int column) {
            for (int run = 0; run < runCount; run++) {
                int first = runs[run];
                copyTwice(x, in + places[first], runs[run + 1] - first, twice, apart[first] + 16 * column, 16 * COLUMNS);
            }
        }
    }

    static void run(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
            int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase, float[] lanes,
            int lanesBase, int from, int to) {
        Segment segment = SEGMENTS.get();
        int pixels = groups * outputRows * outputColumns;
        int rows = to - from <= FEW_ROWS ? FEW_ROWS : ROWS;
        int tileFloats = rows * COLUMNS * 8;
        int packed = lanesBase + Math.ceilDiv(Math.min(columns, BLOCK), COLUMNS) * tileFloats;
        for (int first = 0; first < columns; first += BLOCK) {
            int last = Math.min(columns, first + BLOCK);
            Arrays.fill(lanes, lanesBase, lanesBase + Math.ceilDiv(last - first, COLUMNS) * tileFloats, 0);
            for (int pixel = 0; pixel < pixels; pixel += SEGMENT) {
                int count = Math.min(SEGMENT, pixels - pixel);
                segment.begin();
                for (int i = 0; i < count; i++) {
                    int row = (pixel + i) / outputColumns;
                    int column = (pixel + i) % outputColumns;
                    segment.add(xBase + row / outputRows * xGroup + row % outputRows * xPitch + column * 8);
                    int at = dzBase + row / outputRows * dzGroup + row % outputRows * dzPitch + column * 8;
                    pack(dz, at + from * dzChannel, dzChannel, to - from, lanes, packed + i * rows * 8, rows);
                }
                columns(x, segment, lanes, packed, rows, offsets, first, last, lanesBase);
            }
            for (int k = 0; k < to - from; k++) {
                int row = lanesBase + k / 2 * COLUMNS * 16 + k % 2 * 8;
                for (int j = 0; j < last - first; j++) {
                    gradient[gradientBase + k * columns + first + j] =
                            LaneTree.sum(lanes, row + j / COLUMNS * tileFloats + j % COLUMNS * 16);
                }
            }
        }
    }

    /** One pixel of all rows side by side, zeros where a tile has more. */
    private static void pack(float[] dz, int at, int dzChannel, int count, float[] packed, int place, int rows) {
        for (int k = 0; k < count; k++) {
            Species.EXACT.cast(FloatVector.fromArray(Species.FLOATS, dz, at + k * dzChannel)).intoArray(packed, place + 8 * k);
        }
        Arrays.fill(packed, place + 8 * count, place + 8 * rows, 0);
    }

    private static void columns(float[] x, Segment segment, float[] lanes, int packed, int rows, int[] offsets, int first, int last,
            int lanesBase) {
        for (int j = first; j < last; j += COLUMNS) {
            int in0 = offsets[j];
            int in1 = offsets[Math.min(j + 1, last - 1)];
            int in2 = offsets[Math.min(j + 2, last - 1)];
            boolean adjacent = in1 == in0 + 8 && in2 == in0 + 16;
            if (adjacent) {
                segment.copyAdjacent(x, in0);
            } else {
                segment.copyApart(x, in0, 0);
                segment.copyApart(x, in1, 1);
                segment.copyApart(x, in2, 2);
            }
            int[] places = adjacent ? segment.adjacent : segment.apart;
            int at = lanesBase + (j - first) / COLUMNS * rows * COLUMNS * 8;
            if (rows == ROWS) {
                twelve(segment.twice, places, segment.pixels, lanes, packed, at);
            } else {
                six(segment.twice, places, segment.pixels, lanes, packed, at);
            }
        }
    }

    /** Pixels beside each other, each twice, {@code step} floats apart. */
    private static void copyTwice(float[] x, int from, int pixels, float[] twice, int to, int step) {
        for (int i = 0; i < pixels; i++) {
            FloatVector pixel = Species.EXACT.cast(FloatVector.fromArray(Species.FLOATS, x, from + 8 * i));
            pixel.intoArray(twice, to + step * i);
            pixel.intoArray(twice, to + step * i + 8);
        }
    }

    /** Six pairs of rows by three columns. */
    private static void twelve(float[] x, int[] places, int pixels, float[] lanes, int packed, int at) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 16));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 32));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 48));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 64));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 80));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 96));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 112));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 128));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 144));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 160));
        FloatVector a32 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 176));
        FloatVector a40 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 192));
        FloatVector a41 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 208));
        FloatVector a42 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 224));
        FloatVector a50 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 240));
        FloatVector a51 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 256));
        FloatVector a52 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 272));
        for (int i = 0; i < pixels; i++) {
            int in = places[i];
            int o = packed + i * 96;
            FloatVector x0 = EXACT.cast(FloatVector.fromArray(PAIRS, x, in));
            FloatVector x1 = EXACT.cast(FloatVector.fromArray(PAIRS, x, in + 16));
            FloatVector x2 = EXACT.cast(FloatVector.fromArray(PAIRS, x, in + 32));
            FloatVector d0 = FloatVector.fromArray(PAIRS, lanes, o);
            a00 = x0.fma(d0, a00);
            a01 = x1.fma(d0, a01);
            a02 = x2.fma(d0, a02);
            FloatVector d1 = FloatVector.fromArray(PAIRS, lanes, o + 16);
            a10 = x0.fma(d1, a10);
            a11 = x1.fma(d1, a11);
            a12 = x2.fma(d1, a12);
            FloatVector d2 = FloatVector.fromArray(PAIRS, lanes, o + 32);
            a20 = x0.fma(d2, a20);
            a21 = x1.fma(d2, a21);
            a22 = x2.fma(d2, a22);
            FloatVector d3 = FloatVector.fromArray(PAIRS, lanes, o + 48);
            a30 = x0.fma(d3, a30);
            a31 = x1.fma(d3, a31);
            a32 = x2.fma(d3, a32);
            FloatVector d4 = FloatVector.fromArray(PAIRS, lanes, o + 64);
            a40 = x0.fma(d4, a40);
            a41 = x1.fma(d4, a41);
            a42 = x2.fma(d4, a42);
            FloatVector d5 = FloatVector.fromArray(PAIRS, lanes, o + 80);
            a50 = x0.fma(d5, a50);
            a51 = x1.fma(d5, a51);
            a52 = x2.fma(d5, a52);
        }
        EXACT.cast(a00).intoArray(lanes, at);
        EXACT.cast(a01).intoArray(lanes, at + 16);
        EXACT.cast(a02).intoArray(lanes, at + 32);
        EXACT.cast(a10).intoArray(lanes, at + 48);
        EXACT.cast(a11).intoArray(lanes, at + 64);
        EXACT.cast(a12).intoArray(lanes, at + 80);
        EXACT.cast(a20).intoArray(lanes, at + 96);
        EXACT.cast(a21).intoArray(lanes, at + 112);
        EXACT.cast(a22).intoArray(lanes, at + 128);
        EXACT.cast(a30).intoArray(lanes, at + 144);
        EXACT.cast(a31).intoArray(lanes, at + 160);
        EXACT.cast(a32).intoArray(lanes, at + 176);
        EXACT.cast(a40).intoArray(lanes, at + 192);
        EXACT.cast(a41).intoArray(lanes, at + 208);
        EXACT.cast(a42).intoArray(lanes, at + 224);
        EXACT.cast(a50).intoArray(lanes, at + 240);
        EXACT.cast(a51).intoArray(lanes, at + 256);
        EXACT.cast(a52).intoArray(lanes, at + 272);
    }

    /** Three pairs of rows by three columns. */
    private static void six(float[] x, int[] places, int pixels, float[] lanes, int packed, int at) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 16));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 32));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 48));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 64));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 80));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 96));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 112));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(PAIRS, lanes, at + 128));
        for (int i = 0; i < pixels; i++) {
            int in = places[i];
            int o = packed + i * 48;
            FloatVector x0 = EXACT.cast(FloatVector.fromArray(PAIRS, x, in));
            FloatVector x1 = EXACT.cast(FloatVector.fromArray(PAIRS, x, in + 16));
            FloatVector x2 = EXACT.cast(FloatVector.fromArray(PAIRS, x, in + 32));
            FloatVector d0 = FloatVector.fromArray(PAIRS, lanes, o);
            a00 = x0.fma(d0, a00);
            a01 = x1.fma(d0, a01);
            a02 = x2.fma(d0, a02);
            FloatVector d1 = FloatVector.fromArray(PAIRS, lanes, o + 16);
            a10 = x0.fma(d1, a10);
            a11 = x1.fma(d1, a11);
            a12 = x2.fma(d1, a12);
            FloatVector d2 = FloatVector.fromArray(PAIRS, lanes, o + 32);
            a20 = x0.fma(d2, a20);
            a21 = x1.fma(d2, a21);
            a22 = x2.fma(d2, a22);
        }
        EXACT.cast(a00).intoArray(lanes, at);
        EXACT.cast(a01).intoArray(lanes, at + 16);
        EXACT.cast(a02).intoArray(lanes, at + 32);
        EXACT.cast(a10).intoArray(lanes, at + 48);
        EXACT.cast(a11).intoArray(lanes, at + 64);
        EXACT.cast(a12).intoArray(lanes, at + 80);
        EXACT.cast(a20).intoArray(lanes, at + 96);
        EXACT.cast(a21).intoArray(lanes, at + 112);
        EXACT.cast(a22).intoArray(lanes, at + 128);
    }
}
