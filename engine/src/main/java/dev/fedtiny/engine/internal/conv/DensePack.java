package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.ConvolutionKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/** All positions, in packs of four rows; where the mask is not full, zeros stand at pruned positions. */
final class DensePack extends AllPositionsPack {
    private static final int PACK = ConvolutionKernel.DENSE_ROWS;

    private final float[] forward;
    private final float[][] backward;
    private final int[][] backwardOffsets;

    DensePack(KernelRegistry kernels, ScratchLayout layout, Mask mask, boolean backwardData) {
        super(kernels, layout, mask, backwardData);
        forward = new float[Math.ceilDiv(rows, PACK) * PACK * columns];
        backward = new float[phases.length][];
        backwardOffsets = new int[phases.length][];
        int packedChannels = Math.ceilDiv(layout.geometry().input().channels(), PACK) * PACK;
        for (int i = 0; i < phases.length; i++) {
            int taps = phases[i].taps().length;
            backward[i] = new float[packedChannels * rows * taps];
            backwardOffsets[i] = new int[rows * taps];
            for (int k = 0; k < rows; k++) {
                for (int t = 0; t < taps; t++) {
                    backwardOffsets[i][k * taps + t] = k * layout.gradientChannel() + phases[i].reach()[t];
                }
            }
        }
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout, List<BackwardPhase> phases) {
        long rows = layout.geometry().outputChannels();
        long columns = layout.geometry().columns();
        long packedChannels = Math.ceilDiv(layout.geometry().input().channels(), PACK) * (long) PACK;
        long transposed = 0;
        for (BackwardPhase phase : phases) {
            transposed += 4 * (packedChannels + 1) * rows * phase.taps().length;
        }
        return new PackBytes(4 * Math.ceilDiv(rows, PACK) * PACK * columns, 4 * (rows + 1), transposed);
    }

    @Override
    public void refreshForward(float[] values, int from, int to) {
        if (mask.isFull()) {
            for (int k = from; k < to; k++) {
                int at = k / PACK * PACK * columns + k % PACK;
                for (int j = 0; j < columns; j++) {
                    forward[at + j * PACK] = values[k * columns + j];
                }
            }
        } else {
            for (int i = firstKept(from); i < firstKept(to); i++) {
                int index = mask.index(i);
                int k = index / columns;
                forward[(k / PACK * columns + index % columns) * PACK + k % PACK] = values[i];
            }
        }
    }

    @Override
    public void refreshBackward(float[] values, int from, int to) {
        int taps = layout.geometry().taps();
        for (int i = 0; i < phases.length; i++) {
            int[] phaseTaps = phases[i].taps();
            int terms = rows * phaseTaps.length;
            for (int c = from; c < to; c++) {
                int at = c / PACK * PACK * terms + c % PACK;
                for (int k = 0; k < rows; k++) {
                    int row = (k / PACK * columns + c * taps) * PACK + k % PACK;
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
        kernels.convolutions().dense(x, xBase, layout.inputPitch(), offsets, columns, forward, start, y, yBase, yChannel, yPitch,
                yStep, layout.geometry().outputHeight(), layout.geometry().outputWidth(), from, to);
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase) {
        kernels.convolutions().dense(dz, dzBase, layout.gradientPitch(), backwardOffsets[index], backwardOffsets[index].length,
                backward[index], start, dx, dxBase, dxChannel, dxPitch, dxStep, phaseRows, phaseColumns, from, to);
    }

    @Override
    public int rowStep() {
        return PACK;
    }

    @Override
    public long forwardPairs() {
        return (long) rows * columns;
    }

    @Override
    long backwardPairs(int phase) {
        return (long) backwardOffsets[phase].length * layout.geometry().input().channels();
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
