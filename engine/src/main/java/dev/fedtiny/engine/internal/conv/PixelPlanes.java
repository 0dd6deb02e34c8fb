package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.ChannelFunction;
import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;

/**
 * The planes that windows slide over where a single image's pixels lie side by side ({@link ScratchLayout#ofPixels}): each phase of a
 * channel is a plane with zeros around it, filled row by row. What is behind the last window of a row, or below that of the last row, may
 * hold anything.
 */
public final class PixelPlanes {
    private static final PixelKernel PIXELS = KernelRegistry.current().pixels();

    private final Plane[] planes;
    private final int imageChannel;
    private final int imagePitch;
    private final int imageStep;
    private final int pitch;
    private final int channel;

    /**
     * A phase.
     *
     * @param at its first float within a channel; {@code before}: zeros before its first image pixel; {@code behind}: behind the last row
     * @param source the image pixel that comes first
     */
    private record Plane(int at, int before, int behind, int source, int rows, int columns) {
    }

    /**
     * The planes of a layout.
     *
     * @param imageChannel floats from a channel of an image to the next
     */
    public PixelPlanes(ScratchLayout layout, int imageChannel) {
        this.imageChannel = imageChannel;
        imagePitch = layout.geometry().stride().height() * layout.geometry().input().width();
        imageStep = layout.geometry().stride().width();
        pitch = layout.inputPitch();
        channel = layout.inputChannel();
        planes = new Plane[layout.phases()];
        for (int i = 0; i < planes.length; i++) {
            ScratchLayout.InputPhase phase = layout.inputPhase(i);
            int at = i * layout.inputPlane();
            int before = phase.place() - at;
            // Zeros left of a row are those behind the row before, so that what is behind the last may reach over the plane.
            int behind = Math.max(0, layout.inputPlane() - before - phase.rows() * pitch);
            planes[i] = new Plane(at, before, behind, phase.source(), phase.rows(), phase.columns());
        }
    }

    /**
     * Fills channels.
     *
     * @param x an image's pixels, row by row
     * @param y receives the planes of the first channel from {@code yBase} on
     * @param function what becomes of each value on its way
     * @param first number of the first channel
     */
    public void fill(float[] x, int xBase, float[] y, int yBase, int channels, ChannelFunction function, int first) {
        if (planes.length == 1) {
            fill(planes[0], x, xBase, y, yBase, channels, function, first);
            return;
        }
        // One channel after the other: a plane is written over what reached over the end of the one before.
        for (int c = 0; c < channels; c++) {
            for (Plane plane : planes) {
                fill(plane, x, xBase + c * imageChannel, y, yBase + c * channel, 1, function, first + c);
            }
        }
    }

    private void fill(Plane plane, float[] x, int xBase, float[] y, int yBase, int channels, ChannelFunction function, int first) {
        PIXELS.planes(x, xBase + plane.source, imageChannel, imagePitch, imageStep, y, yBase + plane.at, channel, pitch, plane.before,
                plane.behind, channels, plane.rows, plane.columns, function, first);
    }
}
