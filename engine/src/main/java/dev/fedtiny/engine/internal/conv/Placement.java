package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;

/**
 * Where the pixels of one image group's map lie when it is laid out for a kernel: a few parts, each a grid of rows and columns taken from
 * the contiguous map {@code [C][H][W][8]} and put down with other strides, zeros around it where the kernel wants a halo.
 */
public final class Placement {
    private final int channel;
    private final int floats;
    private final Part[] parts;
    private final boolean whole;

    /**
     * One grid of pixels; positions in floats, within a channel.
     *
     * @param source first pixel in the contiguous map
     * @param sourcePitch between rows of the map that are taken
     * @param sourceStep between pixels of the map that are taken
     * @param place where the first pixel is put
     * @param pitch between rows put down
     * @param step between pixels put down
     * @param rows rows taken
     * @param columns pixels taken of each
     * @param plane first float of the zero-padded plane the grid lies in, or −1 where there is no halo
     * @param planeFloats floats of that plane
     */
    public record Part(int source, int sourcePitch, int sourceStep, int place, int pitch, int step, int rows, int columns, int plane,
            int planeFloats) {
    }

    private Placement(int channel, int floats, boolean whole, Part... parts) {
        this.channel = channel;
        this.floats = floats;
        this.parts = parts;
        this.whole = whole;
    }

    /** The map as it is. */
    public static Placement contiguous(Shape shape) {
        int pitch = shape.width() * Layout.LANES;
        return new Placement(shape.pixels() * Layout.LANES, shape.size() * Layout.LANES, true,
                new Part(0, pitch, Layout.LANES, 0, pitch, Layout.LANES, shape.height(), shape.width(), -1, 0));
    }

    /**
     * A group's features beside those of the other groups: {@code [feature][group][8]}, so that groups are the pixels of a one-row map and
     * a linear layer is a 1 × 1 convolution.
     *
     * @param groups how many groups lie side by side; group g begins at {@code 8·g}
     */
    public static Placement interleaved(Shape shape, int groups) {
        int step = groups * Layout.LANES;
        int pitch = shape.width() * step;
        return new Placement(shape.pixels() * step, shape.size() * step, true,
                new Part(0, shape.width() * Layout.LANES, Layout.LANES, 0, pitch, step, shape.height(), shape.width(), -1, 0));
    }

    /** The input of a convolution, phase by phase with its halo. */
    static Placement input(ScratchLayout layout) {
        if (layout.lanesArePixels()) {
            // Put down by PixelPlanes.
            return new Placement(layout.inputChannel(), layout.inputFloats(), layout.holdsWholeInput());
        }
        int width = layout.geometry().input().width();
        PerAxis stride = layout.geometry().stride();
        Part[] parts = new Part[layout.phases()];
        int plane = layout.inputChannel() / parts.length;
        for (int i = 0; i < parts.length; i++) {
            ScratchLayout.InputPhase phase = layout.inputPhase(i);
            parts[i] = new Part(phase.source(), stride.height() * width * Layout.LANES, stride.width() * Layout.LANES, phase.place(),
                    layout.inputPitch(), Layout.LANES,
                    phase.rows(), phase.columns(), i * plane, plane);
        }
        return new Placement(layout.inputChannel(), layout.inputFloats(), layout.holdsWholeInput(), parts);
    }

    /** The output gradient of a convolution with its halo. */
    static Placement gradient(ScratchLayout layout) {
        int height = layout.geometry().outputHeight();
        int width = layout.geometry().outputWidth();
        return new Placement(layout.gradientChannel(), layout.gradientFloats(), true,
                new Part(0, width * Layout.LANES, Layout.LANES, layout.gradientOrigin(), layout.gradientPitch(), Layout.LANES,
                        height, width, 0, layout.gradientChannel()));
    }

    /** The same places for the pixels; what lies around them is left to somebody else. */
    public Placement withoutHalo() {
        Part[] bare = new Part[parts.length];
        for (int i = 0; i < parts.length; i++) {
            Part part = parts[i];
            bare[i] = new Part(part.source, part.sourcePitch, part.sourceStep, part.place, part.pitch, part.step, part.rows, part.columns,
                    -1, 0);
        }
        return new Placement(channel, floats, whole, bare);
    }

    /** Where, within a channel, each pixel of a contiguous map of so many is put; −1 where it is not. */
    int[] places(int pixels) {
        int[] places = new int[pixels];
        Arrays.fill(places, -1);
        for (Part part : parts) {
            for (int row = 0; row < part.rows; row++) {
                for (int column = 0; column < part.columns; column++) {
                    int source = part.source + row * part.sourcePitch + column * part.sourceStep;
                    places[source / Layout.LANES] = part.place + row * part.pitch + column * part.step;
                }
            }
        }
        return places;
    }

    /** Floats between channels where they are put. */
    public int channel() {
        return channel;
    }

    /** Floats of the whole map where it is put. */
    public int floats() {
        return floats;
    }

    /** The grids. */
    public Part[] parts() {
        return parts;
    }

    /** Whether pixels beside each other in the map go to different grids, or nowhere. */
    public boolean splits() {
        return parts.length > 1 || parts[0].sourceStep != Layout.LANES;
    }

    /** Whether the map lies as it is stored. */
    public boolean isContiguous() {
        Part part = parts[0];
        return !splits() && part.source == 0 && part.place == 0 && part.step == Layout.LANES && part.pitch == part.columns * Layout.LANES
                && part.sourcePitch == part.pitch && channel == part.rows * part.pitch;
    }

    /** Whether every pixel of the map has a place. */
    public boolean holdsAll() {
        return whole;
    }

    /** Writes the zeros around the grids of channels {@code [from, to)}. */
    public void clearHalo(float[] scratch, int base, int from, int to) {
        for (Part part : parts) {
            if (part.plane < 0) {
                continue;
            }
            int before = part.place - part.plane;
            int gap = part.pitch - part.columns * Layout.LANES;
            for (int c = from; c < to; c++) {
                int start = base + c * channel + part.plane;
                int end = start + part.planeFloats;
                if (part.rows == 0 || part.columns == 0) {
                    Arrays.fill(scratch, start, end, 0);
                    continue;
                }
                Arrays.fill(scratch, start, start + before, 0);
                int at = start + before + part.columns * Layout.LANES;
                for (int row = 1; row < part.rows; row++, at += part.pitch) {
                    for (int i = at; i < at + gap; i++) {
                        scratch[i] = 0;
                    }
                }
                Arrays.fill(scratch, at, end, 0);
            }
        }
    }
}
