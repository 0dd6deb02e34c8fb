package dev.fedtiny.engine.internal.kernel;

import static dev.fedtiny.engine.tensor.Layout.LANES;

import java.util.Arrays;

/**
 * Convolutions of 3×3 windows with stride 1 by Winograd's transform F(2×2, 3×3): 16 products for a tile of 2×2 output pixels in place of
 * 36. A tile's window of 4×4 input pixels d becomes {@code Bᵀ·d·B}, a filter g becomes {@code G·g·Gᵀ} ({@link WinogradFilter}), at each
 * of the 16 points products are summed over the channels, in ascending order and fused as {@link FusedMultiply} says, and the sums m become
 * the output {@code Aᵀ·m·A}. Sums are others than those of {@link ConvolutionKernel}, and so are bits; all kernels of this interface agree.
 *
 * <p>Lanes stay images, so transforms are sums of whole vectors. Tiles are taken piece by piece, so that what all channels of a piece
 * become stays in the second-level cache. x holds zero halos: the window of output pixel (p, q) begins at
 * {@code xBase + c·xChannel + p·xPitch + 8·q}. Output channel k, pixel (p, q) lies at {@code yBase + k·yChannel + p·yPitch + q·yStep}.
 */
public abstract class WinogradKernel {
    /** Points of a transformed tile: point 4·i + j is row i, column j. */
    public static final int POINTS = 16;
    /** Rows of a pack of filters. */
    public static final int PACK = 8;
    /** Floats of a row of sums that are computed together; rows are padded to a multiple. */
    protected static final int BLOCK = 32;
    /** Tiles of a block of a piece. */
    private static final int BLOCK_TILES = 4;
    /** Widest piece in tiles: 64 channels of 16 tiles fill half a megabyte. */
    private static final int PIECE_COLUMNS = 16;
    /** Tiles that a piece of several rows of tiles should have. */
    private static final int PIECE_TILES = 8;
    /** Floats between the planes of two points beyond what they hold: a power of two apart they would fall on the same sets of a cache. */
    static final int GAP = 16;

    /** Whether output maps are cut into tiles without a rest, wide enough that weights read serve several tiles. */
    public static boolean covers(int outputRows, int outputColumns) {
        return outputRows % 2 == 0 && outputColumns % 2 == 0 && outputRows >= 4 && outputColumns >= 4;
    }

    /** Floats of a pack of all filters of a matrix: {@code [point][⌈rows / 8⌉][channel][8]}, with a gap between points. */
    public static int packFloats(int channels, int rows) {
        return POINTS * WinogradFilter.plane(rows, channels);
    }

    /** Floats of scratch that {@link #run} needs, a multiple of 16. */
    public static int scratchFloats(int channels, int rows, int outputRows, int outputColumns) {
        int tiles = paddedTiles(outputRows, outputColumns);
        return BLOCK + POINTS * (plane(channels, tiles) + plane(Math.ceilDiv(rows, PACK) * PACK, tiles));
    }

    private static int pieceColumns(int outputColumns) {
        return Math.min(PIECE_COLUMNS, outputColumns / 2);
    }

    private static int pieceRows(int outputRows, int outputColumns) {
        return Math.clamp(PIECE_TILES / pieceColumns(outputColumns), 1, outputRows / 2);
    }

    private static int paddedTiles(int outputRows, int outputColumns) {
        return Math.ceilDiv(pieceRows(outputRows, outputColumns) * pieceColumns(outputColumns), BLOCK_TILES) * BLOCK_TILES;
    }

    private static int plane(int channels, int tiles) {
        return channels * tiles * LANES + GAP;
    }

