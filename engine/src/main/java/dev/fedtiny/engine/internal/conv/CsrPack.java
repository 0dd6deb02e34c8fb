package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.CsrWeights;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Arrays;
import java.util.List;

/**
 * {@link CsrWeights} made ready for a kernel: per active position its value, in the weights' own array, and the distance it reads at. The
 * transposed copy holds, per input phase and input channel, the positions in order (k, r, s), each with its place among the values.
 */
final class CsrPack extends PackedWeights {
    /** Segments of at least this many pairs keep a row's fixed cost small. */
    private static final int PAIRS_A_SEGMENT = 15;
    /** Channels of a column block: 1 KB each, about what stays in a first-level cache beside weights and outputs. */
    private static final int CHANNELS_A_BLOCK = 32;
    /** Where segments are longer than this, half as many channels leave the cache room for accumulators, but not on narrow maps. */
    private static final int MANY_PAIRS = 64;
    /** Maps narrower than this keep all channels of a block: half of them took a fifth longer at 4 × 4, and a fifth less from 8 × 8 on. */
    private static final int NARROW = 8;

    /** Rows of pixels this wide make a plane that is worth going over from end to end for more than a few pairs. */
    private static final int PLANE_WIDTH = 16;
    /** Pairs a matrix row up to which its whole plane is computed before the next row's. */
    private static final int PAIRS_A_ROW = 60;
    /** The same where rows of pixels are narrower than {@link #PLANE_WIDTH}. */
    private static final int PAIRS_A_NARROW_ROW = 6;

    /** What a block's band may take of a second-level cache: more is read of it again for each of many short rows of pairs. */
    private static final int BLOCK_BYTES = 192 << 10;
    /** The same where columns make one block: there rows hold few pairs, and what they read of a band should stay in that cache. */
    private static final int PLANE_BYTES = 768 << 10;
    private static final int BAND_PIXELS = 64;

    private final int active;
    /** Whether rows read one plane each, for which there are kernels of their own. */
    private final boolean depthwise;
    private final Part forward;
    /** Image rows whose part of the weights' gradients is computed together. */
    private final int band;
    private final int[] forwardOffsets;
    private float[] forwardValues;
    private final Part[] backward;
    private final int[] backwardOffsets;
    private final int[] places;
    private final float[] backwardValues;
    /** Whether the transposed copy has every active position: not without one, nor where a tap reaches no pixel. */
    private boolean transposesAll;

    /** Column-blocked row pointers: row k of block b is [segments[b·rows + k], segments[(b+1)·rows + k]). */
    private record Part(int[] segments, int rows, int blocks, boolean tilesFirst) {
    }

    /**
     * The structure of {@link CsrWeights}.
     *
     * @param columnIndices become the pack's own: distances take their place
     */
    CsrPack(KernelRegistry kernels, ScratchLayout layout, int[] rowPointers, int[] columnIndices, boolean backwardData) {
        super(kernels, layout, backwardData);
        active = columnIndices.length;
        int width = layout.outputColumns();
        depthwise = layout.geometry().isDepthwise();
        int blocks = blocks(layout.geometry(), width, layout.geometry().groupInputs(), rows, active);
        forward = new Part(new int[(blocks + 1) * rows], rows, blocks, tilesFirst(blocks, width, (double) active / rows));
        band = band(layout, blocks);
        forwardOffsets = columnIndices;
        backward = new Part[phases.length];
        backwardOffsets = new int[backwardData ? active : 0];
        places = new int[backwardData ? active : 0];
        backwardValues = new float[backwardData ? active : 0];
        read(rowPointers);
    }

    @Override
    public boolean repack(Mask mask) {
        if (mask.count() != active) {
            return false;
        }
        int[] rowPointers = new int[rows + 1];
        CsrWeights.readMask(mask, columns, rowPointers, forwardOffsets);
        read(rowPointers);
        return true;
    }

