package dev.fedtiny.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Reads the cropped SVHN digits as they are published: a MATLAB 5 MAT-file with {@code X}, uint8 of 32×32×3×N in column-major order, and
 * {@code y}, N labels from 1 to 10, where 10 is the digit zero. Arrays of other names are passed over. Images are read one by one: memory
 * is that of the images kept, whatever sizes the file declares.
 */
final class SvhnMatReader {
    private static final int SIDE = 32;
    private static final int CHANNELS = 3;
    private static final int IMAGE_BYTES = CHANNELS * SIDE * SIDE;
    private static final int CLASSES = 10;
    private static final int HEADER_BYTES = 128;
    private static final int FIRST_NUMERIC_CLASS = 6;
    private static final int LAST_NUMERIC_CLASS = 15;
    private static final int UINT8 = 2;
    private static final int COMPLEX = 0x0800;

    private final String name;
    private final ImageCollector collector = new ImageCollector();
    private byte[] labels;

    private SvhnMatReader(String name) {
        this.name = name;
    }

    static Dataset read(DataFile file) {
        return file.read(in -> {
            try {
                return new SvhnMatReader(file.name()).readFile(in);
            } catch (ZipException e) {
                throw new DataException(file.name() + ": a packed array is not valid zlib data (" + e.getMessage()
                        + "); fetch it again", e);
            } catch (EOFException e) {
                throw new DataException(file.name() + ": ends inside a packed array; the file is cut off", e);
            }
        });
    }

    private Dataset readFile(InputStream in) throws IOException {
        MatInput elements = new MatInput(in, name, byteOrder(in), Long.MAX_VALUE);
        for (MatInput.Tag tag = elements.tagOrEnd(); tag != null; tag = elements.tagOrEnd()) {
            boolean packed = tag.type() == MatInput.COMPRESSED;
            // Packed elements are not filled up to eight bytes.
            long end = elements.left() - tag.bytes() - (packed ? 0 : (8 - tag.bytes() % 8) % 8);
            if (packed) {
                Inflater inflater = new Inflater();
                try {
                    MatInput unpacked = elements.unpacked(tag.bytes(), inflater);
                    MatInput.Tag inner = unpacked.tag();
                    if (inner.type() == MatInput.MATRIX && inner.bytes() > 0 && matrix(unpacked)) {
                        // Only there stands the checksum.
                        unpacked.requireEnd();
                    }
                } finally {
                    inflater.end();
                }
            } else if (tag.type() == MatInput.MATRIX && tag.bytes() > 0) {
                matrix(elements);
            }
            if (elements.left() < end) {
                throw new DataException(name + ": an array is longer than its element says; the file is damaged");
            }
            if (!tag.inTag()) {
                elements.skip(elements.left() - end);
            }
        }
        return dataset();
    }

    private Dataset dataset() {
        if (collector.count() == 0 || labels == null) {
            throw new DataException(name + ": has no array '" + (labels == null ? "y" : "X")
                    + "', expected X (uint8, 32×32×3×N) and y (N labels)");
        }
        if (labels.length != collector.count()) {
            throw new DataException(name + ": has " + collector.count() + " images in X but " + labels.length + " labels in y");
        }
        return Dataset.ofOwned(new DatasetDescription(DatasetKind.SVHN, CHANNELS, SIDE, SIDE, CLASSES, ClassNames.DIGITS,
                Normalization.SVHN), collector.images(), labels);
    }

    /** Checks the header; its last two bytes spell MI in the order of whoever wrote the file. */
    private ByteOrder byteOrder(InputStream in) throws IOException {
        byte[] header = in.readNBytes(HEADER_BYTES);
        if (header.length < HEADER_BYTES) {
            throw new DataException(name + ": has " + header.length + " bytes, expected a MATLAB 5 header of " + HEADER_BYTES);
        }
        String mark = new String(header, 126, 2, StandardCharsets.ISO_8859_1);
        if (!mark.equals("IM") && !mark.equals("MI")) {
            throw new DataException(name + ": is not a MATLAB 5 MAT-file, bytes 126 and 127 of its header are not MI or IM");
        }
        ByteOrder order = mark.equals("IM") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        int version = ByteBuffer.wrap(header).order(order).getShort(124);
        if (version != 0x0100) {
            throw new DataException(String.format(Locale.ROOT, "%s: is a MAT-file of version 0x%04x, expected 0x0100 (MATLAB 5); save it "
                    + "with -v6 or -v7", name, version & 0xffff));
        }
        return order;
    }

    /** An array, whose tag has been read; whatever is not X or y stays unread: whether it was one of them. */
    private boolean matrix(MatInput in) throws IOException {
        ByteBuffer flags = in.data(in.tag(), 8, "the flags of an array");
        if (flags.remaining() < 4) {
            throw new DataException(name + ": an array has no flags; the file is damaged");
        }
        int flag = flags.getInt();
        int arrayClass = flag & 0xff;
        if (arrayClass < FIRST_NUMERIC_CLASS || arrayClass > LAST_NUMERIC_CLASS) {
            return false;
        }
        long[] extents = extents(in.data(in.tag(), 1 << 10, "the extents of an array"));
        ByteBuffer nameBytes = in.data(in.tag(), 1 << 10, "the name of an array");
        String array = StandardCharsets.ISO_8859_1.decode(nameBytes).toString();
        if (!array.equals("X") && !array.equals("y")) {
            return false;
        }
        if ((flag & COMPLEX) != 0) {
            throw new DataException(name + ": array '" + array + "' is complex, expected real numbers");
        }
        if (array.equals("X")) {
            images(in, extents);
        } else {
            labels(in, extents);
        }
        return true;
    }

