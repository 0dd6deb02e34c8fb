// Generated from engine/src/templates/DenseWeightGradient512.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species512.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species512.FLOATS512;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of all columns of some rows on vectors of two rows, {@code g[k, j] = Σ_pq dz[k, p, q] · x[p, q + offsets[j]]}: every
 * accumulator still adds its pixels one after the other. Tiles of
 * sixteen (or eight) rows by three columns stay in registers over a segment of pixels. A segment's dz is packed, pixel by pixel all rows
 * side by side; x is copied with every pixel twice, once for each row of a vector, which takes less than shuffles between registers do.
 * Where columns are the taps of 3×3 windows, the copy is made once for all nine of a channel: image rows that follow each other in x do so
 * in the copy. Blocks, segments and what is left over: as {@link DenseWeightGradient}.
 */
final class DenseWeightGradient512 {
    /** Rows of a call: two tiles, which share what is copied of x. */
    static final int ROWS = 32;

    private static final int TILE_ROWS = 16;
    private static final int FEW_ROWS = 8;
    private static final int COLUMNS = 3;
    /** Floats of a tile of sixteen rows. */
    private static final int TILE = TILE_ROWS * COLUMNS * 8;
    private static final int SEGMENT = WeightGradientKernel.SEGMENT_PIXELS;
    private static final int BLOCK = WeightGradientKernel.BLOCK_COLUMNS;

    /** What a thread holds: kernels allocate nothing. */
    private static final ThreadLocal<Segment> SEGMENTS = ThreadLocal.withInitial(Segment::new);

    private DenseWeightGradient512() {
    }

    static void run(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
            int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase, float[] lanes,
            int lanesBase, int from, int to) {
        Segment segment = SEGMENTS.get();
        int pixels = groups * outputRows * outputColumns;
        int parts = Math.ceilDiv(to - from, TILE_ROWS);
        int packed = lanesBase + parts * Math.ceilDiv(Math.min(columns, BLOCK), COLUMNS) * TILE;
        for (int first = 0; first < columns; first += BLOCK) {
            int last = Math.min(columns, first + BLOCK);
            int tiles = Math.ceilDiv(last - first, COLUMNS);
            Arrays.fill(lanes, lanesBase, lanesBase + parts * tiles * TILE, 0);
            for (int pixel = 0; pixel < pixels; pixel += SEGMENT) {
                int count = Math.min(SEGMENT, pixels - pixel);
                segment.begin();
                for (int i = 0; i < count; i++) {
                    int row = (pixel + i) / outputColumns;
                    int column = (pixel + i) % outputColumns;
                    segment.add(xBase + row / outputRows * xGroup + row % outputRows * xPitch + column * 8);
                    int at = dzBase + row / outputRows * dzGroup + row % outputRows * dzPitch + column * 8;
                    for (int k = from; k < to; k += TILE_ROWS) {
                        int rows = tileRows(to - k);
                        int place = packed + (k - from) * SEGMENT * 8 + i * rows * 8;
                        pack(dz, at + k * dzChannel, dzChannel, Math.min(rows, to - k), lanes, place, rows);
                    }
                }
                segment.place(xPitch);
                columns(x, xPitch, segment, lanes, packed, to - from, offsets, first, last, lanesBase);
            }
            for (int k = 0; k < to - from; k++) {
                int part = k / TILE_ROWS * TILE_ROWS;
                int tile = tileRows(to - from - part) * COLUMNS * 8;
                int row = lanesBase + part / TILE_ROWS * tiles * TILE + (k - part) / 2 * COLUMNS * 16 + k % 2 * 8;
                LaneSums.writeTiles(lanes, row, tile, 16, last - first, gradient, gradientBase + k * columns + first);
            }
        }
    }

    /** Rows of the next tile. */
    private static int tileRows(int left) {
        return left <= FEW_ROWS ? FEW_ROWS : TILE_ROWS;
    }

    /** One pixel of all rows side by side, zeros where a tile has more. */
    private static void pack(float[] dz, int at, int dzChannel, int count, float[] packed, int place, int rows) {
        for (int k = 0; k < count; k++) {
            Species.EXACT.cast(FloatVector.fromArray(Species.FLOATS, dz, at + k * dzChannel)).intoArray(packed, place + 8 * k);
        }
        Arrays.fill(packed, place + 8 * count, place + 8 * rows, 0);
    }

