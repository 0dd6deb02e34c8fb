package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.BitmaskWeights;
import dev.fedtiny.engine.tensor.Layout;
import java.util.List;

/**
 * {@link BitmaskWeights} made ready for a kernel: a bit a position, rows starting at a word, and the values in the weights' own array. The
 * transposed copy has one matrix of bits an input phase, columns in order (k, r, s).
 */
final class BitmaskPack extends PackedWeights {
    private final int active;
    private final Bits forward;
    private float[] forwardValues;
    private final Bits[] backward;
    private final int[][] backwardOffsets;
    private final int[] places;
    private final float[] backwardValues;

    /** Bits of a matrix and the place of each row's first value. */
    private record Bits(long[] words, int[] rowStart, int columns) {
        static Bits empty(int rows, int columns) {
            return new Bits(new long[rows * Math.ceilDiv(columns, 64)], new int[rows + 1], columns);
        }

        void set(int row, int column) {
            words[row * Math.ceilDiv(columns, 64) + (column >> 6)] |= 1L << column;
        }

        /** Turns the bits into row starts. */
        int count(int first) {
            int words64 = Math.ceilDiv(columns, 64);
            int at = first;
            for (int row = 0; row + 1 < rowStart.length; row++) {
                rowStart[row] = at;
                for (int w = 0; w < words64; w++) {
                    at += Long.bitCount(words[row * words64 + w]);
                }
            }
            rowStart[rowStart.length - 1] = at;
            return at;
        }

        long bytes() {
            return 8L * words.length + 4L * rowStart.length;
        }
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout, int active, List<BackwardPhase> phases) {
        int rows = layout.geometry().outputChannels();
        int channels = layout.geometry().input().channels();
        long transposed = phases.isEmpty() ? 0 : 8L * active;
        for (BackwardPhase phase : phases) {
            int columns = layout.geometry().groupOutputs() * phase.taps().length;
            transposed += bits(channels, columns) + 4L * columns;
        }
        return new PackBytes(0, bits(rows, layout.geometry().columns()), transposed);
    }

    private static long bits(int rows, int columns) {
        return 8L * rows * Math.ceilDiv(columns, 64) + 4L * (rows + 1);
    }

    /**
     * The structure of {@link BitmaskWeights}.
     *
     * @param active bits that are set
     */
    BitmaskPack(KernelRegistry kernels, ScratchLayout layout, long[] bits, int active, boolean backwardData) {
        super(kernels, layout, backwardData);
        this.active = active;
        int[] indices = BitmaskWeights.indices(bits, active);
        forward = Bits.empty(rows, columns);
        for (int index : indices) {
            forward.set(index / columns, index % columns);
        }
        forward.count(0);
        int channels = layout.geometry().input().channels();
        int taps = layout.geometry().taps();
        int groupRows = layout.geometry().groupOutputs();
        int groupChannels = layout.geometry().groupInputs();
        backward = new Bits[phases.length];
        backwardOffsets = new int[phases.length][];
        places = new int[backwardData ? active : 0];
        backwardValues = new float[places.length];
        int first = 0;
        for (int i = 0; i < phases.length; i++) {
            int[] phaseTaps = phases[i].taps();
            int[] order = new int[taps];
            java.util.Arrays.fill(order, -1);
            backwardOffsets[i] = new int[groupRows * phaseTaps.length];
            for (int t = 0; t < phaseTaps.length; t++) {
                order[phaseTaps[t]] = t;
                for (int k = 0; k < groupRows; k++) {
                    backwardOffsets[i][k * phaseTaps.length + t] = k * layout.gradientChannel() + phases[i].reach()[t];
                }
            }
            backward[i] = Bits.empty(channels, groupRows * phaseTaps.length);
            for (int j = 0; j < active; j++) {
                int index = indices[j];
                if (order[index % taps] >= 0) {
                    int k = index / columns;
                    backward[i].set(k / groupRows * groupChannels + index % columns / taps,
                            k % groupRows * phaseTaps.length + order[index % taps]);
                }
            }
            int last = backward[i].count(first);
            // Active positions come in order (k, c, r, s), so each channel's places fill up in order (k, r, s).
            int[] next = java.util.Arrays.copyOf(backward[i].rowStart(), channels);
            for (int j = 0; j < active; j++) {
                int index = indices[j];
                if (order[index % taps] >= 0) {
                    places[next[index / columns / groupRows * groupChannels + index % columns / taps]++] = j;
                }
            }
            first = last;
        }
    }

    @Override
    public void refreshForward(float[] values, int from, int to) {
        forwardValues = values;
    }

    @Override
    public void refreshBackward(float[] values, int from, int to) {
        for (Bits bits : backward) {
            for (int j = bits.rowStart()[from]; j < bits.rowStart()[to]; j++) {
                backwardValues[j] = values[places[j]];
            }
        }
    }

    @Override
    public void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int from, int to,
            float[] scratch, int scratchBase) {
        for (int k = from; k < to; k = endOfGroup(k, to)) {
            kernels.convolutions().bitmask(x, inputOf(k, xBase), layout.inputPitch(), offsets, columns, forward.words(), forward.rowStart(),
                    forwardValues, start, y, yBase, yChannel, yPitch, yStep, layout.outputRows(),
                    layout.outputColumns(), k, endOfGroup(k, to));
        }
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase) {
        Bits bits = backward[index];
        for (int c = from; c < to; c = endOfChannels(c, to)) {
            kernels.convolutions().bitmask(dz, gradientOf(c, dzBase), layout.gradientPitch(), backwardOffsets[index], bits.columns(),
                    bits.words(), bits.rowStart(), backwardValues, start, dx, dxBase, dxChannel, dxPitch, dxStep, phaseRows, phaseColumns,
                    c, endOfChannels(c, to));
        }
    }

    @Override
    public boolean accumulates() {
        return true;
    }

    @Override
    public void accumulate(float[] x, int xBase, float[] dz, int dzBase, float[] accumulators, int accumulatorsBase, int from, int to) {
        for (int k = from; k < to; k = endOfGroup(k, to)) {
            kernels.weightGradients().bitmask(x, inputOf(k, xBase), layout.inputPitch(), dz, dzBase + layout.gradientOrigin(),
                    layout.gradientChannel(), layout.gradientPitch(), layout.geometry().outputHeight(), layout.geometry().outputWidth(),
                    offsets, columns, forward.words(), forward.rowStart(), accumulators,
                    accumulatorsBase + Layout.LANES * (rowBegin(k) - rowBegin(from)), k, endOfGroup(k, to));
        }
    }

    @Override
    public int rowBegin(int row) {
        return forward.rowStart()[row];
    }

    @Override
    public long forwardPairs() {
        return active;
    }

    @Override
    long backwardPairs(int phase) {
        int[] starts = backward[phase].rowStart();
        return starts[starts.length - 1] - starts[0];
    }

    @Override
    public long indexBytes() {
        return 4L * offsets.length + forward.bytes();
    }

    @Override
    public long transposedBytes() {
        long bytes = phaseBytes() + 4L * (places.length + backwardValues.length);
        for (int i = 0; i < phases.length; i++) {
            bytes += backward[i].bytes() + 4L * backwardOffsets[i].length;
        }
        return bytes;
    }
}