    private static long[] extents(ByteBuffer data) {
        long[] extents = new long[data.remaining() / 4];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = data.getInt();
        }
        return extents;
    }

    private void images(MatInput in, long[] extents) throws IOException {
        if (collector.count() > 0) {
            throw new DataException(name + ": has two arrays 'X', expected one");
        }
        boolean single = extents.length == 3;
        long count = single ? 1 : extents.length == 4 ? extents[3] : 0;
        if (count < 1 || extents[0] != SIDE || extents[1] != SIDE || extents[2] != CHANNELS) {
            throw new DataException(name + ": X has extents " + Arrays.toString(extents) + ", expected 32×32×3×N");
        }
        if (count > ImageCollector.MAXIMUM_IMAGES) {
            throw new DataException(name + ": X has " + count + " images, expected at most " + ImageCollector.MAXIMUM_IMAGES
                    + "; the extra set is not read");
        }
        MatInput.Tag tag = in.tag();
        if (tag.type() != UINT8 || tag.bytes() != count * IMAGE_BYTES) {
            throw new DataException(name + ": X holds " + tag.bytes() + " bytes of type " + tag.type() + ", expected " + count * IMAGE_BYTES
                    + " of type " + UINT8 + " (uint8)");
        }
        byte[] image = new byte[IMAGE_BYTES];
        for (int i = 0; i < count; i++) {
            in.read(image, IMAGE_BYTES, "image " + i + " of " + count);
            byte[] pixels = collector.allocate(name, IMAGE_BYTES);
            transpose(image, pixels);
            collector.add(pixels, 0);
        }
        in.pad(tag);
    }

    /** Column-major planes to row-major ones. */
    private static void transpose(byte[] image, byte[] pixels) {
        for (int plane = 0; plane < IMAGE_BYTES; plane += SIDE * SIDE) {
            for (int row = 0; row < SIDE; row++) {
                for (int column = 0; column < SIDE; column++) {
                    pixels[plane + row * SIDE + column] = image[plane + column * SIDE + row];
                }
            }
        }
    }

    private void labels(MatInput in, long[] extents) throws IOException {
        if (labels != null) {
            throw new DataException(name + ": has two arrays 'y', expected one");
        }
        long count = extents.length == 2 ? Math.max(extents[0], extents[1]) : 0;
        if (count < 1 || count > ImageCollector.MAXIMUM_IMAGES || Math.min(extents[0], extents[1]) != 1) {
            throw new DataException(name + ": y has extents " + Arrays.toString(extents) + ", expected N×1 with N from 1 to "
                    + ImageCollector.MAXIMUM_IMAGES);
        }
        MatInput.Tag tag = in.tag();
        NumberType type = NumberType.of(tag.type());
        if (type == null || tag.bytes() != count * type.bytes) {
            throw new DataException(name + ": y holds " + tag.bytes() + " bytes of type " + tag.type() + ", expected " + count
                    + " numbers");
        }
        ByteBuffer data = in.data(tag, (int) count * type.bytes, "y");
        byte[] read = new byte[(int) count];
        for (int i = 0; i < count; i++) {
            double label = type.next(data);
            if (!(label >= 1 && label <= CLASSES) || label != Math.rint(label)) {
                throw new DataException(name + ": label " + i + " is " + label + ", expected a whole number from 1 to " + CLASSES);
            }
            read[i] = (byte) (label % CLASSES);
        }
        labels = read;
    }

    /** Number types of the format that may hold labels: a writer picks the smallest one, whatever the array's class. */
    private enum NumberType {
        INT8(1, 1), UNSIGNED8(2, 1), INT16(3, 2), UNSIGNED16(4, 2), INT32(5, 4), UNSIGNED32(6, 4), SINGLE(7, 4), DOUBLE(9, 8),
        INT64(12, 8), UNSIGNED64(13, 8);

        private final int code;
        private final int bytes;

        NumberType(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        static NumberType of(int code) {
            return Arrays.stream(values()).filter(type -> type.code == code).findFirst().orElse(null);
        }

        double next(ByteBuffer data) {
            return switch (this) {
                case INT8 -> data.get();
                case UNSIGNED8 -> data.get() & 0xff;
                case INT16 -> data.getShort();
                case UNSIGNED16 -> data.getShort() & 0xffff;
                case INT32 -> data.getInt();
                case UNSIGNED32 -> data.getInt() & 0xffffffffL;
                case INT64 -> data.getLong();
                case UNSIGNED64 -> Double.parseDouble(Long.toUnsignedString(data.getLong()));
                case SINGLE -> data.getFloat();
                case DOUBLE -> data.getDouble();
            };
        }
    }
}
