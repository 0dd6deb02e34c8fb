package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarWeightGradientKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The vector twins of the convolution kernels against the scalar ones, bit by bit, on maps that each of their tiles has to do with. */
class ConvolutionTwinsTest {
    private static final int ORIGIN = Alignment.ORIGIN;
    private static final int CHANNELS = 3;
    /** Five, so that a dense pack of four rows is not the last one; the third row of sparse weights is empty. */
    private static final int ROWS = 5;
    private static final int BLOCKS = 2;
    /** Channels and rows of a dense convolution that goes in several blocks of columns and panels of rows, none of them whole. */
    private static final int SEVERAL_BLOCKS = 70;
    private static final int SEVERAL_PANELS = 66;
    /** A tile of eight rows and a pack of four; one with a row besides. */
    private static final int[] TILES = {12, 13};
    /** Two tiles of sixteen rows, a pack of four and a row; nine times four sparse rows, and one. */
    private static final int SIDE_BY_SIDE = 37;
    private static final int[][] MAPS =
            {{4, 4}, {5, 4}, {2, 2}, {3, 8}, {4, 8}, {2, 13}, {2, 16}, {1, 32}, {3, 6}, {1, 12}, {1, 2}, {2, 3}};

    /** Stored pairs of a matrix of 3×3 windows, all or every second one, in two column blocks: two channels, then one. */
    private record Pairs(int[] segments, int[] offsets) {
        static Pairs of(int rows, int channel, int pitch, int every) {
            int[] segments = new int[(BLOCKS + 1) * rows];
            List<Integer> offsets = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                segments[row] = offsets.size();
                for (int column = 0; column < CHANNELS * 9; column++) {
                    if (column == 18) {
                        segments[rows + row] = offsets.size();
                    }
                    if (row != 2 && (column + row) % every == 0) {
                        offsets.add(offset(column, channel, pitch));
                    }
                }
                segments[BLOCKS * rows + row] = offsets.size();
            }
            return new Pairs(segments, offsets.stream().mapToInt(i -> i).toArray());
        }
    }

    /** Where the columns of a channel read x. */
    private enum Taps {
        FORWARD, BACKWARD,
        /** The last column reads what the first does, so that not all threes of columns are neighbours. */
        MIXED;

        int place(int column) {
            int first = column - column % 9;
            return switch (this) {
                case FORWARD -> column;
                case BACKWARD -> first + 8 - column % 9;
                case MIXED -> column % 9 == 8 ? first : column;
            };
        }
    }

    private static int offset(int column, int channel, int pitch) {
        return column / 9 * channel + column % 9 / 3 * pitch + column % 3 * 8;
    }

    /** @param extra pixels between image rows of x beyond those a 3×3 window needs */
    private static KernelCase<WeightGradientKernel> gradient(int height, int width, int extra) {
        int pitch = (width + 2 + extra) * 8;
        int channel = (height + 2) * pitch;
        Pairs pairs = Pairs.of(ROWS, channel, pitch, 2);
        float[] x = TestNumbers.floats("x", ORIGIN + CHANNELS * channel);
        float[] dz = TestNumbers.floats("dz", ORIGIN + ROWS * height * width * 8);
        float[] before = TestNumbers.floats("accumulators", ORIGIN + 8 * pairs.offsets.length);
        float[] accumulators = new float[before.length];
        return new KernelCase<>("gradient " + height + "×" + width + ", pitch " + pitch, before, accumulators, new double[0], new double[0],
                new double[0], 0, kernel -> kernel.sparse(x, ORIGIN, pitch, dz, ORIGIN, height * width * 8, width * 8, height, width,
                        pairs.segments, ROWS, BLOCKS, pairs.offsets, accumulators, ORIGIN, 0, ROWS));
    }

    private static KernelCase<ConvolutionKernel> sparse(int height, int width, boolean tilesFirst, boolean adds) {
        return sparse(height, width, ROWS, 2, 8, tilesFirst, adds);
    }

    /** @param step floats between pixels of y, as in {@link #dense(int, int, int, int, int, boolean)} */
    private static KernelCase<ConvolutionKernel> sparse(int height, int width, int rows, int every, int step, boolean tilesFirst,
            boolean adds) {
        int pitch = (width + 2) * 8;
        int channel = (height + 2) * pitch;
        Pairs pairs = Pairs.of(rows, channel, pitch, every);
        float[] x = TestNumbers.floats("x", ORIGIN + CHANNELS * channel);
        float[] values = TestNumbers.floats("values", pairs.offsets.length);
        float[] start = adds ? null : TestNumbers.floats("start", rows);
        float[] before = TestNumbers.floats("y", ORIGIN + rows * height * width * step);
        float[] y = new float[before.length];
        float[] scratch = new float[ORIGIN + ConvolutionKernel.SPARSE_SCRATCH];
        return new KernelCase<>("sparse " + rows + " rows @ " + height + "×" + width + (step == 8 ? "" : ", apart")
                + (tilesFirst ? "" : ", by planes") + (adds ? ", adding" : ""), before, y, new double[0], new double[0], new double[0], 0,
                kernel -> kernel.sparse(x, ORIGIN, pitch, pairs.segments, rows, BLOCKS, tilesFirst, pairs.offsets, values, start, y,
                        ORIGIN, height * width * step, width * step, step, height, width, 0, rows, scratch, ORIGIN));
    }

    /**
     * @param channels none: a gradient's phase that no tap reaches
     * @param step floats between pixels of y: 16 for a phase of a gradient with stride 2
     */
    private static KernelCase<ConvolutionKernel> dense(int height, int width, int channels, int rows, int step, boolean adds) {
        return dense(height, width, channels, rows, step, adds, Taps.FORWARD);
    }

    private static KernelCase<ConvolutionKernel> dense(int height, int width, int channels, int rows, int step, boolean adds, Taps taps) {
        int pitch = (width + 2) * 8;
        int channel = (height + 2) * pitch;
        int[] offsets = new int[channels * 9];
        Arrays.setAll(offsets, column -> offset(taps.place(column), channel, pitch));
        float[] x = TestNumbers.floats("x", ORIGIN + Math.max(1, channels) * channel);
        // Where they add, the rows are those of a later group: the first has a number, and its pack a place, of its own.
        int first = adds ? 3 : 0;
        float[] values = TestNumbers.floats("values", first + (rows + 3 & -4) * offsets.length);
        float[] start = adds ? null : TestNumbers.floats("start", rows);
        float[] before = TestNumbers.floats("y", ORIGIN + (first + rows) * height * width * step);
        float[] y = new float[before.length];
        return new KernelCase<>("dense " + channels + " to " + rows + " @ " + height + "×" + width + ", step " + step
                + ", " + taps + (adds ? ", adding" : ""), before, y, new double[0], new double[0], new double[0], 0,
                kernel -> kernel.dense(x, ORIGIN, pitch, offsets, offsets.length, values, first, start, y, ORIGIN,
                        height * width * step, width * step, step, height, width, first, first + rows));
    }

    private static KernelCase<WeightGradientKernel> denseGradient(int height, int width, int rows, boolean apart) {
        return denseGradient(height, width, CHANNELS, rows, apart);
    }

    /**
     * All columns but one of two groups, whose pixels make several segments that begin within image rows where maps are 7×12; with
     * {@code apart}, columns that do not lie beside each other in x.
     */
    private static KernelCase<WeightGradientKernel> denseGradient(int height, int width, int channels, int rows, boolean apart) {
        int pitch = (width + 2) * 8;
        int channel = (height + 2) * pitch;
        int[] offsets = new int[channels * 9 - 1];
        Arrays.setAll(offsets, column -> apart ? offset(column * 4 % (channels * 9), channel, pitch) : offset(column, channel, pitch));
        int columns = offsets.length;
        float[] x = TestNumbers.floats("x", ORIGIN + 2 * channels * channel);
        float[] dz = TestNumbers.floats("dz", ORIGIN + 2 * rows * height * width * 8);
        float[] gradient = new float[rows * columns];
        float[] lanes = new float[ORIGIN + VectorTwins.weightGradients().denseLanes(columns)];
        return new KernelCase<>("dense gradient of " + channels + " to " + rows + " @ " + height + "×" + width + (apart ? ", apart" : ""),
                new float[gradient.length], gradient, new double[0], new double[0], new double[0], 0,
                kernel -> kernel.dense(x, ORIGIN, channels * channel, pitch, dz, ORIGIN, rows * height * width * 8, height * width * 8,
                        width * 8, 2, height, width, offsets, columns, gradient, 0, lanes, ORIGIN, 0, rows));
    }

    @Test
    void gradientsAgree() {
        VectorTwins.require();
        List<KernelCase<WeightGradientKernel>> cases = new ArrayList<>();
        for (int[] map : MAPS) {
            cases.add(gradient(map[0], map[1], 0));
            cases.add(gradient(map[0], map[1], 1));
            for (boolean apart : new boolean[] {false, true}) {
                cases.add(denseGradient(map[0], map[1], VectorTwins.weightGradients().denseRows(), apart));
                cases.add(denseGradient(map[0], map[1], VectorTwins.weightGradients().denseRows() - 3, apart));
                cases.add(denseGradient(map[0], map[1], VectorTwins.weightGradients().denseRows() * 3 / 4 - 1, apart));
                cases.add(denseGradient(map[0], map[1], ROWS, apart));
            }
        }
        for (boolean apart : new boolean[] {false, true}) {
            cases.add(denseGradient(7, 12, ROWS, apart));
            cases.add(denseGradient(3, 4, SEVERAL_BLOCKS, ROWS, apart));
            cases.add(denseGradient(3, 4, SEVERAL_BLOCKS, VectorTwins.weightGradients().denseRows(), apart));
            cases.add(denseGradient(7, 12, VectorTwins.weightGradients().denseRows(), apart));
        }
        KernelSteadiness.assertSteady(cases, VectorTwins.weightGradients(), new ScalarWeightGradientKernel());
    }

    @Test
    void sumsAgree() {
        VectorTwins.require();
        List<KernelCase<ConvolutionKernel>> cases = new ArrayList<>();
        for (int[] map : MAPS) {
            for (boolean adds : new boolean[] {false, true}) {
                cases.add(sparse(map[0], map[1], true, adds));
                cases.add(sparse(map[0], map[1], false, adds));
                for (int every = 1; every <= 2; every++) {
                    cases.add(sparse(map[0], map[1], ROWS, every, 16, true, adds));
                    cases.add(sparse(map[0], map[1], ROWS, every, 16, false, adds));
                }
                cases.add(dense(map[0], map[1], CHANNELS, ROWS, 8, adds));
                for (int rows : TILES) {
                    cases.add(dense(map[0], map[1], CHANNELS, rows, 8, adds));
                    cases.add(dense(map[0], map[1], CHANNELS, rows, 16, adds));
                    cases.add(dense(map[0], map[1], CHANNELS, rows, 8, adds, Taps.BACKWARD));
                    cases.add(dense(map[0], map[1], CHANNELS, rows, 8, adds, Taps.MIXED));
                }
            }
        }
        for (boolean adds : new boolean[] {false, true}) {
            for (int[] map : new int[][] {{1, 1}, {1, 2}, {2, 3}, {1, 7}}) {
                for (int step = 8; step <= 16; step += 8) {
                    cases.add(sparse(map[0], map[1], SIDE_BY_SIDE, 4, step, true, adds));
                    cases.add(sparse(map[0], map[1], SIDE_BY_SIDE, 4, step, false, adds));
                    cases.add(dense(map[0], map[1], SEVERAL_BLOCKS, SIDE_BY_SIDE, step, adds));
                }
            }
            for (int[] map : MAPS) {
                // More rows than scratch holds.
                cases.add(sparse(map[0], map[1], SEVERAL_PANELS, 1, 16, true, adds));
            }
            cases.add(dense(3, 5, SEVERAL_BLOCKS, SEVERAL_PANELS, 8, adds));
            cases.add(dense(3, 6, SEVERAL_BLOCKS, SEVERAL_PANELS + 6, 8, adds));
            cases.add(dense(3, 4, SEVERAL_BLOCKS, SEVERAL_PANELS + 6, 8, adds));
            cases.add(dense(3, 4, SEVERAL_BLOCKS, SEVERAL_PANELS + 6, 8, adds, Taps.BACKWARD));
            cases.add(dense(2, 4, 0, ROWS, 8, adds));
            cases.add(dense(2, 4, 0, TILES[0], 8, adds));
        }
        KernelSteadiness.assertSteady(cases, VectorTwins.convolutions(), new ScalarConvolutionKernel());
    }

    /** What {@link #gradientsAgree} compares is what the definition says: one accumulator, pixels in row-major order. */
    @Test
    void oneGradientByHand() {
        float[] x = new float[ORIGIN + 36 * 8];
        float[] dz = new float[ORIGIN + 16 * 8];
        double sum = 0;
        for (int p = 0; p < 4; p++) {
            for (int q = 0; q < 4; q++) {
                x[ORIGIN + ((p + 1) * 6 + q + 2) * 8 + 3] = p + 1;
                dz[ORIGIN + (p * 4 + q) * 8 + 3] = q + 2;
                sum += (p + 1) * (q + 2);
            }
        }
        float[] accumulators = new float[ORIGIN + 8];
        new ScalarWeightGradientKernel().sparse(x, ORIGIN, 48, dz, ORIGIN, 128, 32, 4, 4, new int[] {0, 1}, 1, 1, new int[] {64},
                accumulators, ORIGIN, 0, 1);
        assertEquals(sum, accumulators[ORIGIN + 3]);
    }
}
