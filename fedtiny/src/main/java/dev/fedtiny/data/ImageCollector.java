package dev.fedtiny.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers the images of one part of a data set as they are read, and stops at a stated maximum, so that neither a wrong header nor a small
 * compressed file that unpacks to a huge one can fill the memory.
 */
final class ImageCollector {
    /** Images of one part (training or test), over all its files: CINIC-10 has 90,000, the largest of the sets known here. */
    static final int MAXIMUM_IMAGES = 100_000;

    private final List<byte[]> images = new ArrayList<>();
    private byte[] labels = new byte[1024];
    /** Given up when the heap is full, so that there is room to say so. */
    private byte[] reserve = new byte[1 << 18];

    /**
     * Room for the next image.
     *
     * @param file for the message
     * @throws DataException if there are too many images, or the heap is full; the images so far are dropped then
     */
    byte[] allocate(String file, int imageBytes) {
        if (images.size() >= MAXIMUM_IMAGES) {
            throw new DataException(file + ": the set has more than the maximum of " + MAXIMUM_IMAGES + " images; split it");
        }
        try {
            return new byte[imageBytes];
        } catch (OutOfMemoryError e) {
            // Readers further up the stack still hold this collector: without this not even the message would find room.
            reserve = null;
            int read = images.size();
            images.clear();
            throw new DataException(file + ": after " + read + " images the heap of " + Runtime.getRuntime().maxMemory()
                    + " bytes is full; start Java with a larger -Xmx or use fewer images", e);
        }
    }

    /** Takes the array over. */
    void add(byte[] image, int label) {
        if (images.size() == labels.length) {
            labels = Arrays.copyOf(labels, 2 * labels.length);
        }
        labels[images.size()] = (byte) label;
        images.add(image);
    }

    int count() {
        return images.size();
    }

    byte[][] images() {
        return images.toArray(byte[][]::new);
    }

    byte[] labels() {
        return Arrays.copyOf(labels, images.size());
    }
}
