package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * Compressed sparse rows: per kept position its value and the distance it reads at. The transposed copy holds, per input phase and input
 * channel, the positions in order (k, r, s), each with its place among the values.
 */
final class SparsePack extends PackedWeights {
    /** Segments of at least this many pairs keep a row's fixed cost small. */
    private static final int PAIRS_A_SEGMENT = 15;
    /** Channels of a column block: 1 KB each, about what stays in a first-level cache beside weights and outputs. */
    private static final int CHANNELS_A_BLOCK = 32;
    /** Where segments are longer than this, half as many channels leave the cache room for accumulators, but not on narrow maps. */
    private static final int MANY_PAIRS = 64;
    private static final int NARROW = 8;

    /** Rows of pixels this wide make a plane that is worth going over from end to end for more than a few pairs. */
    private static final int PLANE_WIDTH = 16;
    /** Pairs a matrix row up to which its whole plane is computed before the next row's. */
    private static final int PAIRS_A_ROW = 60;
    /** The same where rows of pixels are narrower than {@link #PLANE_WIDTH}. */
    private static final int PAIRS_A_NARROW_ROW = 6;

    private final int kept;
    private final Part forward;
    private final int[] forwardOffsets;
    private float[] forwardValues;
    private final Part[] backward;
    private final int[] backwardOffsets;
    private final int[] places;
    private final float[] backwardValues;

    /** Column-blocked row pointers: row k of block b is [segments[b·rows + k], segments[(b+1)·rows + k]). */
    private record Part(int[] segments, int rows, int blocks, boolean tilesFirst) {
    }

    SparsePack(ScratchLayout layout, Mask mask, boolean backwardData) {
        super(layout, backwardData);
        kept = mask.count();
        forwardOffsets = new int[kept];
        int channels = layout.geometry().input().channels();
        int width = layout.geometry().outputWidth();
        forward = finish(readForward(mask), rows, blocks(width, channels, rows, columns, kept), width, (double) kept / rows);
        backward = new Part[phases.length];
        backwardOffsets = new int[backwardData ? kept : 0];
        places = new int[backwardData ? kept : 0];
        backwardValues = new float[backwardData ? kept : 0];
        if (backwardData) {
            transpose(mask);
        }
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout, int kept, List<BackwardPhase> phases) {
        int rows = layout.geometry().outputChannels();
        int channels = layout.geometry().input().channels();
        int width = layout.geometry().outputWidth();
        long segments = (blocks(width, channels, rows, layout.geometry().columns(), kept) + 1L) * rows;
        long transposed = phases.size() * (blocks(width, rows, channels, rows * layout.geometry().taps(), kept) + 1L) * channels;
        return new PackBytes(0, 4 * (segments + kept), 4 * transposed + (phases.isEmpty() ? 0 : 12L * kept));
    }

    /** Column blocks of a matrix whose columns come from {@code channels} channels, on output maps {@code width} pixels wide. */
    private static int blocks(int width, int channels, int rows, int columns, int kept) {
        double pairsAChannel = (double) kept / rows / channels;
        double fewest = width < NARROW ? CHANNELS_A_BLOCK : CHANNELS_A_BLOCK / 2;
        double most = Math.clamp(MANY_PAIRS / Math.max(pairsAChannel, 1e-9), fewest, CHANNELS_A_BLOCK);
        double channelsABlock = Math.max(most, PAIRS_A_SEGMENT / Math.max(pairsAChannel, 1e-9));
        return Math.max(1, (int) Math.round(channels / channelsABlock));
    }

    /** Fills the distances, and counts the pairs of each (block, row). A mask is read row by row: no position is divided. */
    private int[] readForward(Mask mask) {
        int channels = layout.geometry().input().channels();
        int taps = layout.geometry().taps();
        int blocks = blocks(layout.geometry().outputWidth(), channels, rows, columns, kept);
        int[] first = new int[columns];
        for (int column = 0; column < columns; column++) {
            first[column] = (int) ((long) (column / taps) * blocks / channels) * rows;
        }
        int[] counts = new int[blocks * rows];
        int i = 0;
        for (int row = 0; row < rows; row++) {
            int begin = row * columns;
            for (; i < kept && mask.index(i) - begin < columns; i++) {
                int column = mask.index(i) - begin;
                forwardOffsets[i] = offsets[column];
                counts[first[column] + row]++;
            }
        }
        return counts;
    }

    private static Part finish(int[] counts, int rows, int blocks, int width, double pairsARow) {
        return new Part(pointers(counts, rows, blocks, 0), rows, blocks, blocks > 1 || tilesFirst(width, pairsARow));
    }

    private static boolean tilesFirst(int width, double pairsARow) {
        return width < 8 || pairsARow > (width < PLANE_WIDTH ? PAIRS_A_NARROW_ROW : PAIRS_A_ROW);
    }

    /** Pointers of counts[block][row] when the pairs of a row lie together, its blocks in order. */
    private static int[] pointers(int[] counts, int rows, int blocks, int first) {
        int[] segments = new int[(blocks + 1) * rows];
        int at = first;
        for (int row = 0; row < rows; row++) {
            for (int b = 0; b < blocks; b++) {
                segments[b * rows + row] = at;
                at += counts[b * rows + row];
            }
            segments[blocks * rows + row] = at;
        }
        return segments;
    }

