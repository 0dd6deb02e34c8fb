package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.PixelKernel;
import dev.fedtiny.engine.internal.kernel.PixelWindows;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import java.util.Locale;

/**
 * Where one image group of a convolution's input and of its output gradient lie in scratch, with halos of zeros, so that kernels always
 * walk with stride 1 and never test an edge.
 *
 * <p>The padded input is split into phases along both axes ({@link AxisLayout}), so that a window's pixel (r, s) is at a fixed
 * distance from the output's (p, q), whatever stride and dilation are. Only phases that some tap reads exist. The output gradient has as
 * many rows and columns of zeros around it as the backward taps of any input phase reach over its edge.
 *
 * <p>Lanes are images, or tiles, side by side; or neighbouring pixels of a single image ({@link #ofPixels}), which lie one float apart, so
 * that a vector begins anywhere. A plane with its halo is one row to the kernels then, and so is the output, which has gaps where the plane
 * has its halo. Depthwise windows read such maps as they lie ({@link #readsMaps}); along a row they are computed at every pixel whatever
 * the stride: taking each second output costs less than splitting the input.
 */
public final class ScratchLayout {
    private static final int LANES = Layout.LANES;
    /** Floats of an image group that positions, which are ints, can say, with room for what lies before and behind. */
    private static final int MOST_FLOATS = Integer.MAX_VALUE - (1 << 10);

    private final Conv2dGeometry geometry;
    private final AxisLayout rows;
    private final AxisLayout columns;
    /** Floats from a pixel to the next of a row. */
    private final int pixel;
    /** Null until somebody asks. */
    private PixelWindows windows;

    /** The layout of a geometry. */
    public ScratchLayout(Conv2dGeometry geometry) {
        this(geometry, true);
    }

    /**
     * The layout of a geometry.
     *
     * @param backwardData whether the gradient of the input is wanted, for which the output's gradient has a halo
     * @throws IllegalArgumentException if input or gradient take more with their zeros than a Java array holds
     */
    public ScratchLayout(Conv2dGeometry geometry, boolean backwardData) {
        this.geometry = geometry;
        rows = new AxisLayout(geometry.vertical(), 0, backwardData);
        // Kernels know the distance between rows of four pixels and a halo as a constant, so those without one get room for it. Features
        // of four image groups, which are such a row too, stay beside each other.
        int leastWidth = geometry.outputWidth() == 4 && geometry.outputHeight() > 1 ? 6 : 0;
        columns = new AxisLayout(geometry.horizontal(), leastWidth, backwardData);
        pixel = LANES;
        checkSize();
    }

    private ScratchLayout(Conv2dGeometry geometry, int pixel) {
        this.geometry = geometry;
        rows = new AxisLayout(geometry.vertical(), 0, false);
        columns = new AxisLayout(geometry.horizontal(), 0, false);
        this.pixel = pixel;
        checkSize();
    }

    private void checkSize() {
        double input = readsMaps() ? 0
                : (double) geometry.input().channels() * phases() * rows.extent() * columns.extent() * pixel;
        double gradient = (double) geometry.outputChannels() * rows.gradientExtent() * columns.gradientExtent() * pixel;
        if (Math.max(input, gradient) > MOST_FLOATS) {
            throw new IllegalArgumentException("conv2d: an input of " + geometry.input() + " with padding " + geometry.padding()
                    + " and a kernel of " + geometry.kernel() + " with dilation " + geometry.dilation() + " takes "
                    + String.format(Locale.ROOT, "%.3g", Math.max(input, gradient)) + " values with the zeros around it, more than a Java "
                    + "array holds; use less padding, a smaller dilation or smaller images");
        }
    }

    /** The layout of a single image's neighbouring pixels in the lanes, forward only. */
    public static ScratchLayout ofPixels(Conv2dGeometry geometry) {
        return new ScratchLayout(geometry, 1);
    }

    /** Whether kernels read a single image's maps as they lie, not laid out. */
    public boolean readsMaps() {
        return lanesArePixels() && geometry.input().pixels() > 1 && PixelWindows.cover(geometry);
    }

    /** The windows over maps as they lie, where kernels read them so; built once, since counting their bytes takes them already. */
    public PixelWindows windows() {
        if (windows == null) {
            windows = new PixelWindows(geometry);
        }
        return windows;
    }

    /** Whether lanes are neighbouring pixels. */
    public boolean lanesArePixels() {
        return pixel == 1;
    }

    /** Output rows as kernels see them. */
    public int outputRows() {
        return lanesArePixels() ? 1 : geometry.outputHeight();
    }