    /** Takes over a structure whose column indices lie where the forward distances are to be. */
    private void read(int[] rowPointers) {
        if (phases.length > 0) {
            transpose(rowPointers, forwardOffsets);
        }
        readForward(rowPointers);
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout, int active, List<BackwardPhase> phases) {
        int rows = layout.geometry().outputChannels();
        int channels = layout.geometry().input().channels();
        Conv2dGeometry geometry = layout.geometry();
        long segments = (blocks(geometry, layout.outputColumns(), geometry.groupInputs(), rows, active) + 1L) * rows;
        int transposedBlocks = blocks(geometry, geometry.outputWidth(), geometry.groupOutputs(), channels, active);
        long transposed = phases.size() * (transposedBlocks + 1L) * channels;
        return new PackBytes(0, 4 * (segments + active), 4 * transposed + (phases.isEmpty() ? 0 : 12L * active));
    }

    /** Column blocks of a matrix whose rows read {@code channels} channels each; depthwise kernels want one. */
    private static int blocks(Conv2dGeometry geometry, int width, int channels, int rows, int active) {
        if (geometry.isDepthwise()) {
            return 1;
        }
        double pairsAChannel = (double) active / rows / channels;
        double fewest = width < NARROW ? CHANNELS_A_BLOCK : CHANNELS_A_BLOCK / 2;
        double most = Math.clamp(MANY_PAIRS / Math.max(pairsAChannel, 1e-9), fewest, CHANNELS_A_BLOCK);
        double channelsABlock = Math.max(most, PAIRS_A_SEGMENT / Math.max(pairsAChannel, 1e-9));
        return Math.max(1, (int) Math.round(channels / channelsABlock));
    }

    /**
     * Image rows that the weights' gradients go over together, matrix row by matrix row: as many as leave what a block of columns reads
     * of them in a cache while all matrix rows pass by, but enough pixels to pay for loading and storing the accumulators.
     */
    private static int band(ScratchLayout layout, int blocks) {
        Conv2dGeometry geometry = layout.geometry();
        int height = geometry.outputHeight();
        long line = 4L * Math.ceilDiv(geometry.groupInputs(), blocks) * layout.phases() * layout.inputPitch();
        int halo = layout.rows().extent() - height;
        long fitting = (blocks > 1 ? BLOCK_BYTES : PLANE_BYTES) / line - halo;
        long enough = Math.ceilDiv(BAND_PIXELS, geometry.outputWidth());
        int bands = (int) Math.ceilDiv((long) height, Math.max(2, Math.max(fitting, enough)));
        int even = Math.ceilDiv(height, bands) + 1 & -2;
        return even % 4 == 2 && even > 2 && even < height ? even - 2 : even;
    }

    /** Puts distances in the place of columns, and notes where the pairs of each (block, row) begin. */
    private void readForward(int[] rowPointers) {
        int channels = layout.geometry().groupInputs();
        int taps = layout.geometry().taps();
        for (int row = 0; row < rows; row++) {
            int origin = inputOf(row, 0);
            int i = rowPointers[row];
            int rowEnd = rowPointers[row + 1];
            for (int b = 0; b < forward.blocks; b++) {
                forward.segments[b * rows + row] = i;
                int end = firstOf(b + 1, forward.blocks, channels) * taps;
                for (; i < rowEnd && forwardOffsets[i] < end; i++) {
                    forwardOffsets[i] = origin + offsets[forwardOffsets[i]];
                }
            }
            forward.segments[forward.blocks * rows + row] = i;
        }
    }

    /** First of {@code count} things that belongs to a block, where thing c belongs to block ⌊c·blocks / count⌋. */
    private static int firstOf(int block, int blocks, int count) {
        return Math.ceilDiv(block * count, blocks);
    }

    private static boolean tilesFirst(int blocks, int width, double pairsARow) {
        return blocks > 1 || width < 8 || pairsARow > (width < PLANE_WIDTH ? PAIRS_A_NARROW_ROW : PAIRS_A_ROW);
    }

    /** Whether a mask of {@code active} positions is gone through plane by plane, {@link PackedWeights#forwardByPlanes}. */
    static boolean forwardByPlanes(ScratchLayout layout, int active) {
        Conv2dGeometry geometry = layout.geometry();
        int rows = geometry.outputChannels();
        return geometry.isDepthwise() || !tilesFirst(blocks(geometry, layout.outputColumns(), geometry.groupInputs(), rows, active),
                layout.outputColumns(), (double) active / rows);
    }

