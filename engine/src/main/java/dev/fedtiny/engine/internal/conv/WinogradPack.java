package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.WinogradFilter;
import dev.fedtiny.engine.internal.kernel.WinogradGradient;
import dev.fedtiny.engine.internal.kernel.WinogradKernel;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.util.List;

/** All filters of 3 × 3 taps as Winograd's transform makes them, 16 values each; taps at pruned positions are zeros. */
final class WinogradPack extends FullPack {
    private static final int TAPS = 9;
    /** Multiply-adds a pixel and filter: 16 a tile of four pixels. */
    private static final int PRODUCTS = 4;

    private final int channels;
    private final float[] forward;
    /** Filters turned by half a circle, a row an input channel; empty where no gradient of the input is wanted. */
    private final float[] backward;

    WinogradPack(ScratchLayout layout, Mask mask, boolean backwardData) {
        super(layout, mask, backwardData);
        channels = layout.geometry().input().channels();
        forward = new float[WinogradKernel.packFloats(channels, rows)];
        backward = new float[backwardData ? WinogradKernel.packFloats(rows, channels) : 0];
    }

    /** Whether a convolution can go this way. */
    static boolean covers(Conv2dGeometry geometry) {
        return geometry.kernelHeight() == 3 && geometry.kernelWidth() == 3 && geometry.stride() == 1 && geometry.padding() == 1
                && WinogradKernel.covers(geometry.outputHeight(), geometry.outputWidth());
    }

    /** Floats of scratch a thread needs for all passes. */
    static int scratchFloats(Conv2dGeometry geometry) {
        int channels = geometry.input().channels();
        int rows = geometry.outputChannels();
        int gradient = WinogradGradient.scratchFloats(channels, Math.min(rows, WinogradGradient.ROWS),
                geometry.outputWidth());
        int maps = Math.max(WinogradKernel.scratchFloats(channels, rows, geometry.outputHeight(), geometry.outputWidth()),
                WinogradKernel.scratchFloats(rows, channels, geometry.outputHeight(), geometry.outputWidth()));
        return Math.max(gradient, maps);
    }

    /** What this form holds besides what all hold. */
    static PackBytes bytes(ScratchLayout layout, List<BackwardPhase> phases) {
        int rows = layout.geometry().outputChannels();
        int channels = layout.geometry().input().channels();
        return new PackBytes(4L * WinogradKernel.packFloats(channels, rows), 4 * (rows + 1L),
                phases.isEmpty() ? 0 : 4L * WinogradKernel.packFloats(rows, channels));
    }

    @Override
    public void refreshForward(float[] values, int from, int to) {
        int plane = WinogradFilter.plane(rows, channels);
        int next = firstKept(from);
        for (int k = from; k < to; k++) {
            for (int c = 0; c < channels; c++) {
                int at = WinogradFilter.position(k, c, channels);
                int first = (k * channels + c) * TAPS;
                if (mask.isFull()) {
                    WinogradFilter.transform(values[first], values[first + 1], values[first + 2], values[first + 3], values[first + 4],
                            values[first + 5], values[first + 6], values[first + 7], values[first + 8], forward, at, plane);
                    continue;
                }
                for (int tap = 0; tap < TAPS; tap++) {
                    forward[at + tap * plane] = 0;
                }
                for (; next < firstKept(to) && mask.index(next) < first + TAPS; next++) {
                    forward[at + (mask.index(next) - first) * plane] = values[next];
                }
                WinogradFilter.transform(forward, at, plane);
            }
        }
    }

    @Override
    public void refreshBackward(float[] values, int from, int to) {
        int forwardPlane = WinogradFilter.plane(rows, channels);
        int backwardPlane = WinogradFilter.plane(channels, rows);
        for (int point = 0; point < WinogradKernel.POINTS; point++) {
            int source = WinogradFilter.turned(point) * forwardPlane;
            int target = point * backwardPlane;
            for (int c = from; c < to; c++) {
                for (int k = 0; k < rows; k++) {
                    backward[target + WinogradFilter.position(c, k, rows)] = forward[source + WinogradFilter.position(k, c, channels)];
                }
            }
        }
    }

    @Override
    public void forward(float[] x, int xBase, float[] start, float[] y, int yBase, int yChannel, int yPitch, int yStep, int from, int to,
            float[] scratch, int scratchBase) {
        Kernels.current().winograd().run(x, xBase, layout.inputChannel(), layout.inputPitch(), channels, forward, rows, start, y, yBase,
                yChannel, yPitch, yStep, layout.geometry().outputHeight(), layout.geometry().outputWidth(), from, to, scratch,
                scratchBase);
    }

    @Override
    void backwardPhase(int index, float[] dz, int dzBase, float[] start, float[] dx, int dxBase, int dxChannel, int dxPitch, int dxStep,
            int phaseRows, int phaseColumns, int from, int to, float[] scratch, int scratchBase) {
        Kernels.current().winograd().run(dz, dzBase, layout.gradientChannel(), layout.gradientPitch(), rows, backward, channels, start, dx,
                dxBase, dxChannel, dxPitch, dxStep, phaseRows, phaseColumns, from, to, scratch, scratchBase);
    }

    @Override
    public void denseGradient(float[] x, int xBase, int xGroup, float[] dz, int dzBase, int dzGroup, int groups, float[] gradient,
            int gradientBase, float[] lanes, int lanesBase, int from, int to, float[] scratch, int scratchBase) {
        WinogradGradient.run(Kernels.current().winograd(), x, xBase, xGroup, layout.inputChannel(), layout.inputPitch(), dz,
                dzBase + layout.gradientOrigin(), dzGroup, layout.gradientChannel(), layout.gradientPitch(), groups,
                layout.geometry().outputHeight(), layout.geometry().outputWidth(), channels, gradient, gradientBase, scratch, scratchBase,
                from, to);
    }

    @Override
    public int rowStep() {
        return WinogradKernel.PACK;
    }

    @Override
    public long forwardPairs() {
        return (long) PRODUCTS * rows * channels;
    }

    @Override
    long backwardPairs(int phase) {
        return (long) PRODUCTS * rows * channels;
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
