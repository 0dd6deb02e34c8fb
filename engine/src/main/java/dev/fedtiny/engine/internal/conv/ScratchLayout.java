package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.tensor.Conv2dGeometry;

/**
 * Where one image group of a convolution's input and of its output gradient lie in scratch, with halos of zeros, so that kernels always
 * walk with stride 1 and never test an edge.
 *
 * <p>The padded input is split into phases: pixel (h, w) lies in phase ((h + pad) mod stride, (w + pad) mod stride) at
 * ((h + pad) / stride, (w + pad) / stride), so that a window's pixel (r, s) is at a fixed distance from the output's (p, q). Only phases
 * that some tap reads exist. The output gradient has as many rows and columns of zeros around it as the backward taps of any input
 * phase reach over its edge.
 */
public final class ScratchLayout {
    private static final int LANES = 8;

    private final Conv2dGeometry geometry;
    private final int rowPhases;
    private final int columnPhases;
    private final int inputHeight;
    private final int inputWidth;
    private final int low;
    private final int left;
    private final int gradientHeight;
    private final int gradientWidth;

    /** The layout of a geometry. */
    public ScratchLayout(Conv2dGeometry geometry) {
        this(geometry, true);
    }

    /**
     * The layout of a geometry.
     *
     * @param backwardData whether the gradient of the input is wanted, for which the output's gradient has a halo
     */
    public ScratchLayout(Conv2dGeometry geometry, boolean backwardData) {
        this.geometry = geometry;
        int stride = geometry.stride();
        rowPhases = Math.min(stride, geometry.kernelHeight());
        columnPhases = Math.min(stride, geometry.kernelWidth());
        inputHeight = geometry.outputHeight() + (geometry.kernelHeight() - 1) / stride;
        inputWidth = room(geometry.outputWidth() + (geometry.kernelWidth() - 1) / stride);
        int[] none = new int[2];
        int[] rows = backwardData ? reach(geometry.input().height(), geometry.kernelHeight(), geometry.outputHeight()) : none;
        int[] columns = backwardData ? reach(geometry.input().width(), geometry.kernelWidth(), geometry.outputWidth()) : none;
        low = rows[0];
        left = columns[0];
        gradientHeight = low + geometry.outputHeight() + rows[1];
        gradientWidth = room(left + geometry.outputWidth() + columns[1]);
    }

    /**
     * Rows of four pixels get room for a halo on both sides, whether they have one or not: kernels know that distance between rows as a
     * constant. Features of four image groups, which are such a row too, stay beside each other.
     */
    private int room(int width) {
        return geometry.outputWidth() == 4 && geometry.outputHeight() > 1 ? Math.max(6, width) : width;
    }

    /** How far backward taps reach below 0 and beyond the last output, over all phases and taps. */
    private int[] reach(int extent, int kernel, int outputs) {
        int before = 0;
        int after = 0;
        for (int phase = 0; phase < Math.min(geometry.stride(), extent); phase++) {
            for (int tap = 0; tap < kernel; tap++) {
                if (reads(phase, tap)) {
                    int distance = distance(phase, tap);
                    before = Math.max(before, -distance);
                    after = Math.max(after, phaseExtent(extent, phase) - 1 + distance - (outputs - 1));
                }
            }
        }
        return new int[] {before, Math.max(0, after)};
    }

    /** Whether tap r (or s) connects input pixels ≡ phase (mod stride) to some output. */
    boolean reads(int phase, int tap) {
        return Math.floorMod(phase + geometry.padding() - tap, geometry.stride()) == 0;
    }

    /** p − i for input pixel stride·i + phase and output p connected by a tap. */
    int distance(int phase, int tap) {
        return Math.floorDiv(phase + geometry.padding() - tap, geometry.stride());
    }

    /** Input pixels ≡ phase (mod stride) of {@code extent}. */
    int phaseExtent(int extent, int phase) {
        return Math.ceilDiv(extent - phase, geometry.stride());
    }

    /** The convolution's geometry. */
    public Conv2dGeometry geometry() {
        return geometry;
    }

