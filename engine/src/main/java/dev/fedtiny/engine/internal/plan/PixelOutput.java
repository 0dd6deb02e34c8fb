package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;

/**
 * The output of a convolution of a single image whose pixels lie side by side. What is built on it is normalised and clamped while it lies
 * in the cache, where nothing else is wanted of it: in its place where kernels write what is stored, or on the way there where they write
 * gaps, as a plane's halo leaves them, or windows that a stride steps over.
 */
final class PixelOutput {
    private static final PixelKernel PIXELS = KernelRegistry.current().pixels();

    private final boolean staged;
    private final int rows;
    private final int columns;
    private final int pitch;
    private final int step;
    private final int channelFloats;

    private PixelOutput(boolean staged, int rows, int columns, int pitch, int step, int channelFloats) {
        this.staged = staged;
        this.rows = rows;
        this.columns = columns;
        this.pitch = pitch;
        this.step = step;
        this.channelFloats = channelFloats;
    }

    /** What kernels write as it is stored. */
    static PixelOutput inPlace(StoredActivation map) {
        return new PixelOutput(false, 1, map.channelFloats(), map.channelFloats(), 1, map.channelFloats());
    }

    /** What kernels write with gaps. */
    static PixelOutput gapped(ScratchLayout layout) {
        int width = layout.geometry().outputWidth();
        int height = layout.geometry().outputHeight();
        int floats = layout.outputColumns() * Layout.LANES;
        // Without gaps all rows are one.
        return layout.outputPitch() == width && layout.outputStep() == 1
                ? new PixelOutput(true, 1, height * width, height * width, 1, floats)
                : new PixelOutput(true, height, width, layout.outputPitch(), layout.outputStep(), floats);
    }

    /** Whether kernels write to scratch, from where the output is stored. */
    boolean isStaged() {
        return staged;
    }

    /** Floats between channels where a kernel writes. */
    int channelFloats() {
        return channelFloats;
    }

    /** Stores channels {@code [from, to)}, of which number 0 would lie at {@code base}. */
    void store(StoredActivation map, float[] fresh, int base, int from, int to) {
        FusedInput value = map.value;
        boolean finish = value != null && value.finished();
        if (!staged && (!finish || value.norm == null && value.clamp == null)) {
            return;
        }
        Normalization norm = finish ? value.norm : null;
        PIXELS.rows(fresh, base + from * channelFloats, channelFloats, pitch, step, map.data, map.at(0, from), map.channelFloats(),
                map.channelFloats(), to - from, rows, columns, norm == null ? null : norm.scale, norm == null ? null : norm.shift, from,
                finish ? value.lower() : Float.NEGATIVE_INFINITY, finish ? value.upper() : Float.POSITIVE_INFINITY);
    }
}