    private static void columns(float[] x, int xPitch, Segment segment, float[] lanes, int packed, int rows, int[] offsets, int first,
            int last, int lanesBase) {
        int tiles = Math.ceilDiv(last - first, COLUMNS);
        for (int j = first; j < last; ) {
            boolean windows = windows(offsets, j, last, xPitch);
            int triples = windows ? 3 : 1;
            if (windows) {
                segment.copyWindows(x, offsets[j], xPitch);
            } else {
                for (int c = 0; c < COLUMNS; c++) {
                    segment.copyColumn(x, offsets[Math.min(j + c, last - 1)], c);
                }
            }
            int[] places = windows ? segment.stacked : segment.apart;
            for (int k = 0; k < rows; k += TILE_ROWS) {
                int dz = packed + k * SEGMENT * 8;
                int part = lanesBase + k / TILE_ROWS * tiles * TILE;
                for (int triple = 0; triple < triples; triple++) {
                    int tile = (j - first) / COLUMNS + triple;
                    if (tileRows(rows - k) == TILE_ROWS) {
                        sixteen(segment.twice, places, triple * segment.pitch, segment.pixels, lanes, dz, part + tile * TILE);
                    } else {
                        eight(segment.twice, places, triple * segment.pitch, segment.pixels, lanes, dz, part + tile * TILE / 2);
                    }
                }
            }
            j += triples * COLUMNS;
        }
    }

    /** Whether nine columns from {@code j} on are the taps of a 3×3 window. */
    private static boolean windows(int[] offsets, int j, int last, int xPitch) {
        if (j + 9 > last) {
            return false;
        }
        for (int tap = 0; tap < 9; tap++) {
            if (offsets[j + tap] != offsets[j] + tap / 3 * xPitch + tap % 3 * 8) {
                return false;
            }
        }
        return true;
    }

    /** A segment's pixels, and what some columns read of x at them. */
    private static final class Segment {
        /** Most pixels of a copy: every pixel an image of its own, under a 3×3 window. */
        private static final int COPIED = SEGMENT * 9;

        /** Places of the pixels in x. */
        private final int[] places = new int[SEGMENT];
        /** First pixel of each run of pixels beside each other; behind the last, the number of pixels. */
        private final int[] runs = new int[SEGMENT + 1];
        /** Rows of the copy at which the runs' windows begin: of runs below each other, each a row further, since they share the others. */
        private final int[] tops = new int[SEGMENT];
        /** Places of the pixels in {@link #twice}, the windows' first row, where it holds windows. */
        final int[] stacked = new int[SEGMENT];
        /** The same where it holds any three columns: a pixel's three lie beside each other then. */
        final int[] apart = new int[SEGMENT];
        final float[] twice = new float[Alignment.ORIGIN + COPIED * 16];
        int pixels;
        private int runCount;
        /** Floats between rows of windows in {@link #twice}. */
        int pitch;

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
            runs[runCount] = ++pixels;
        }

        /** After the last pixel: where each will lie. */
        void place(int xPitch) {
            int longest = 0;
            for (int run = 0; run < runCount; run++) {
                longest = Math.max(longest, runs[run + 1] - runs[run]);
                tops[run] = run == 0 ? 0 : tops[run - 1] + (below(run, xPitch) ? 1 : 3);
            }
            pitch = 16 * (longest + 2);
            for (int run = 0; run < runCount; run++) {
                for (int i = runs[run]; i < runs[run + 1]; i++) {
                    stacked[i] = Alignment.ORIGIN + tops[run] * pitch + 16 * (i - runs[run]);
                }
            }
        }

        /** Whether a run lies below the one before it, which is not shorter: they share two of the three rows of their windows. */
        private boolean below(int run, int xPitch) {
            return places[runs[run]] == places[runs[run - 1]] + xPitch && runs[run + 1] - runs[run] <= runs[run] - runs[run - 1];
        }

        /** What the windows of all pixels read of a channel. */
        void copyWindows(float[] x, int in, int xPitch) {
            for (int run = 0; run < runCount; run++) {
                int shared = run > 0 && tops[run] == tops[run - 1] + 1 ? 2 : 0;
                for (int tap = shared; tap < 3; tap++) {
                    copyTwice(x, in + places[runs[run]] + tap * xPitch, runs[run + 1] - runs[run] + 2, twice,
                            Alignment.ORIGIN + (tops[run] + tap) * pitch, 16);
                }
            }
        }

        /** What one of three columns reads at all pixels. */
        void copyColumn(float[] x, int in, int column) {
            for (int run = 0; run < runCount; run++) {
                copyTwice(x, in + places[runs[run]], runs[run + 1] - runs[run], twice, apart[runs[run]] + 16 * column, 16 * COLUMNS);
            }
        }