    /** Floats of one group's input. */
    public int inputFloats() {
        return geometry.input().channels() * inputChannel();
    }

    /** Floats between channels of the input. */
    int inputChannel() {
        return rowPhases * columnPhases * inputPlane();
    }

    private int inputPlane() {
        return inputHeight * inputPitch();
    }

    /** Floats between rows of the input. */
    public int inputPitch() {
        return inputWidth * LANES;
    }

    /** Floats of one group's output gradient. */
    public int gradientFloats() {
        return geometry.outputChannels() * gradientChannel();
    }

    /** Floats between channels of the output gradient. */
    public int gradientChannel() {
        return gradientHeight * gradientPitch();
    }

    /** Floats between rows of the output gradient. */
    public int gradientPitch() {
        return gradientWidth * LANES;
    }

    /** Position of pixel (0, 0) of the first channel of the output gradient. */
    public int gradientOrigin() {
        return low * gradientPitch() + left * LANES;
    }

    /** Distance in the input from output pixel (p, q) to what weight column (c, r, s) reads. */
    int inputOffset(int channel, int row, int column) {
        int stride = geometry.stride();
        int phase = row % stride * columnPhases + column % stride;
        return channel * inputChannel() + phase * inputPlane() + row / stride * inputPitch() + column / stride * LANES;
    }

    /** Distances of all weight columns, flat (c, r, s). */
    int[] inputOffsets() {
        int[] offsets = new int[geometry.columns()];
        int at = 0;
        for (int c = 0; c < geometry.input().channels(); c++) {
            for (int r = 0; r < geometry.kernelHeight(); r++) {
                for (int s = 0; s < geometry.kernelWidth(); s++) {
                    offsets[at++] = inputOffset(c, r, s);
                }
            }
        }
        return offsets;
    }

    /** Whether every input pixel has a place: not when stride or edge leave some unread. */
    public boolean holdsWholeInput() {
        int stride = geometry.stride();
        int padding = geometry.padding();
        return rowPhases == stride && columnPhases == stride
                && (geometry.input().height() - 1 + padding) / stride < inputHeight
                && (geometry.input().width() - 1 + padding) / stride < inputWidth;
    }

    /** Phases the input is split into. */
    int phases() {
        return rowPhases * columnPhases;
    }

    /** How many of them there are from left to right. */
    int columnPhases() {
        return columnPhases;
    }

    /** Where a phase begins: first image row and column, first scratch row and column, rows, columns. */
    InputPhase inputPhase(int phase) {
        int a = phase / columnPhases;
        int b = phase % columnPhases;
        int stride = geometry.stride();
        int padding = geometry.padding();
        int firstRow = Math.floorMod(a - padding, stride);
        int firstColumn = Math.floorMod(b - padding, stride);
        int top = (firstRow + padding) / stride;
        int start = (firstColumn + padding) / stride;
        int rows = Math.clamp(inputHeight - top, 0, Math.max(0, phaseExtent(geometry.input().height(), firstRow)));
        int columns = Math.clamp(inputWidth - start, 0, Math.max(0, phaseExtent(geometry.input().width(), firstColumn)));
        return new InputPhase((firstRow * geometry.input().width() + firstColumn) * LANES,
                phase * inputPlane() + top * inputPitch() + start * LANES, rows, columns, top, start);
    }

    /**
     * One phase of the input.
     *
     * @param source position of its first pixel in a contiguous {@code [H][W][8]} map
     * @param place position of that pixel in a channel of scratch
     * @param rows image rows in it
     * @param columns image columns in it
     * @param top rows of zeros above
     * @param start columns of zeros before
     */
    record InputPhase(int source, int place, int rows, int columns, int top, int start) {
    }

    int inputHeight() {
        return inputHeight;
    }

    int inputWidth() {
        return inputWidth;
    }

    int low() {
        return low;
    }

    int left() {
        return left;
    }

    /** Where the input's pixels lie. */
    public Placement inputPlacement() {
        return Placement.input(this);
    }

    /** Where the output gradient's pixels lie. */
    public Placement gradientPlacement() {
        return Placement.gradient(this);
    }
}
