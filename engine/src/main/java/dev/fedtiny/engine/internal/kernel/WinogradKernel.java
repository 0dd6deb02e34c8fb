package dev.fedtiny.engine.internal.kernel;

/**
 * Convolutions of 3×3 windows with stride 1 by Winograd's transform F(2×2, 3×3): 16 products for a tile of 2×2 output pixels in place of
 * 36. A tile's window of 4×4 input pixels d becomes {@code Bᵀ·d·B}, a filter g becomes {@code G·g·Gᵀ} ({@link WinogradFilter}), at each of
 * the 16 points products are summed over the channels, in ascending order and fused as {@link FusedMultiply} says, and the sums m become the
 * output {@code Aᵀ·m·A}. Sums are others than those of {@link ConvolutionKernel}, and so are bits; all kernels of this interface agree.
 *
 * <p>Lanes stay images, so transforms are sums of whole vectors. Tiles are taken piece by piece, so that what all channels of a piece become
 * stays in the second-level cache. x holds zero halos: the window of output pixel (p, q) begins at
 * {@code xBase + c·xChannel + p·xPitch + 8·q}. Output channel k, pixel (p, q) lies at {@code yBase + k·yChannel + p·yPitch + q·yStep}.
 */
public abstract class WinogradKernel {
    /** Points of a transformed tile: point 4·i + j is row i, column j. */
    public static final int POINTS = 16;
    /** Rows of a pack of filters. */
    public static final int PACK = 8;
    /** Tiles that are multiplied together; pieces are padded to a multiple. */
    protected static final int BLOCK = 4;
    private static final int LANES = 8;
    /** Widest piece in tiles: 64 channels of 16 tiles fill half a megabyte. */
    private static final int PIECE_COLUMNS = 16;
    /** Tiles that a piece of several rows of tiles should have. */
    private static final int PIECE_TILES = 8;
    /** Floats between the planes of two points beyond what they hold: a power of two apart they would fall on the same sets of a cache. */
    private static final int GAP = 16;

    /** Whether output maps are cut into tiles without a rest, wide enough that weights read serve several tiles. */
    public static boolean covers(int outputRows, int outputColumns) {
        return outputRows % 2 == 0 && outputColumns % 2 == 0 && outputRows >= 4 && outputColumns >= 4;
    }

    /** Floats of a pack of all filters of a matrix: {@code [point][⌈rows / 8⌉][channel][8]}. */
    public static int packFloats(int channels, int rows) {
        return POINTS * Math.ceilDiv(rows, PACK) * channels * PACK;
    }

    /** Floats of scratch that {@link #run} needs, a multiple of 16. */
    public static int scratchFloats(int channels, int rows, int outputRows, int outputColumns) {
        int tiles = paddedTiles(outputRows, outputColumns);
        return POINTS * (plane(channels, tiles) + plane(Math.ceilDiv(rows, PACK) * PACK, tiles));
    }

    private static int pieceColumns(int outputColumns) {
        return Math.min(PIECE_COLUMNS, outputColumns / 2);
    }

    private static int pieceRows(int outputRows, int outputColumns) {
        return Math.clamp(PIECE_TILES / pieceColumns(outputColumns), 1, outputRows / 2);
    }

    private static int paddedTiles(int outputRows, int outputColumns) {
        return Math.ceilDiv(pieceRows(outputRows, outputColumns) * pieceColumns(outputColumns), BLOCK) * BLOCK;
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
        int sums = base + POINTS * inPlane;
        int pieceRows = pieceRows(outputRows, outputColumns);
        int pieceColumns = pieceColumns(outputColumns);
        for (int i = 0; i < outputRows / 2; i += pieceRows) {
            int lines = Math.min(pieceRows, outputRows / 2 - i);
            for (int j = 0; j < outputColumns / 2; j += pieceColumns) {
                int width = Math.min(pieceColumns, outputColumns / 2 - j);
                for (int c = 0; c < channels; c++) {
                    for (int line = 0; line < lines; line++) {
                        input(x, xBase + c * xChannel + 2 * (i + line) * xPitch + 2 * LANES * j, xPitch, width, scratch,
                                base + (c * tiles + line * width) * LANES, inPlane);
                    }
                }
                multiply(filters, Math.ceilDiv(rows, PACK), channels, scratch, base, inPlane, sums, outPlane, tiles,
                        Math.ceilDiv(lines * width, BLOCK) * BLOCK, from, to);
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
     * A row of tiles of one channel: {@code Bᵀ·d·B}.
     *
     * @param in the first window's first pixel; windows are two pixels apart
     * @param out point 0 of the first tile in {@code v}; tiles are eight floats apart
     * @param plane floats between points
     */
    protected abstract void input(float[] x, int in, int pitch, int tiles, float[] v, int out, int plane);

    /**
     * At every point the sums over the channels, for rows {@code [from, to)} rounded up to whole packs.
     *
     * @param packs packs of filters a point
     * @param scratch transformed inputs from {@code in} on, sums from {@code out} on; {@code inPlane}, {@code outPlane}: floats between
     *     points
     * @param stride tiles between channels; {@code tiles}: how many of them are multiplied
     */
    protected abstract void multiply(float[] filters, int packs, int channels, float[] scratch, int in, int inPlane, int out, int outPlane,
            int stride, int tiles, int from, int to);

    /** A row of tiles of one output channel: {@code start + Aᵀ·m·A}. */
    protected abstract void output(float[] m, int in, int plane, int tiles, float start, float[] y, int out, int yPitch, int yStep);

    /** As {@link #output}, added to what y holds. */
    protected abstract void addOutput(float[] m, int in, int plane, int tiles, float[] y, int out, int yPitch, int yStep);
}