    /** The same of the transposed copy, phase by phase. */
    static boolean backwardByPlanes(ScratchLayout layout, int active) {
        return layout.geometry().isDepthwise()
                || BackwardPhase.of(layout).stream().noneMatch(phase -> backwardTilesFirst(layout.geometry(), phase, active));
    }

    /** By the pairs that a phase has if all taps have as many. */
    private static boolean backwardTilesFirst(Conv2dGeometry geometry, BackwardPhase phase, int active) {
        int channels = geometry.input().channels();
        return tilesFirst(blocks(geometry, geometry.outputWidth(), geometry.groupOutputs(), channels, active), phase.columns(),
                (double) active * phase.taps().length / geometry.taps() / channels);
    }

    /**
     * A counting sort by cells, an input channel of a phase each: active positions are read in order (k, c, r, s), so those of a cell come
     * in order (k, r, s).
     */
    private void transpose(int[] rowPointers, int[] columnIndices) {
        int channels = layout.geometry().input().channels();
        int cells = phases.length * channels;
        int[] cellOf = new int[columns];
        int[] reachOf = new int[columns];
        tables(cells, cellOf, reachOf);
        int[] next = new int[cells + channels];
        for (int row = 0; row < rows; row++) {
            int channel = firstChannel(row);
            for (int i = rowPointers[row]; i < rowPointers[row + 1]; i++) {
                next[cellOf[columnIndices[i]] + channel]++;
            }
        }
        int first = 0;
        for (int cell = 0; cell < cells; cell++) {
            int pairs = next[cell];
            next[cell] = first;
            first += pairs;
        }
        transposesAll = first == active;
        int groupRows = layout.geometry().groupOutputs();
        int blocks = blocks(layout.geometry(), layout.geometry().outputWidth(), groupRows, channels, active);
        int[][] segments = new int[phases.length][];
        for (int phase = 0; phase < phases.length; phase++) {
            segments[phase] = backward[phase] == null ? new int[(blocks + 1) * channels] : backward[phase].segments;
        }
        int row = 0;
        for (int group = 0; group < layout.geometry().groups(); group++) {
            for (int b = 0; b < blocks; b++) {
                begin(b, group, segments, next);
                for (int end = group * groupRows + firstOf(b + 1, blocks, groupRows); row < end; row++) {
                    int channel = firstChannel(row);
                    int origin = row * layout.gradientChannel();
                    for (int i = rowPointers[row]; i < rowPointers[row + 1]; i++) {
                        int column = columnIndices[i];
                        if (cellOf[column] < cells) {
                            int at = next[cellOf[column] + channel]++;
                            places[at] = i;
                            backwardOffsets[at] = origin + reachOf[column];
                        }
                    }
                }
            }
            begin(blocks, group, segments, next);
        }
        for (int phase = 0; phase < phases.length; phase++) {
            backward[phase] = new Part(segments[phase], channels, blocks, backwardTilesFirst(layout.geometry(), phases[phase], active));
        }
    }

    /**
     * The cell of each column of the first group's rows, and the distance it reads at within a channel of the gradient; other rows' cells
     * lie as many further on as their first channel says. Taps that reach no pixel of a small input are in no phase, their gradient goes
     * nowhere: they get cells behind the last.
     */
    private void tables(int cells, int[] cellOf, int[] reachOf) {
        Arrays.fill(cellOf, cells);
        int taps = layout.geometry().taps();
        int channels = layout.geometry().input().channels();
        for (int phase = 0; phase < phases.length; phase++) {
            int[] phaseTaps = phases[phase].taps();
            for (int t = 0; t < phaseTaps.length; t++) {
                for (int c = 0; c < layout.geometry().groupInputs(); c++) {
                    cellOf[c * taps + phaseTaps[t]] = phase * channels + c;
                    reachOf[c * taps + phaseTaps[t]] = phases[phase].reach()[t];
                }
            }
        }
    }

    /** The first of the input channels that a row reads. */
    private int firstChannel(int row) {
        return row / layout.geometry().groupOutputs() * layout.geometry().groupInputs();
    }

