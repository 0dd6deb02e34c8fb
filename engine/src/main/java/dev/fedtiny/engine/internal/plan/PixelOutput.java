package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.conv.ScratchLayout;
import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;

/**
 * The output of a convolution of a single image whose pixels lie side by side. What is built on it is normalised and clamped while it lies
 * in the cache, where nothing else is wanted of it: in its place where kernels write what is stored, or on the way there where they write
 * gaps, as a plane's halo leaves them, or windows that a stride steps over. Kernels of windows do that themselves.
 */
final class PixelOutput {
    private static final PixelKernel PIXELS = KernelRegistry.current().pixels();

    private final boolean staged;
    /** Whether kernels normalise and clamp what they write. */
    private final boolean finished;
    private final int rows;
    private final int columns;
    private final int pitch;
    private final int step;
    private final int channelFloats;

    private PixelOutput(boolean staged, boolean finished, int rows, int columns, int pitch, int step, int channelFloats) {
        this.staged = staged;
        this.finished = finished;
        this.rows = rows;
        this.columns = columns;
        this.pitch = pitch;
        this.step = step;
        this.channelFloats = channelFloats;
    }

    /** What kernels write as it is stored. */
    static PixelOutput inPlace(StoredActivation map) {
        return new PixelOutput(false, false, 1, map.channelFloats(), map.channelFloats(), 1, map.channelFloats());
    }

    /**
     * What kernels write of windows over maps as they lie: they finish it themselves, and leave gaps where a stride steps over some. They
     * write more of a channel than a map of a single pixel holds.
     */
    static PixelOutput ofWindows(ScratchLayout layout, StoredActivation map) {
        int floats = layout.outputColumns() * Layout.LANES;
        return layout.windows().isOneRow() && floats == map.channelFloats() ? new PixelOutput(false, true, 1, floats, floats, 1, floats)
                : new PixelOutput(true, true, layout.geometry().outputHeight(), layout.geometry().outputWidth(), layout.outputPitch(),
                layout.outputStep(), floats);
    }

    /** What kernels write with gaps. */
    static PixelOutput gapped(ScratchLayout layout) {
        int width = layout.geometry().outputWidth();
        int height = layout.geometry().outputHeight();
        int floats = layout.outputColumns() * Layout.LANES;
        // Without gaps all rows are one.
        return layout.outputPitch() == width && layout.outputStep() == 1
                ? new PixelOutput(true, false, 1, height * width, height * width, 1, floats)
                : new PixelOutput(true, false, height, width, layout.outputPitch(), layout.outputStep(), floats);
    }

    /** Whether kernels write to scratch, from where the output is stored. */
    boolean isStaged() {
        return staged;
    }

    /** Floats between channels where a kernel writes. */
    int channelFloats() {
        return channelFloats;
    }

    /** What kernels that finish their output make of it. */
    static ChannelFunction function(StoredActivation map) {
        return map.value == null ? ChannelFunction.IDENTITY : map.value.atOnce();
    }

    /** Whether an output is gone over once more when kernels have written it. */
    boolean revisits(StoredActivation map) {
        return staged || !finished && !function(map).isIdentity();
    }

    /** Stores channels {@code [from, to)}, of which number 0 would lie at {@code base}. */
    void store(StoredActivation map, float[] fresh, int base, int from, int to) {
        ChannelFunction function = finished ? ChannelFunction.IDENTITY : function(map);
        if (staged) {
            PIXELS.rows(fresh, base + from * channelFloats, channelFloats, pitch, step, map.data, map.at(0, from), map.channelFloats(),
                    map.channelFloats(), to - from, rows, columns, function, from);
        } else if (!function.isIdentity()) {
            PIXELS.finish(map.data, map.at(0, from), map.channelFloats(), to - from, map.channelFloats(), function, from);
        }
    }
}
