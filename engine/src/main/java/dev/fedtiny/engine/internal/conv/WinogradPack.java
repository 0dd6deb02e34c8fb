package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.WinogradFilter;
import dev.fedtiny.engine.internal.kernel.WinogradGradient;
import dev.fedtiny.engine.internal.kernel.WinogradKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import java.util.Arrays;
import java.util.List;

/** All filters of 3 × 3 taps as Winograd's transform makes them, 16 values each; taps at pruned positions are zeros. */
final class WinogradPack extends AllPositionsPack {
    private static final int TAPS = 9;
    private static final int PACK = WinogradKernel.PACK;
    /** Multiply-adds a pixel and filter: 16 a tile of four pixels. */
    private static final int PRODUCTS = 4;

    private final int channels;
    private final float[] forward;
    /** Filters turned by half a circle, a row an input channel; empty where no gradient of the input is wanted. */
    private final float[] backward;

    WinogradPack(KernelRegistry kernels, ScratchLayout layout, Mask mask, boolean backwardData) {
        super(kernels, layout, mask, backwardData);
        if (!covers(layout.geometry())) {
            throw new IllegalArgumentException("weights: Winograd's transform has no form for " + layout.geometry()
                    + "; expected 3 × 3 taps, stride 1, padding 1, one group and even outputs of at least 4 × 4; compute densely");
        }
        channels = layout.geometry().input().channels();
        forward = new float[WinogradKernel.packFloats(channels, rows)];
        backward = new float[backwardData ? WinogradKernel.packFloats(rows, channels) : 0];
    }

    /** Whether a convolution can go this way. */
    static boolean covers(Conv2dGeometry geometry) {
        return geometry.groups() == 1 && geometry.kernel().equals(PerAxis.both(3)) && geometry.stride().equals(PerAxis.ONE)
                && geometry.dilation().equals(PerAxis.ONE) && geometry.padding().equals(Padding.all(1))
                && WinogradKernel.covers(geometry.outputHeight(), geometry.outputWidth());
    }

    /** Floats of scratch a thread needs forward and back to the data. */
    static int scratchFloats(Conv2dGeometry geometry) {
        int channels = geometry.input().channels();
        int rows = geometry.outputChannels();
        return Math.max(WinogradKernel.scratchFloats(channels, rows, geometry.outputHeight(), geometry.outputWidth()),
                WinogradKernel.scratchFloats(rows, channels, geometry.outputHeight(), geometry.outputWidth()));
    }

    /** Floats of scratch a thread needs for gradients of the weights. */
    static int gradientScratchFloats(Conv2dGeometry geometry) {
        return WinogradGradient.scratchFloats(geometry.input().channels(), Math.min(geometry.outputChannels(), WinogradGradient.ROWS),
                geometry.outputWidth());
    }

    /** Multiply-adds a pixel of any pass. */
    static long products(Conv2dGeometry geometry) {
        return (long) PRODUCTS * geometry.outputChannels() * geometry.input().channels();
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout, List<BackwardPhase> phases) {
        int rows = layout.geometry().outputChannels();
        int channels = layout.geometry().input().channels();
        return new PackBytes(4L * WinogradKernel.packFloats(channels, rows), 4 * (rows + 1L),
                phases.isEmpty() ? 0 : 4L * WinogradKernel.packFloats(rows, channels));
    }

    /** Pack by pack: taps are put at the first nine points of each filter's place, and transformed there. */
    @Override
    public void refreshForward(float[] values, int from, int to) {
        WinogradKernel kernel = kernels.winograd();
        int plane = WinogradFilter.plane(rows, channels);
        for (int k = from; k < to; k += PACK) {
            int at = WinogradFilter.position(k, 0, channels);
            if (mask.isFull() && k + PACK <= rows) {
                for (int c = 0; c < channels; c++) {
                    int first = (k * channels + c) * TAPS;
                    kernel.square(values, first, columns, forward, at + c * PACK, plane);
                    for (int i = 0; i < PACK; i++) {
                        forward[at + c * PACK + 8 * plane + i] = values[first + i * columns + 8];
                    }
                }
            } else {
                scatter(values, k, Math.min(rows, k + PACK), plane);
            }
            kernel.filters(forward, at, channels * PACK, plane);
        }
    }

    /** Taps of the active positions of a pack's rows, zeros at all others. */
    private void scatter(float[] values, int from, int to, int plane) {
        int at = WinogradFilter.position(from, 0, channels);
        for (int tap = 0; tap < TAPS; tap++) {
            Arrays.fill(forward, at + tap * plane, at + tap * plane + channels * PACK, 0);
        }
        for (int i = rowBegin(from); i < rowBegin(to); i++) {
            int column = mask.index(i) % columns;
            forward[WinogradFilter.position(mask.index(i) / columns, column / TAPS, channels) + column % TAPS * plane] = values[i];
        }
    }

    @Override
    public void refreshBackward(float[] values, int from, int to) {
        WinogradKernel kernel = kernels.winograd();
        int forwardPlane = WinogradFilter.plane(rows, channels);
        int backwardPlane = WinogradFilter.plane(channels, rows);
        for (int point = 0; point < WinogradKernel.POINTS; point++) {
            int source = WinogradFilter.turned(point) * forwardPlane;
            int target = point * backwardPlane;
            for (int c = from; c < to; c += PACK) {
                for (int k = 0; k < rows; k += PACK) {
                    int at = source + WinogradFilter.position(k, c, channels);
                    int out = target + WinogradFilter.position(c, k, rows);
                    if (c + PACK <= channels && k + PACK <= rows) {
                        kernel.square(forward, at, PACK, backward, out, PACK);
                        continue;
                    }
                    for (int i = 0; i < Math.min(PACK, channels - c); i++) {
                        for (int j = 0; j < Math.min(PACK, rows - k); j++) {
                            backward[out + j * PACK + i] = forward[at + i * PACK + j];
                        }
                    }
                }
            }
        }
    }

    @Override
    public void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int from, int to,
            float[] scratch, int scratchBase) {
        kernels.winograd().run(x, xBase, layout.inputChannel(), layout.inputPitch(), channels, forward, rows, start, y, yBase,
                yChannel, yPitch, yStep, layout.geometry().outputHeight(), layout.geometry().outputWidth(), from, to, scratch,
                scratchBase);
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase) {
        kernels.winograd().run(dz, dzBase, layout.gradientChannel(), layout.gradientPitch(), rows, backward, channels, start, dx,
                dxBase, dxChannel, dxPitch, dxStep, phaseRows, phaseColumns, from, to, scratch, scratchBase);
    }

    /** What all rows read is transformed. */
    @Override
    public boolean preparesRows() {
        return true;
    }

    @Override
    public int rowStep() {
        return WinogradKernel.PACK;
    }

    @Override
    public int channelStep() {
        return WinogradKernel.PACK;
    }

    @Override
    public long forwardPairs() {
        return products(layout.geometry());
    }

    @Override
    long backwardPairs(int phase) {
        return products(layout.geometry());
    }

    @Override
    public long valueBytes() {
        return 4L * forward.length;
    }

    @Override
    public long transposedBytes() {
        return phaseBytes() + 4L * backward.length;
    }
}
