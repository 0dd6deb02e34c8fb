package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.Objects;

/**
 * Writes one image, augmented and normalised, into a float array with any strides. Holds a table of 256 floats a channel and the bytes of
 * one image; allocates nothing after construction. Not thread-safe.
 */
final class SampleWriter {
    private static final int VALUES = 256;

    private final int channels;
    private final int height;
    private final int width;
    private final float[] table;
    private final byte[] scratch;
    private Normalization tableOf;

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
     * @param dataset with images of this writer's size
     * @param index of the image
     * @param augmentation {@link Augmentation#NONE} for evaluation
     * @param random may be null only if the augmentation is not random
     * @throws IllegalArgumentException if the data set's images have another size
     * @throws IndexOutOfBoundsException if the index or a position is out of range
     */
    void write(Dataset dataset, int index, Augmentation augmentation, RandomStream random, float[] into, int base, int channelStride,
            int pixelStride) {
        checkSize(dataset);
        byte[] pixels = dataset.pixels(index, scratch);
        if (augmentation.isRandom()) {
            Objects.requireNonNull(random, "augmentation needs a random stream");
        }
        prepareTable(dataset.normalization());
        int padding = augmentation.cropPadding();
        int shiftY = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        int shiftX = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        boolean mirrored = augmentation.mirroring() == Augmentation.Mirroring.HALF && random.nextInt(2) == 1;
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                writeRow(pixels, c, y + shiftY, shiftX, mirrored, into, base + c * channelStride + y * width * pixelStride, pixelStride);
            }
        }
        if (augmentation.cutoutSize() > 0) {
            cutOut(augmentation.cutoutSize(), random.nextInt(height), random.nextInt(width), into, base, channelStride, pixelStride);
        }
    }

    void checkSize(Dataset dataset) {
        if (dataset.channels() != channels || dataset.height() != height || dataset.width() != width) {
            throw new IllegalArgumentException("data set has images of " + dataset.channels() + "×" + dataset.height() + "×"
                    + dataset.width() + ", this loader was made for " + channels + "×" + height + "×" + width);
        }
    }

    private void writeRow(byte[] pixels, int c, int sourceY, int shiftX, boolean mirrored, float[] into, int base, int pixelStride) {
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