    /**
     * Output channels {@code [from, to)} of one image group.
     *
     * @param channels channels of x
     * @param filters packed as {@link #packFloats} says, for {@code rows} rows
     * @param start added to every pixel of a channel; null to add to what y holds
     * @param from a multiple of {@link #PACK}
     * @param scratch {@link #scratchFloats} floats from {@code base} on, whatever they hold
     */
    public final void run(float[] x, int xBase, int xChannel, int xPitch, int channels, float[] filters, int rows, float[] start, float[] y,
            int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to, float[] scratch,
            int base) {
        int tiles = paddedTiles(outputRows, outputColumns);
        int inPlane = plane(channels, tiles);
        int outPlane = plane(Math.ceilDiv(rows, PACK) * PACK, tiles);
        int inputs = base + BLOCK;
        int sums = inputs + POINTS * inPlane;
        int pieceRows = pieceRows(outputRows, outputColumns);
        int pieceColumns = pieceColumns(outputColumns);
        Arrays.fill(scratch, base, inputs, 0);
        for (int i = 0; i < outputRows / 2; i += pieceRows) {
            int lines = Math.min(pieceRows, outputRows / 2 - i);
            for (int j = 0; j < outputColumns / 2; j += pieceColumns) {
                int width = Math.min(pieceColumns, outputColumns / 2 - j);
                for (int c = 0; c < channels; c++) {
                    for (int line = 0; line < lines; line++) {
                        input(x, xBase + c * xChannel + 2 * (i + line) * xPitch + 2 * LANES * j, xPitch, LANES, width,
                                scratch, inputs + (c * tiles + line * width) * LANES, inPlane);
                    }
                }
                int used = Math.ceilDiv(lines * width, BLOCK_TILES) * BLOCK;
                for (int point = 0; point < POINTS; point++) {
                    int pack = point * WinogradFilter.plane(rows, channels);
                    for (int k = from; k < to; k += PACK) {
                        products(filters, pack + k * channels, PACK, channels, scratch, inputs + point * inPlane, tiles * LANES, base, 0,
                                sums + point * outPlane + k * tiles * LANES, tiles * LANES, PACK, used);
                    }
                }
                for (int k = from; k < to; k++) {
                    for (int line = 0; line < lines; line++) {
                        int at = yBase + k * yChannel + 2 * (i + line) * yPitch + 2 * j * yStep;
                        int sum = sums + (k * tiles + line * width) * LANES;
                        if (start != null) {
                            output(scratch, sum, outPlane, width, start[k], y, at, yPitch, yStep);
                        } else {
                            addOutput(scratch, sum, outPlane, width, y, at, yPitch, yStep);
                        }
                    }
                }
            }
        }
    }

    /**
     * A row of windows: {@code Bᵀ·d·B} of every lane.
     *
     * @param in the first window's first pixel; windows are two pixels apart
     * @param lanes floats of a pixel, and of a point of a tile; a multiple of eight
     * @param out point 0 of the first tile in {@code v}; tiles lie beside each other
     * @param plane floats between points
     */
    protected abstract void input(float[] x, int in, int pitch, int lanes, int tiles, float[] v, int out, int plane);

    /** A row of tiles of 2×2 pixels of a gradient: {@code A·e·Aᵀ} of every lane; places as for {@link #input}. */
    protected abstract void gradient(float[] dz, int in, int pitch, int lanes, int tiles, float[] v, int out, int plane);

    /**
     * Transforms filters in place, whose taps lie at their first nine points ({@link WinogradFilter#transform}).
     *
     * @param lanes filters beside each other, a multiple of eight
     */
    public abstract void filters(float[] filters, int at, int lanes, int plane);

    /** The way back for gradients, likewise in place ({@link WinogradFilter#gradient}). */
    public abstract void taps(float[] gradients, int at, int lanes, int plane);

    /** Eight rows of eight floats, {@code step} apart, become the columns of rows {@code outStep} apart. */
    public void square(float[] from, int at, int step, float[] to, int out, int outStep) {
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 8; j++) {
                to[out + i * outStep + j] = from[at + j * step + i];
            }
        }
    }

    /**
     * An image row of {@code count} channels, {@code [channel][pixel][8]}, as {@code [pixel][8][lanes]}.
     *
     * @param channel floats between channels
     * @param lanes a multiple of eight; those without a channel become zeros
     */
    final void turn(float[] from, int at, int channel, int count, int pixels, float[] to, int out, int lanes) {
        int whole = count & -8;
        for (int pixel = 0; pixel < pixels; pixel++) {
            int place = out + LANES * pixel * lanes;
            for (int c = 0; c < whole; c += 8) {
                square(from, at + c * channel + LANES * pixel, channel, to, place + c, lanes);
            }
            for (int i = 0; whole < lanes && i < LANES; i++) {
                for (int c = whole; c < count; c++) {
                    to[place + i * lanes + c] = from[at + c * channel + LANES * pixel + i];
                }
                Arrays.fill(to, place + i * lanes + count, place + (i + 1) * lanes, 0);
            }
        }
    }

    /**
     * Sums of products: {@code sums[r][i] = old[r][i] + Σ_s left[s][r] · right[s][i]}, added in ascending order of s.
     *
     * @param left row 0 of step 0 in {@code factors}; rows lie beside each other, steps {@code leftStep} apart
     * @param right element 0 of step 0 in {@code scratch}, steps are {@code rightStep} apart
     * @param old what the first sum begins with, rows {@code oldStep} apart; sums likewise
     * @param rows a multiple of {@link #PACK}; {@code width}: of {@link #BLOCK}; with {@code oldStep} 0 the blocks of a row begin alike
     */
    protected abstract void products(float[] factors, int left, int leftStep, int steps, float[] scratch, int right, int rightStep, int old,
            int oldStep, int sums, int sumStep, int rows, int width);

    /** A row of tiles of one output channel: {@code start + Aᵀ·m·A}. */
    protected abstract void output(float[] m, int in, int plane, int tiles, float start, float[] y, int out, int yPitch, int yStep);

    /** As {@link #output}, added to what y holds. */
    protected abstract void addOutput(float[] m, int in, int plane, int tiles, float[] y, int out, int yPitch, int yStep);
}