        /** Pixels beside each other, each twice, {@code step} floats apart. */
        private static void copyTwice(float[] x, int from, int pixels, float[] twice, int to, int step) {
            for (int i = 0; i < pixels; i++) {
                FloatVector pixel = Species.EXACT.cast(FloatVector.fromArray(Species.FLOATS, x, from + LANES * i));
                pixel.intoArray(twice, to + step * i);
                pixel.intoArray(twice, to + step * i + 8);
            }
        }
    }

    /** 8 pairs of rows by three columns. */
    private static void sixteen(float[] x, int[] places, int row, int pixels, float[] lanes, int packed, int at) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 16));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 32));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 48));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 64));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 80));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 96));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 112));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 128));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 144));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 160));
        FloatVector a32 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 176));
        FloatVector a40 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 192));
        FloatVector a41 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 208));
        FloatVector a42 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 224));
        FloatVector a50 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 240));
        FloatVector a51 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 256));
        FloatVector a52 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 272));
        FloatVector a60 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 288));
        FloatVector a61 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 304));
        FloatVector a62 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 320));
        FloatVector a70 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 336));
        FloatVector a71 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 352));
        FloatVector a72 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 368));
        for (int i = 0; i < pixels; i++) {
            int in = row + places[i];
            int o = packed + i * 128;
            FloatVector x0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in));
            FloatVector x1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in + 16));
            FloatVector x2 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in + 32));
            FloatVector d0 = FloatVector.fromArray(FLOATS512, lanes, o);
            a00 = x0.fma(d0, a00);
            a01 = x1.fma(d0, a01);
            a02 = x2.fma(d0, a02);
            FloatVector d1 = FloatVector.fromArray(FLOATS512, lanes, o + 16);
            a10 = x0.fma(d1, a10);
            a11 = x1.fma(d1, a11);
            a12 = x2.fma(d1, a12);
            FloatVector d2 = FloatVector.fromArray(FLOATS512, lanes, o + 32);
            a20 = x0.fma(d2, a20);
            a21 = x1.fma(d2, a21);
            a22 = x2.fma(d2, a22);
            FloatVector d3 = FloatVector.fromArray(FLOATS512, lanes, o + 48);
            a30 = x0.fma(d3, a30);
            a31 = x1.fma(d3, a31);
            a32 = x2.fma(d3, a32);
            FloatVector d4 = FloatVector.fromArray(FLOATS512, lanes, o + 64);
            a40 = x0.fma(d4, a40);
            a41 = x1.fma(d4, a41);
            a42 = x2.fma(d4, a42);
            FloatVector d5 = FloatVector.fromArray(FLOATS512, lanes, o + 80);
            a50 = x0.fma(d5, a50);
            a51 = x1.fma(d5, a51);
            a52 = x2.fma(d5, a52);
            FloatVector d6 = FloatVector.fromArray(FLOATS512, lanes, o + 96);
            a60 = x0.fma(d6, a60);
            a61 = x1.fma(d6, a61);
            a62 = x2.fma(d6, a62);
            FloatVector d7 = FloatVector.fromArray(FLOATS512, lanes, o + 112);
            a70 = x0.fma(d7, a70);
            a71 = x1.fma(d7, a71);
            a72 = x2.fma(d7, a72);
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
        EXACT.cast(a60).intoArray(lanes, at + 288);
        EXACT.cast(a61).intoArray(lanes, at + 304);
        EXACT.cast(a62).intoArray(lanes, at + 320);
        EXACT.cast(a70).intoArray(lanes, at + 336);
        EXACT.cast(a71).intoArray(lanes, at + 352);
        EXACT.cast(a72).intoArray(lanes, at + 368);
    }

    /** 4 pairs of rows by three columns. */
    private static void eight(float[] x, int[] places, int row, int pixels, float[] lanes, int packed, int at) {
        FloatVector a00 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at));
        FloatVector a01 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 16));
        FloatVector a02 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 32));
        FloatVector a10 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 48));
        FloatVector a11 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 64));
        FloatVector a12 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 80));
        FloatVector a20 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 96));
        FloatVector a21 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 112));
        FloatVector a22 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 128));
        FloatVector a30 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 144));
        FloatVector a31 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 160));
        FloatVector a32 = EXACT.cast(FloatVector.fromArray(FLOATS512, lanes, at + 176));
        for (int i = 0; i < pixels; i++) {
            int in = row + places[i];
            int o = packed + i * 64;
            FloatVector x0 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in));
            FloatVector x1 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in + 16));
            FloatVector x2 = EXACT.cast(FloatVector.fromArray(FLOATS512, x, in + 32));
            FloatVector d0 = FloatVector.fromArray(FLOATS512, lanes, o);
            a00 = x0.fma(d0, a00);
            a01 = x1.fma(d0, a01);
            a02 = x2.fma(d0, a02);
            FloatVector d1 = FloatVector.fromArray(FLOATS512, lanes, o + 16);
            a10 = x0.fma(d1, a10);
            a11 = x1.fma(d1, a11);
            a12 = x2.fma(d1, a12);
            FloatVector d2 = FloatVector.fromArray(FLOATS512, lanes, o + 32);
            a20 = x0.fma(d2, a20);
            a21 = x1.fma(d2, a21);
            a22 = x2.fma(d2, a22);
            FloatVector d3 = FloatVector.fromArray(FLOATS512, lanes, o + 48);
            a30 = x0.fma(d3, a30);
            a31 = x1.fma(d3, a31);
            a32 = x2.fma(d3, a32);
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
    }
}
