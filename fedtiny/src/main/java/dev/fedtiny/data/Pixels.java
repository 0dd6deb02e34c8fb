package dev.fedtiny.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Where the pixels of a data set lie: images by position, one unsigned byte a value. */
sealed interface Pixels {
    /** Number of images. */
    int count();

    /**
     * The bytes of an image, not to be changed nor handed on.
     *
     * @param scratch at least one image long; used where the image is no array of its own
     */
    byte[] image(int i, byte[] scratch);

    /** The images at these positions, shared. */
    Pixels subset(int[] indices);

    /**
     * One array an image, on the heap.
     *
     * @param images not copied
     */
    record Heap(byte[][] images) implements Pixels {
        @Override
        public int count() {
            return images.length;
        }

        @Override
        public byte[] image(int i, byte[] scratch) {
            return images[Objects.checkIndex(i, images.length)];
        }

        @Override
        public Pixels subset(int[] indices) {
            byte[][] chosen = new byte[indices.length][];
            for (int i = 0; i < indices.length; i++) {
                chosen[i] = image(indices[i], null);
            }
            return new Heap(chosen);
        }
    }

    /**
     * Images one after the other in a mapped file: the heap holds four bytes an image, the pages belong to the operating system.
     *
     * @param segment all images of the file
     * @param imageBytes of one image
     * @param positions which of them belong to the set
     */
    record Mapped(MemorySegment segment, int imageBytes, int[] positions) implements Pixels {
        @Override
        public int count() {
            return positions.length;
        }

        @Override
        public byte[] image(int i, byte[] scratch) {
            long at = (long) positions[Objects.checkIndex(i, positions.length)] * imageBytes;
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, scratch, 0, imageBytes);
            return scratch;
        }

        @Override
        public Pixels subset(int[] indices) {
            int[] chosen = new int[indices.length];
            for (int i = 0; i < indices.length; i++) {
                chosen[i] = positions[Objects.checkIndex(indices[i], positions.length)];
            }
            return new Mapped(segment, imageBytes, chosen);
        }
    }
}
