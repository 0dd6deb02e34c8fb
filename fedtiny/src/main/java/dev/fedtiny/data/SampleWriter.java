package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Objects;

/**
 * Writes one image, augmented: normalised into a float array with any strides, or as the bytes it is. Holds a table of 256 floats a channel
 * and the bytes of one image; allocates nothing after construction. Not thread-safe.
 */
final class SampleWriter {
    private static final int VALUES = 256;

    private final int channels;
    private final int height;
    private final int width;
    private final float[] table;
    private final byte[] scratch;
    /** Of a sample that is no image; made when the first one comes. */
    private float[] plain;
    private Normalization tableOf;
    /** What was drawn for the image that is being written. */
    private int shiftY;
    private int shiftX;
    private boolean mirrored;

    /**
     * For images of this size.
     *
     * @throws IllegalArgumentException if a size is not positive or the image too large
     */
    SampleWriter(int channels, int height, int width) {
        if (!DatasetDescription.isImageSize(channels, height, width)) {
            throw new IllegalArgumentException("image size is " + channels + "×" + height + "×" + width
                    + ", expected positive sizes and at most 16,777,216 values");
        }
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.table = new float[channels * VALUES];
        this.scratch = new byte[channels * height * width];
    }

    /**
     * Writes value (c, y, x) of the image to {@code into[base + c · channelStride + (y · width + x) · pixelStride]}. Draws from the
     * stream, in this order and only for what the augmentation has: row and column of the crop, mirror or not, row and column of the
     * cutout's centre.
     *
     * @param samples of this writer's size
     * @param index of the sample
     * @param augmentation {@link Augmentation#NONE} for evaluation; what a crop brings in is {@link Samples#outside} of the samples
     * @param random may be null only if the augmentation is not random
     * @throws IllegalArgumentException if the samples have another size
     * @throws IndexOutOfBoundsException if the index or a position is out of range
     */
    void write(Samples samples, int index, Augmentation augmentation, RandomStream random, float[] into, int base, int channelStride,
            int pixelStride) {
        checkSize(samples);
        byte[] pixels = read(samples, index);
        draw(augmentation, random);
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                int row = base + c * channelStride + y * width * pixelStride;
                if (pixels == null) {
                    writeRow(c, y + shiftY, samples.outside(c), into, row, pixelStride);
                } else {
                    writeRow(pixels, c, y + shiftY, into, row, pixelStride);
                }
            }
        }
        if (augmentation.cutoutSize() > 0) {
            cutOut(augmentation.cutoutSize(), random.nextInt(height), random.nextInt(width), into, base, channelStride, pixelStride);
        }
    }

    /**
     * Writes an image as bytes, row-major, channel after channel, from {@code into[base]} on. Draws as the other method does.
     *
     * @param images of this writer's size
     * @param augmentation without a cutout, which blanks with a colour that may be no byte
     * @throws IllegalArgumentException if the images have another size, or there is a cutout
     */
    void write(Dataset images, int index, Augmentation augmentation, RandomStream random, byte[] into, int base) {
        checkSize(images);
        if (augmentation.cutoutSize() > 0) {
            throw new IllegalArgumentException("images as bytes with a cutout of " + augmentation.cutoutSize()
                    + " pixels, whose value is the mean colour and may be no byte; load them as floats");
        }
        byte[] pixels = images.pixels(index, scratch);
        draw(augmentation, random);
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                writeRow(pixels, c, y + shiftY, into, base + (c * height + y) * width);
            }
        }
    }

    private void draw(Augmentation augmentation, RandomStream random) {
        if (augmentation.isRandom()) {
            Objects.requireNonNull(random, "augmentation needs a random stream");
        }
        int padding = augmentation.cropPadding();
        shiftY = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        shiftX = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        mirrored = augmentation.mirroring() == Augmentation.Mirroring.HALF && random.nextInt(2) == 1;
    }

    /** An image's bytes, whose table is made ready; null where the sample is no image: then its values are in {@link #plain}. */
    private byte[] read(Samples samples, int index) {
        if (samples instanceof Dataset images) {
            prepareTable(images.normalization());
            return images.pixels(index, scratch);
        }
        if (plain == null) {
            plain = new float[scratch.length];
        }
        samples.write(index, plain, 0, 1);
        return null;
    }

    void checkSize(Samples samples) {
        Shape shape = samples.shape();
        if (shape.channels() != channels || shape.height() != height || shape.width() != width) {
            throw new IllegalArgumentException("samples are of " + shape.channels() + "×" + shape.height() + "×" + shape.width()
                    + ", this loader was made for " + channels + "×" + height + "×" + width);
        }
    }

    /** What a crop brings in is black. */
    private void writeRow(byte[] pixels, int c, int sourceY, byte[] into, int base) {
        boolean rowInside = sourceY >= 0 && sourceY < height;
        int rowBase = (c * height + sourceY) * width;
        if (rowInside && shiftX == 0 && !mirrored) {
            System.arraycopy(pixels, rowBase, into, base, width);
            return;
        }
        for (int x = 0; x < width; x++) {
            int sourceX = (mirrored ? width - 1 - x : x) + shiftX;
            into[base + x] = rowInside && sourceX >= 0 && sourceX < width ? pixels[rowBase + sourceX] : 0;
        }
    }

    private void writeRow(byte[] pixels, int c, int sourceY, float[] into, int base, int pixelStride) {
        int tableBase = c * VALUES;
        float outside = table[tableBase];
        boolean rowInside = sourceY >= 0 && sourceY < height;
        int rowBase = (c * height + sourceY) * width;
        for (int x = 0; x < width; x++) {
            int sourceX = (mirrored ? width - 1 - x : x) + shiftX;
            boolean inside = rowInside && sourceX >= 0 && sourceX < width;
            into[base + x * pixelStride] = inside ? table[tableBase + (pixels[rowBase + sourceX] & 0xff)] : outside;
        }
    }

    private void writeRow(int c, int sourceY, float outside, float[] into, int base, int pixelStride) {
        boolean rowInside = sourceY >= 0 && sourceY < height;
        int rowBase = (c * height + sourceY) * width;
        for (int x = 0; x < width; x++) {
            int sourceX = (mirrored ? width - 1 - x : x) + shiftX;
            into[base + x * pixelStride] = rowInside && sourceX >= 0 && sourceX < width ? plain[rowBase + sourceX] : outside;
        }
    }

    private void cutOut(int size, int centreY, int centreX, float[] into, int base, int channelStride, int pixelStride) {
        int top = centreY - size / 2;
        int left = centreX - size / 2;
        for (int c = 0; c < channels; c++) {
            for (int y = Math.max(0, top); y < Math.min(height, top + size); y++) {
                for (int x = Math.max(0, left); x < Math.min(width, left + size); x++) {
                    into[base + c * channelStride + (y * width + x) * pixelStride] = 0f;
                }
            }
        }
    }

    private void prepareTable(Normalization normalization) {
        if (normalization == tableOf) {
            return;
        }
        for (int c = 0; c < channels; c++) {
            for (int value = 0; value < VALUES; value++) {
                table[c * VALUES + value] = normalization.normalize(c, (byte) value);
            }
        }
        tableOf = normalization;
    }
}