    private void transpose(Mask mask) {
        int channels = layout.geometry().input().channels();
        int taps = layout.geometry().taps();
        int[] phaseOf = new int[taps];
        int[] reachOf = new int[taps];
        for (int i = 0; i < phases.length; i++) {
            for (int t = 0; t < phases[i].taps().length; t++) {
                phaseOf[phases[i].taps()[t]] = i;
                reachOf[phases[i].taps()[t]] = phases[i].reach()[t];
            }
        }
        // Taps that reach no pixel of a small input stay without a phase: their gradient goes nowhere.
        boolean[] reached = new boolean[taps];
        for (BackwardPhase phase : phases) {
            for (int tap : phase.taps()) {
                reached[tap] = true;
            }
        }
        int[] tapOf = new int[columns];
        int[] channelOf = new int[columns];
        for (int column = 0; column < columns; column++) {
            tapOf[column] = reached[column % taps] ? column % taps : -1;
            channelOf[column] = column / taps;
        }
        int blocks = blocks(layout.geometry().outputWidth(), rows, channels, rows * taps, kept);
        int[][] counts = new int[phases.length][blocks * channels];
        int i = 0;
        for (int row = 0; row < rows; row++) {
            int begin = row * columns;
            int block = (int) ((long) row * blocks / rows) * channels;
            for (; i < kept && mask.index(i) - begin < columns; i++) {
                int column = mask.index(i) - begin;
                if (tapOf[column] >= 0) {
                    counts[phaseOf[tapOf[column]]][block + channelOf[column]]++;
                }
            }
        }
        int first = 0;
        int[][] next = new int[phases.length][channels];
        for (int phase = 0; phase < phases.length; phase++) {
            int[] segments = pointers(counts[phase], channels, blocks, first);
            System.arraycopy(segments, 0, next[phase], 0, channels);
            int last = segments[segments.length - 1];
            backward[phase] = new Part(segments, channels, blocks, blocks > 1
                    || tilesFirst(phases[phase].columns(), (last - first) / (double) channels));
            first = last;
        }
        i = 0;
        for (int row = 0; row < rows; row++) {
            int begin = row * columns;
            int origin = row * layout.gradientChannel();
            for (; i < kept && mask.index(i) - begin < columns; i++) {
                int column = mask.index(i) - begin;
                int tap = tapOf[column];
                if (tap >= 0) {
                    int at = next[phaseOf[tap]][channelOf[column]]++;
                    places[at] = i;
                    backwardOffsets[at] = origin + reachOf[tap];
                }
            }
        }
    }

    @Override
    public void refreshForward(float[] values, int from, int to) {
        forwardValues = values;
    }

    @Override
    public void refreshBackward(float[] values, int from, int to) {
        for (Part part : backward) {
            if (from < to) {
                int end = part.segments[part.blocks * part.rows + to - 1];
                for (int j = part.segments[from]; j < end; j++) {
                    backwardValues[j] = values[places[j]];
                }
            }
        }
    }

    @Override
    public void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int from, int to) {
        Kernels.current().convolutions().sparse(x, xBase, layout.inputPitch(), forward.segments, rows, forward.blocks, forward.tilesFirst,
                forwardOffsets, forwardValues, start, y, yBase, yChannel, yPitch, yStep, layout.geometry().outputHeight(),
                layout.geometry().outputWidth(), from, to);
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to) {
        Part part = backward[index];
        Kernels.current().convolutions().sparse(dz, dzBase, layout.gradientPitch(), part.segments, part.rows, part.blocks,
                part.tilesFirst, backwardOffsets, backwardValues, start, dx, dxBase, dxChannel, dxPitch, dxStep, phaseRows, phaseColumns,
                from, to);
    }

    @Override
    public boolean accumulates() {
        return true;
    }

    @Override
    public void accumulate(float[] x, int xBase, float[] dz, int dzBase, float[] accumulators, int from, int to) {
        int width = layout.geometry().outputWidth();
        // Where rows hold few pairs, one after the other: its plane of dz and the few it meets of x are read from end to end.
        int step = forward.tilesFirst || width < PLANE_WIDTH ? Math.max(1, to - from) : 1;
        for (int k = from; k < to; k += step) {
            if (firstKept(k) < firstKept(k + step)) {
                Kernels.current().weightGradients().sparse(x, xBase, layout.inputPitch(), dz, dzBase + layout.gradientOrigin(),
                        layout.gradientChannel(), layout.gradientPitch(), layout.geometry().outputHeight(), width, forward.segments, rows,
                        forward.blocks, forwardOffsets, accumulators, k, k + step);
            }
        }
    }

    @Override
    public boolean reads(int channel) {
        long reached = 0;
        for (int i = 0; i < backward.length; i++) {
            reached += backwardPairs(i);
            int[] segments = backward[i].segments;
            if (segments[channel] < segments[backward[i].blocks * backward[i].rows + channel]) {
                return true;
            }
        }
        // Without the transposed copy nobody knows, and taps that reach no pixel read zeros beside the others.
        return reached < kept;
    }

    @Override
    public int firstKept(int row) {
        return row == rows ? kept : forward.segments[row];
    }

    @Override
    public long forwardPairs() {
        return kept;
    }

    @Override
    long backwardPairs(int phase) {
        int[] segments = backward[phase].segments;
        return segments[segments.length - 1] - segments[0];
    }

    @Override
    public long indexBytes() {
        return 4L * (offsets.length + forward.segments.length + forwardOffsets.length);
    }

    @Override
    public long transposedBytes() {
        long bytes = phaseBytes();
        for (Part part : backward) {
            bytes += 4L * part.segments.length;
        }
        return bytes + 4L * (backwardOffsets.length + places.length + backwardValues.length);
    }
}