    /** The rows of a group's block begin: so do the segments of the channels they read, where the cells have got to. */
    private void begin(int block, int group, int[][] segments, int[] next) {
        int channels = layout.geometry().input().channels();
        int groupChannels = layout.geometry().groupInputs();
        int first = group * groupChannels;
        for (int phase = 0; phase < segments.length; phase++) {
            System.arraycopy(next, phase * channels + first, segments[phase], block * channels + first, groupChannels);
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
    public void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int from, int to,
            float[] scratch, int scratchBase) {
        if (depthwise) {
            kernels.depthwise().planes(x, xBase, layout.inputPitch(), forward.segments, rows, forwardOffsets, forwardValues, start, y,
                    yBase, yChannel, yPitch, yStep, layout.outputRows(), layout.outputColumns(), from, to);
            return;
        }
        kernels.convolutions().sparse(x, xBase, layout.inputPitch(), forward.segments, rows, forward.blocks, forward.tilesFirst,
                forwardOffsets, forwardValues, start, y, yBase, yChannel, yPitch, yStep, layout.outputRows(),
                layout.outputColumns(), from, to, scratch, scratchBase);
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase) {
        Part part = backward[index];
        if (depthwise) {
            kernels.depthwise().planes(dz, dzBase, layout.gradientPitch(), part.segments, part.rows, backwardOffsets, backwardValues, start,
                    dx, dxBase, dxChannel, dxPitch, dxStep, phaseRows, phaseColumns, from, to);
            return;
        }
        kernels.convolutions().sparse(dz, dzBase, layout.gradientPitch(), part.segments, part.rows, part.blocks,
                part.tilesFirst, backwardOffsets, backwardValues, start, dx, dxBase, dxChannel, dxPitch, dxStep, phaseRows, phaseColumns,
                from, to, scratch, scratchBase);
    }

    @Override
    public boolean accumulates() {
        return true;
    }

    @Override
    public void accumulate(float[] x, int xBase, float[] dz, int dzBase, float[] accumulators, int accumulatorsBase, int from, int to) {
        int width = layout.geometry().outputWidth();
        if (depthwise) {
            kernels.depthwise().gradients(x, xBase, layout.inputPitch(), dz, dzBase + layout.gradientOrigin(), layout.gradientChannel(),
                    layout.gradientPitch(), layout.geometry().outputHeight(), width, forward.segments, rows, forwardOffsets, accumulators,
                    accumulatorsBase - Layout.LANES * rowBegin(from), from, to);
            return;
        }
        int height = layout.geometry().outputHeight();
        for (int p = 0; p < height; p += band) {
            kernels.weightGradients().sparse(x, xBase + p * layout.inputPitch(), layout.inputPitch(), dz,
                    dzBase + layout.gradientOrigin() + p * layout.gradientPitch(), layout.gradientChannel(), layout.gradientPitch(),
                    Math.min(band, height - p), width, forward.segments, rows, forward.blocks, forwardOffsets, accumulators,
                    accumulatorsBase, from, to);
        }
    }

    @Override
    public void join(float[] accumulators, int accumulatorsBase, float[] gradient, int from, int to) {
        if (forward.blocks == 1) {
            super.join(accumulators, accumulatorsBase, gradient, from, to);
            return;
        }
        int at = accumulatorsBase;
        for (int b = 0; b < forward.blocks; b++) {
            for (int k = from; k < to; k++) {
                int begin = forward.segments[b * rows + k];
                int end = forward.segments[(b + 1) * rows + k];
                if (begin < end) {
                    kernels.weightGradients().join(accumulators, at, gradient, begin, end);
                    at += Layout.LANES * (end - begin);
                }
            }
        }
    }

    @Override
    public boolean reads(int channel) {
        for (Part part : backward) {
            if (part.segments[channel] < part.segments[part.blocks * part.rows + channel]) {
                return true;
            }
        }
        // Without the transposed copy nobody knows, and taps that reach no pixel read zeros beside the others.
        return !transposesAll;
    }

    @Override
    public int rowBegin(int row) {
        return row == rows ? active : forward.segments[row];
    }

    @Override
    public long forwardPairs() {
        return active;
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
