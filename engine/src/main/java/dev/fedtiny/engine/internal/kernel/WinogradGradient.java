package dev.fedtiny.engine.internal.kernel;

import static dev.fedtiny.engine.tensor.Layout.LANES;

import java.util.Arrays;

/**
 * Gradients of 3×3 filters by the transform of {@link WinogradKernel}: with windows d of x and tiles e of 2×2 pixels of dz, the gradient is
 * {@code Gᵀ·(Σ (Bᵀ·d·B) ⊙ (A·e·Aᵀ))·G}, 16 products a tile in place of 36. Every point of a filter has one accumulator, which takes group
 * after group, tile after tile and image after image in order, fused as {@link FusedMultiply} says.
 *
 * <p>Sums go over images, so channels have to be the lanes: a row of tiles is turned over first, channels innermost, and then transformed.
 * Accumulators are then as many floats as there are points, and a block of them stays in the second-level cache.
 */
public final class WinogradGradient {
    /** Rows that a call should have: they share the transformed windows. */
    public static final int ROWS = 64;
    private static final int POINTS = WinogradKernel.POINTS;
    /** Tiles of a run, at least, where there are as many. */
    private static final int RUN_TILES = 8;
    /** Channels that are turned over at a time. */
    private static final int CHANNELS = 64;
    /** Floats between points beyond what they hold, as in {@link WinogradKernel}. */
    private static final int GAP = 16;

    private WinogradGradient() {
    }

    /** Rows of tiles of a run. */
    private static int run(int outputColumns) {
        return Math.max(1, RUN_TILES / (outputColumns / 2));
    }

    private static int padded(int count, int unit) {
        return Math.ceilDiv(count, unit) * unit;
    }

    private static int block(int channels) {
        return padded(Math.min(CHANNELS, channels), WinogradKernel.BLOCK);
    }

    private static int plane(int run, int outputColumns, int lanes) {
        return run * outputColumns / 2 * lanes * LANES + GAP;
    }

    /** Floats of scratch that {@link #run} needs for {@code rows} rows, a multiple of 16. */
    public static int scratchFloats(int channels, int rows, int outputColumns) {
        int block = block(channels);
        int lines = padded(rows, 2 * WinogradKernel.PACK);
        int run = run(outputColumns);
        return WinogradKernel.BLOCK + POINTS * (plane(run, outputColumns, block) + plane(run, outputColumns, lines) + lines * block)
                + Math.max(4 * (outputColumns + 2) * block, 2 * outputColumns * lines) * LANES;
    }

    /**
     * Gradients of all channels of the rows {@code [from, to)} over all groups at once; places as in {@link WeightGradientKernel#dense}.
     *
     * @param gradient receives row k, channel c, tap t at {@code ((k - from)·channels + c)·9 + t + gradientBase}
     * @param scratch {@link #scratchFloats} floats from {@code base} on, whatever they hold
     */
    public static void run(WinogradKernel kernel, float[] x, int xBase, int xGroup, int xChannel, int xPitch, float[] dz, int dzBase,
            int dzGroup, int dzChannel, int dzPitch, int groups, int outputRows, int outputColumns, int channels, float[] gradient,
            int gradientBase, float[] scratch, int base, int from, int to) {
        int width = outputColumns / 2;
        int run = run(outputColumns);
        int rows = padded(to - from, 2 * WinogradKernel.PACK);
        int block = block(channels);
        int inputs = base + WinogradKernel.BLOCK;
        int inputPlane = plane(run, outputColumns, block);
        int outputs = inputs + POINTS * inputPlane;
        int outputPlane = plane(run, outputColumns, rows);
        int sums = outputs + POINTS * outputPlane;
        int turned = sums + POINTS * rows * block;
        int lines = groups * outputRows / 2;
        Arrays.fill(scratch, base, inputs, 0);
        for (int first = 0; first < channels; first += block) {
            int count = Math.min(block, channels - first);
            for (int start = 0; start < lines; start += run) {
                int end = Math.min(lines, start + run);
                for (int line = start; line < end; line++) {
                    int group = 2 * line / outputRows;
                    int row = 2 * line % outputRows;
                    int place = (line - start) * width * LANES;
                    int pitch = (outputColumns + 2) * LANES * block;
                    for (int i = 0; i < 4; i++) {
                        kernel.turn(x, xBase + group * xGroup + first * xChannel + (row + i) * xPitch, xChannel, count, outputColumns + 2,
                                scratch, turned + i * pitch, block);
                    }
                    kernel.input(scratch, turned, pitch, LANES * block, width, scratch, inputs + place * block, inputPlane);
                    pitch = outputColumns * LANES * rows;
                    for (int i = 0; i < 2; i++) {
                        kernel.turn(dz, dzBase + group * dzGroup + from * dzChannel + (row + i) * dzPitch, dzChannel, to - from,
                                outputColumns, scratch, turned + i * pitch, rows);
                    }
                    kernel.gradient(scratch, turned, pitch, LANES * rows, width, scratch, outputs + place * rows, outputPlane);
                }
                for (int point = 0; point < POINTS; point++) {
                    int sum = sums + point * rows * block;
                    kernel.products(scratch, outputs + point * outputPlane, rows, (end - start) * width * LANES, scratch,
                            inputs + point * inputPlane, block, start == 0 ? base : sum, start == 0 ? 0 : block, sum, block,
                            padded(to - from, WinogradKernel.PACK), block);
                }
            }
            kernel.taps(scratch, sums, (to - from) * block, rows * block);
            for (int k = 0; k < to - from; k++) {
                take(kernel, scratch, sums + k * block, rows * block, count, gradient, gradientBase + (k * channels + first) * 9);
            }
        }
    }

    /** The nine taps of a row's filters, which lie at their first nine points, one filter after the other. */
    private static void take(WinogradKernel kernel, float[] taps, int at, int plane, int count, float[] gradient, int to) {
        int whole = count & -8;
        for (int c = 0; c < whole; c += 8) {
            kernel.square(taps, at + c, plane, gradient, to + 9 * c, 9);
        }
        for (int c = 0; c < count; c++) {
            for (int tap = c < whole ? 8 : 0; tap < 9; tap++) {
                gradient[to + 9 * c + tap] = taps[at + tap * plane + c];
            }
        }
    }
}
