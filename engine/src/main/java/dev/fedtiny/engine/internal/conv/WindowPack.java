package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;

/**
 * The weights of a depthwise convolution over a single image as it lies, all taps of each channel, whatever form they are kept in: where
 * the mask is not full, zeros stand at pruned positions. Forward only.
 */
public final class WindowPack extends AllPositionsPack {
    private final PixelKernel pixels;
    private final PixelWindows windows;
    private final float[] forward;

    WindowPack(KernelRegistry kernels, ScratchLayout layout, Mask mask) {
        super(kernels, layout, mask, false);
        pixels = kernels.pixels();
        windows = layout.windows();
        forward = new float[rows * columns];
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout) {
        return new PackBytes(4L * layout.geometry().weights(), 4 * (layout.geometry().outputChannels() + 1L)
                + layout.windows().bytes(), 0);
    }

    @Override
    public void refreshForward(float[] values, int from, int to) {
        Arrays.fill(forward, from * columns, to * columns, 0);
        for (int i = rowBegin(from); i < rowBegin(to); i++) {
            forward[mask.index(i)] = values[i];
        }
    }

    @Override
    public void refreshBackward(float[] values, int from, int to) {
        throw new IllegalStateException("weights: windows over a single image are computed forward only");
    }

    @Override
    public void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int from, int to,
            float[] scratch, int scratchBase) {
        windows(x, xBase, start, ChannelFunction.IDENTITY, y, yBase, yChannel, from, to);
    }

    /**
     * As {@link #forward}, with what becomes of sums before they are stored.
     *
     * @param function of the output channels
     */
    public void windows(float[] x, int xBase, float[] start, ChannelFunction function, float[] y, int yBase, int yChannel, int from,
            int to) {
        pixels.windows(x, xBase, layout.inputChannel(), layout.geometry().groupOutputs(), windows, forward, start, function, y, yBase,
                yChannel, from, to);
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase) {
        throw new IllegalStateException("weights: windows over a single image are computed forward only");
    }

    @Override
    public long forwardPairs() {
        return (long) rows * columns;
    }

    @Override
    long backwardPairs(int phase) {
        return 0;
    }

    @Override
    public long valueBytes() {
        return 4L * forward.length;
    }

    @Override
    public long indexBytes() {
        return super.indexBytes() + windows.bytes();
    }

    @Override
    public long transposedBytes() {
        return 0;
    }
}