    /** Vectors of such a row: where lanes are pixels an even number, since loops over pairs are the fast ones. */
    public int outputColumns() {
        if (readsMaps()) {
            return PixelWindows.TOGETHER / LANES * windows().vectors();
        }
        int floats = (geometry.outputHeight() - 1) * inputPitch() + geometry.outputWidth();
        return lanesArePixels() ? 2 * Math.ceilDiv(floats, 2 * LANES) : geometry.outputWidth();
    }

    /** Floats from an output row to the next where lanes are pixels. */
    public int outputPitch() {
        return readsMaps() ? windows().pitch() : inputPitch();
    }

    /** Floats between output pixels where lanes are pixels. */
    public int outputStep() {
        return readsMaps() ? geometry.stride().width() : 1;
    }

    /** The convolution's geometry. */
    public Conv2dGeometry geometry() {
        return geometry;
    }

    /** Along H. */
    AxisLayout rows() {
        return rows;
    }

    /** Along W. */
    AxisLayout columns() {
        return columns;
    }

    /** Floats of one group's input. */
    public int inputFloats() {
        return geometry.input().channels() * inputChannel();
    }

    /** Floats between channels of the input. */
    int inputChannel() {
        if (readsMaps()) {
            return Layout.PIXELS.tile(geometry.input()).pixels() * LANES;
        }
        int floats = phases() * inputPlane();
        // The last vectors of a plane reach over its end, and so does what is behind the last row where zeros are before the first.
        return lanesArePixels() ? Math.ceilDiv(floats + geometry.padding().left(), 2 * LANES) * 2 * LANES + PixelKernel.SLACK : floats;
    }

    int inputPlane() {
        return rows.extent() * inputPitch();
    }

    /** Floats between rows of the input. */
    public int inputPitch() {
        return columns.extent() * pixel;
    }

    /** Floats of one group's output gradient. */
    public int gradientFloats() {
        return geometry.outputChannels() * gradientChannel();
    }

    /** Floats between channels of the output gradient. */
    public int gradientChannel() {
        return rows.gradientExtent() * gradientPitch();
    }

    /** Floats between rows of the output gradient. */
    public int gradientPitch() {
        return columns.gradientExtent() * pixel;
    }

    /** Position of pixel (0, 0) of the first channel of the output gradient. */
    public int gradientOrigin() {
        return rows.low() * gradientPitch() + columns.low() * pixel;
    }

    /** Distances in the input from output pixel (p, q) to what the weight columns, flat (c, r, s), read of the first group's channels. */
    int[] inputOffsets() {
        int[] offsets = new int[geometry.columns()];
        int at = 0;
        for (int c = 0; c < geometry.groupInputs(); c++) {
            for (int r = 0; r < geometry.kernelHeight(); r++) {
                for (int s = 0; s < geometry.kernelWidth(); s++) {
                    int phase = rows.phaseOf(r) * columns.phases() + columns.phaseOf(s);
                    offsets[at++] = c * inputChannel() + phase * inputPlane() + rows.shift(r) * inputPitch() + columns.shift(s) * pixel;
                }
            }
        }
        return offsets;
    }

    /** Floats from the channels that one group of output channels reads to those of the next. */
    int inputGroup() {
        return geometry.groupInputs() * inputChannel();
    }

    /** Floats from the output gradients of one group of channels to those of the next. */
    int gradientGroup() {
        return geometry.groupOutputs() * gradientChannel();
    }

    /** Whether every input pixel has a place: not when stride, dilation or edge leave some unread. */
    public boolean holdsWholeInput() {
        return rows.holdsAll() && columns.holdsAll();
    }

    /** Whether every input pixel that is a multiple of the stride from one that is read has a place. */
    public boolean holdsPhases() {
        return rows.holdsPhases() && columns.holdsPhases();
    }

    /** Phases the input is split into. */
    int phases() {
        return rows.phases() * columns.phases();
    }

    /** Where a phase lies. */
    InputPhase inputPhase(int phase) {
        int a = phase / columns.phases();
        int b = phase % columns.phases();
        return new InputPhase((rows.first(a) * geometry.input().width() + columns.first(b)) * pixel,
                phase * inputPlane() + rows.zeros(a) * inputPitch() + columns.zeros(b) * pixel, rows.count(a), columns.count(b));
    }

    /**
     * One phase of the input.
     *
     * @param source position of its first pixel in a contiguous map
     * @param place position of that pixel in a channel of scratch
     * @param rows image rows in it
     * @param columns image columns in it
     */
    record InputPhase(int source, int place, int rows, int columns) {
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
