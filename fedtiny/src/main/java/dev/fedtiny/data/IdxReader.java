package dev.fedtiny.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/** Reads a pair of IDX files, 28×28 grey images and their labels, and pads the images with zeros to 32×32. */
final class IdxReader {
    static final int FILE_SIDE = 28;
    static final int SIDE = 32;
    static final int CLASSES = 10;
    static final int BORDER = (SIDE - FILE_SIDE) / 2;
    private static final int IMAGES_MAGIC = 0x00000803;
    private static final int LABELS_MAGIC = 0x00000801;

    private IdxReader() {
    }

    static Dataset read(DataFile imagesFile, DataFile labelsFile, DatasetKind kind, Normalization normalization, List<String> classNames) {
        byte[] labels = labelsFile.read(in -> readLabels(in, labelsFile.name()));
        ImageCollector collector = new ImageCollector();
        imagesFile.read(in -> {
            readImages(in, imagesFile.name(), labels, labelsFile.name(), collector);
            return null;
        });
        return Dataset.ofOwned(new DatasetDescription(kind, 1, SIDE, SIDE, CLASSES, classNames, normalization), collector.images(),
                collector.labels());
    }

    private static byte[] readLabels(InputStream in, String name) throws IOException {
        ByteBuffer header = readHeader(in, name, 2, LABELS_MAGIC);
        int count = readCount(header, name, "labels");
        byte[] labels = new byte[count];
        int read = in.readNBytes(labels, 0, count);
        if (read < count) {
            throw new DataException(name + ": has " + read + " labels, its header says " + count + "; the file is cut off");
        }
        checkEnd(in, name, count + " labels");
        for (int i = 0; i < count; i++) {
            if ((labels[i] & 0xff) >= CLASSES) {
                throw new DataException(name + ": label " + i + " is " + (labels[i] & 0xff) + ", expected 0 to " + (CLASSES - 1));
            }
        }
        return labels;
    }

    private static void readImages(InputStream in, String name, byte[] labels, String labelsName, ImageCollector collector)
            throws IOException {
        ByteBuffer header = readHeader(in, name, 4, IMAGES_MAGIC);
        int count = readCount(header, name, "images");
        int rows = header.getInt();
        int columns = header.getInt();
        if (rows != FILE_SIDE || columns != FILE_SIDE) {
            throw new DataException(name + ": its header says images of " + Integer.toUnsignedString(rows) + "×"
                    + Integer.toUnsignedString(columns) + ", expected " + FILE_SIDE + "×" + FILE_SIDE);
        }
        if (count != labels.length) {
            throw new DataException(name + ": has " + count + " images, but " + labelsName + " has " + labels.length
                    + " labels; expected equal counts");
        }
        byte[] image = new byte[FILE_SIDE * FILE_SIDE];
        for (int i = 0; i < count; i++) {
            int read = in.readNBytes(image, 0, image.length);
            if (read < image.length) {
                throw new DataException(name + ": image " + i + " has " + read + " bytes, expected " + image.length + " and " + count
                        + " images; the file is cut off");
            }
            byte[] padded = collector.allocate(name, SIDE * SIDE);
            pad(image, padded);
            collector.add(padded, labels[i] & 0xff);
        }
        checkEnd(in, name, count + " images");
    }

    private static void pad(byte[] image, byte[] padded) {
        for (int row = 0; row < FILE_SIDE; row++) {
            System.arraycopy(image, row * FILE_SIDE, padded, (row + BORDER) * SIDE + BORDER, FILE_SIDE);
        }
    }

    /** The header with the magic number checked and passed. */
    private static ByteBuffer readHeader(InputStream in, String name, int integers, int magic) throws IOException {
        byte[] bytes = in.readNBytes(integers * Integer.BYTES);
        if (bytes.length < integers * Integer.BYTES) {
            throw new DataException(name + ": has " + bytes.length + " bytes, expected a header of " + integers * Integer.BYTES);
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        int actual = header.getInt();
        if (actual != magic) {
            throw new DataException(String.format(Locale.ROOT, "%s: starts with magic number 0x%08x, expected 0x%08x", name,
                    actual, magic));
        }
        return header;
    }

    private static int readCount(ByteBuffer header, String name, String what) {
        int count = header.getInt();
        if (count < 1 || count > ImageCollector.MAXIMUM_IMAGES) {
            throw new DataException(name + ": its header says " + Integer.toUnsignedString(count) + " " + what + ", expected 1 to "
                    + ImageCollector.MAXIMUM_IMAGES);
        }
        return count;
    }

    private static void checkEnd(InputStream in, String name, String expected) throws IOException {
        if (in.read() >= 0) {
            throw new DataException(name + ": goes on after the " + expected + " that its header says, expected the end of the file");
        }
    }
}
