package dev.fedtiny.engine.internal.kernel;

import static dev.fedtiny.engine.internal.kernel.Alignment.ORIGIN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarDepthwiseKernel;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarWeightGradientKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Depthwise kernels: the vector twin gives the scalar one's bits, before and after it is compiled; this one those of sparse kernels. */
class DepthwiseKernelTest {
    private static final int[][] MAPS = {{1, 1}, {3, 2}, {2, 5}, {8, 8}, {5, 7}, {4, 7}, {7, 16}};
    /** Non-zeros of each row: none, all counts that are added together, and what takes several turns. */
    private static final int[] COUNTS = {0, 1, 2, 3, 4, 5, 8, 9, 10, 13, 25};
    private static final int WINDOW = 5;
    /** Rows behind those: all taps of 3 × 3 in ascending and in descending order, and as many that only begin so. */
    private static final int WHOLE = 3;
    private static final int ROWS = COUNTS.length + WHOLE;

    /** Planes, window of 5 × 5 taps; row k reads plane k. */
    private record Rows(int height, int width, int pitch, int[] segments, int[] offsets) {
        static Rows of(int height, int width) {
            int pitch = (width + WINDOW - 1) * 8;
            int channel = (height + WINDOW - 1) * pitch;
            int[] segments = new int[2 * ROWS];
            List<Integer> offsets = new ArrayList<>();
            for (int k = 0; k < COUNTS.length; k++) {
                segments[k] = offsets.size();
                for (int i = 0; i < COUNTS[k]; i++) {
                    int tap = i * WINDOW * WINDOW / COUNTS[k];
                    offsets.add(k * channel + tap / WINDOW * pitch + tap % WINDOW * 8);
                }
                segments[ROWS + k] = offsets.size();
            }
            for (int k = COUNTS.length; k < ROWS; k++) {
                segments[k] = offsets.size();
                for (int i = 0; i < 9; i++) {
                    int tap = k == COUNTS.length + 1 ? 8 - i : i;
                    offsets.add(k * channel + tap / 3 * pitch + tap % 3 * 8 + (k == ROWS - 1 && i == 8 ? 8 : 0));
                }
                segments[ROWS + k] = offsets.size();
            }
            return new Rows(height, width, pitch, segments, offsets.stream().mapToInt(i -> i).toArray());
        }

        float[] x() {
            return TestNumbers.floats("x", ORIGIN + ROWS * (height + WINDOW - 1) * pitch);
        }
    }

    /** @param step floats between pixels of y: 16 for a phase of a gradient with stride 2 */
    private static KernelCase<DepthwiseKernel> planes(Rows rows, int step, boolean adds) {
        float[] x = rows.x();
        float[] values = TestNumbers.floats("values", rows.offsets.length);
        float[] start = adds ? null : TestNumbers.floats("start", ROWS);
        int channel = rows.height * rows.width * step;
        float[] before = TestNumbers.floats("y", ORIGIN + ROWS * channel);
        float[] y = new float[before.length];
        return new KernelCase<>("planes @ " + rows.height + "×" + rows.width + ", step " + step + (adds ? ", adding" : ""), before, y,
                new double[0], new double[0], new double[0], 0, kernel -> kernel.planes(x, ORIGIN, rows.pitch, rows.segments, ROWS,
                        rows.offsets, values, start, y, ORIGIN, channel, rows.width * step, step, rows.height, rows.width, 0,
                        ROWS));
    }

    private static KernelCase<DepthwiseKernel> gradients(Rows rows) {
        float[] x = rows.x();
        int channel = rows.height * rows.width * 8;
        float[] dz = TestNumbers.floats("dz", ORIGIN + ROWS * channel);
        float[] before = TestNumbers.floats("accumulators", ORIGIN + 8 * rows.offsets.length);
        float[] accumulators = new float[before.length];
        return new KernelCase<>("gradients @ " + rows.height + "×" + rows.width, before, accumulators, new double[0], new double[0],
                new double[0], 0, kernel -> kernel.gradients(x, ORIGIN, rows.pitch, dz, ORIGIN, channel, rows.width * 8, rows.height,
                        rows.width, rows.segments, ROWS, rows.offsets, accumulators, ORIGIN, 0, ROWS));
    }

    private static List<KernelCase<DepthwiseKernel>> cases() {
        List<KernelCase<DepthwiseKernel>> cases = new ArrayList<>();
        for (int[] map : MAPS) {
            Rows rows = Rows.of(map[0], map[1]);
            for (int step = 8; step <= 16; step += 8) {
                cases.add(planes(rows, step, false));
                cases.add(planes(rows, step, true));
            }
            cases.add(gradients(rows));
        }
        return cases;
    }

    @Test
    void twinsAgree() {
        VectorTwins.require();
        KernelSteadiness.assertSteady(cases(), VectorTwins.depthwise(), new ScalarDepthwiseKernel());
    }

    /** The same rows as a sparse matrix of one block of columns. */
    @Test
    void scalarKernelsGiveTheBitsOfSparseOnes() {
        DepthwiseKernel sparse = new DepthwiseKernel() {
            @Override
            public void planes(float[] x, int xBase, int xPitch, int[] segments, int rows, int[] offsets, float[] values, float[] start,
                    float[] y, int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
                new ScalarConvolutionKernel().sparse(x, xBase, xPitch, segments, rows, 1, true, offsets, values, start, y, yBase, yChannel,
                        yPitch, yStep, outputRows, outputColumns, from, to, new float[0], 0);
            }

            @Override
            public void gradients(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
                    int outputColumns, int[] segments, int rows, int[] offsets, float[] accumulators, int accumulatorsBase, int from,
                    int to) {
                new ScalarWeightGradientKernel().sparse(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns,
                        segments, rows, 1, offsets, accumulators, accumulatorsBase + 8 * segments[from], from, to);
            }
        };
        for (KernelCase<DepthwiseKernel> one : cases()) {
            one.run(sparse);
            long[] expected = one.bits();
            one.run(new ScalarDepthwiseKernel());
            assertArrayEquals(expected, one.bits(), one.name());
        }
    }
}
