package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.util.List;

/** All positions, in packs of four rows of a group; where the mask is not full, zeros stand at pruned positions. */
final class DensePack extends AllPositionsPack {
    private static final int PACK = ConvolutionKernel.DENSE_ROWS;

    private final Conv2dGeometry geometry;
    /** Floats of a group's rows, the last pack padded. */
    private final int forwardGroup;
    private final float[] forward;
    private final float[][] backward;
    private final int[][] backwardOffsets;

    DensePack(KernelRegistry kernels, ScratchLayout layout, Mask mask, boolean backwardData) {
        super(kernels, layout, mask, backwardData);
        geometry = layout.geometry();
        forwardGroup = packed(geometry.groupOutputs()) * columns;
        forward = new float[geometry.groups() * forwardGroup];
        backward = new float[phases.length][];
        backwardOffsets = new int[phases.length][];
        for (int i = 0; i < phases.length; i++) {
            int taps = phases[i].taps().length;
            backward[i] = new float[geometry.groups() * backwardGroup(i)];
            backwardOffsets[i] = new int[geometry.groupOutputs() * taps];
            for (int k = 0; k < geometry.groupOutputs(); k++) {
                for (int t = 0; t < taps; t++) {
                    backwardOffsets[i][k * taps + t] = k * layout.gradientChannel() + phases[i].reach()[t];
                }
            }
        }
    }

    private static int packed(int rows) {
        return Math.ceilDiv(rows, PACK) * PACK;
    }

    /** Floats of a group's channels in a phase of the transposed copy. */
    private int backwardGroup(int phase) {
        return packed(geometry.groupInputs()) * geometry.groupOutputs() * phases[phase].taps().length;
    }

    /** Position of the first value of row k. */
    private int forwardAt(int k) {
        int row = k % geometry.groupOutputs();
        return k / geometry.groupOutputs() * forwardGroup + row / PACK * PACK * columns + row % PACK;
    }

    /** Position of the first value of channel c in a phase of the transposed copy. */
    private int backwardAt(int phase, int c) {
        int channel = c % geometry.groupInputs();
        return c / geometry.groupInputs() * backwardGroup(phase) + channel / PACK * PACK * backwardOffsets[phase].length + channel % PACK;
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout, List<BackwardPhase> phases) {
        Conv2dGeometry geometry = layout.geometry();
        long groups = geometry.groups();
        long transposed = 0;
        for (BackwardPhase phase : phases) {
            transposed += 4 * (groups * packed(geometry.groupInputs()) + 1) * geometry.groupOutputs() * phase.taps().length;
        }
        return new PackBytes(4 * groups * packed(geometry.groupOutputs()) * geometry.columns(), 4 * (geometry.outputChannels() + 1L),
                transposed);
    }

    @Override
    public void refreshForward(float[] values, int from, int to) {
        if (mask.isFull()) {
            for (int k = from; k < to; k++) {
                int at = forwardAt(k);
                for (int j = 0; j < columns; j++) {
                    forward[at + j * PACK] = values[k * columns + j];
                }
            }
        } else {
            for (int i = rowBegin(from); i < rowBegin(to); i++) {
                int index = mask.index(i);
                forward[forwardAt(index / columns) + index % columns * PACK] = values[i];
            }
        }
    }

    @Override
    public void refreshBackward(float[] values, int from, int to) {
        int taps = geometry.taps();
        int groupRows = geometry.groupOutputs();
        for (int i = 0; i < phases.length; i++) {
            int[] phaseTaps = phases[i].taps();
            for (int c = from; c < to; c++) {
                int group = c / geometry.groupInputs();
                int channel = c % geometry.groupInputs();
                int at = backwardAt(i, c);
                for (int k = group * groupRows; k < (group + 1) * groupRows; k++) {
                    int row = forwardAt(k) + channel * taps * PACK;
                    for (int tap : phaseTaps) {
                        backward[i][at] = forward[row + tap * PACK];
                        at += PACK;
                    }
                }
            }
        }
    }

    @Override
    public void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int from, int to,
            float[] scratch, int scratchBase) {
        for (int k = from; k < to; k = endOfGroup(k, to)) {
            kernels.convolutions().dense(x, inputOf(k, xBase), layout.inputPitch(), offsets, columns, forward, forwardAt(k), start, y,
                    yBase, yChannel, yPitch, yStep, layout.outputRows(), layout.outputColumns(), k, endOfGroup(k, to));
        }
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase) {
        for (int c = from; c < to; c = endOfChannels(c, to)) {
            kernels.convolutions().dense(dz, gradientOf(c, dzBase), layout.gradientPitch(), backwardOffsets[index],
                    backwardOffsets[index].length, backward[index], backwardAt(index, c), start, dx, dxBase, dxChannel, dxPitch, dxStep,
                    phaseRows, phaseColumns, c, endOfChannels(c, to));
        }
    }

    /** Packs of four, or all rows of a group where it has no whole packs. */
    @Override
    public int rowStep() {
        return step(geometry.groupOutputs());
    }

    @Override
    public int channelStep() {
        return step(geometry.groupInputs());
    }

    private int step(int groupRows) {
        return geometry.groups() == 1 || groupRows % PACK == 0 ? PACK : groupRows;
    }

    @Override
    public long forwardPairs() {
        return (long) rows * columns;
    }

    @Override
    long backwardPairs(int phase) {
        return (long) backwardOffsets[phase].length * geometry.input().channels();
    }

    @Override
    public long valueBytes() {
        return 4L * forward.length;
    }

    @Override
    public long transposedBytes() {
        long bytes = phaseBytes();
        for (int i = 0; i < phases.length; i++) {
            bytes += 4L * (backward[i].length + backwardOffsets[i].length);
        }
        return bytes;
    }
}
