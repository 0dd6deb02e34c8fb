package dev.fedtiny.engine.tensor;

import dev.fedtiny.engine.internal.check.Given;


/**
 * A batch of feature maps, float32, in a {@link Layout}. Lanes of a partial last group that hold no image are zero when a
 * tensor is made here, and every operator keeps them out of its results.
 *
 * <p>Shapes: {@code images} × {@link Shape}. Not thread-safe. The array is the tensor: operators write into it.
 */
public final class Tensor {
    private final int images;
    private final Shape shape;
    private final Layout layout;
    private final float[] data;

    private Tensor(int images, Shape shape, Layout layout, float[] data) {
        this.images = images;
        this.shape = shape;
        this.layout = layout;
        this.data = data;
    }

    /**
     * {@return a tensor of zeros with images in the lanes}
     *
     * @param images N, at least 1
     * @param shape C × H × W of each
     */
    public static Tensor zeros(int images, Shape shape) {
        return zeros(images, shape, Layout.IMAGES);
    }

    /**
     * {@return a tensor of zeros}
     *
     * @param images N, at least 1
     * @param shape C × H × W of each
     * @param layout what the lanes are
     * @throws IllegalArgumentException if there is no image, the grid of tiles does not divide the shape, or the array
     *     would exceed 2^31 - 1 elements
     */
    public static Tensor zeros(int images, Shape shape, Layout layout) {
        Given.notNull(layout, "tensor: layout", "Layout.IMAGES, or lanes that are tiles");
        Given.notNull(shape, "tensor: shape", "C × H × W of an image");
        if (images < 1) {
            throw new IllegalArgumentException("tensor: " + images + " images, need at least 1");
        }
        if (layout.lanes() == Layout.Lanes.TILES && (shape.height() % layout.tileRows() != 0
                || shape.width() % layout.tileColumns() != 0)) {
            throw new IllegalArgumentException("tensor: " + layout.tileRows() + "×" + layout.tileColumns()
                    + " tiles do not divide " + shape);
        }
        long floats = layout.floats(images, shape);
        if (floats > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException("tensor: " + images + " × " + shape + " needs " + floats + " floats, at most 2^31 - 17");
        }
        return new Tensor(images, shape, layout, new float[(int) floats]);
    }

    /**
     * {@return a tensor with images in the lanes, filled from an N,C,H,W array}
     *
     * @param images N, at least 1
     * @param shape C × H × W of each
     * @param nchw N·C·H·W values in that order
     */
    public static Tensor ofNchw(int images, Shape shape, float[] nchw) {
        Tensor tensor = zeros(images, shape, Layout.IMAGES);
        tensor.setNchw(nchw);
        return tensor;
    }

    /**
     * {@return the same array under another shape of as many elements: C·H·W in order}
     *
     * @param other of as many elements
     * @throws IllegalArgumentException if the shape has another number of elements, or a lane holds less than an image
     */
    public Tensor reshaped(Shape other) {
        Given.notNull(other, "tensor: shape", "C × H × W of an image");
        if (other.size() != shape.size() || !layout.equals(Layout.IMAGES)) {
            throw new IllegalArgumentException("tensor: " + shape + " in " + layout + " cannot be read as " + other
                    + "; expected as many elements, and an image a lane");
        }
        return new Tensor(images, other, layout, data);
    }

    /** {@return n} */
    public int images() {
        return images;
    }

    /** {@return c × H × W} */
    public Shape shape() {
        return shape;
    }

    /** {@return what the lanes are} */
    public Layout layout() {
        return layout;
    }

    /** {@return the array itself, not a copy} */
    public float[] data() {
        return data;
    }

    /**
     * {@return one element}
     *
     * @param image from 0 to N − 1
     * @param channel from 0 to C − 1
     * @param row from 0 to H − 1
     * @param column from 0 to W − 1
     * @throws IllegalArgumentException if there is none at this place
     */
    public float get(int image, int channel, int row, int column) {
        if (image < 0 || image >= images || channel < 0 || channel >= shape.channels() || row < 0 || row >= shape.height() || column < 0
                || column >= shape.width()) {
            throw new IllegalArgumentException("tensor: no element at image " + image + ", channel " + channel + ", row " + row
                    + ", column " + column + "; it has " + images + " images of " + shape + ", counted from 0");
        }
        return data[layout.index(shape, image, channel, row, column)];
    }

    /**
     * Fills the tensor from N,C,H,W order; padding lanes become zero.
     *
     * @param nchw N·C·H·W values in that order
     * @throws IllegalArgumentException if the length is not N·C·H·W
     */
    public void setNchw(float[] nchw) {
        Given.notNull(nchw, "tensor: values", "values in the order N,C,H,W");
        checkLength(nchw.length);
        java.util.Arrays.fill(data, 0);
        int from = 0;
        for (int n = 0; n < images; n++) {
            for (int c = 0; c < shape.channels(); c++) {
                for (int h = 0; h < shape.height(); h++) {
                    for (int w = 0; w < shape.width(); w++) {
                        data[layout.index(shape, n, c, h, w)] = nchw[from++];
                    }
                }
            }
        }
    }

    /** {@return a new array of the N·C·H·W elements in that order} */
    public float[] toNchw() {
        float[] nchw = new float[images * shape.size()];
        int to = 0;
        for (int n = 0; n < images; n++) {
            for (int c = 0; c < shape.channels(); c++) {
                for (int h = 0; h < shape.height(); h++) {
                    for (int w = 0; w < shape.width(); w++) {
                        nchw[to++] = data[layout.index(shape, n, c, h, w)];
                    }
                }
            }
        }
        return nchw;
    }

    private void checkLength(int length) {
        if (length != (long) images * shape.size()) {
            throw new IllegalArgumentException("tensor: array has " + length + " elements, " + images + " × " + shape + " needs "
                    + (long) images * shape.size());
        }
    }
}
