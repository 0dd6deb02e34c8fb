package dev.fedtiny.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * The data elements of a MATLAB 5 MAT-file, read in order: a tag of type and length, the data, padding to eight bytes. Never holds more
 * than what was asked for, whatever lengths the file declares.
 */
final class MatInput {
    /** Type of an element that holds an array. */
    static final int MATRIX = 14;
    /** Type of an element that holds another one, packed with zlib. */
    static final int COMPRESSED = 15;

    private final InputStream in;
    private final String name;
    private final ByteOrder order;
    private long left;

    /**
     * What introduces an element.
     *
     * @param type of the data, as the format numbers them
     * @param bytes of the data
     * @param inTag whether the data are in the tag itself (at most four bytes, already read); then there is no padding
     */
    record Tag(int type, long bytes, boolean inTag) {
    }

    private final byte[] head = new byte[8];

    MatInput(InputStream in, String name, ByteOrder order, long bytes) {
        this.in = in;
        this.name = name;
        this.order = order;
        this.left = bytes;
    }

    /** The elements inside a packed element, whose {@code bytes} stored bytes come next; the caller ends the inflater. */
    MatInput unpacked(long bytes, Inflater inflater) {
        return new MatInput(new InflaterInputStream(new Limited(this, bytes), inflater, 1 << 16), name, order, Long.MAX_VALUE);
    }

    /** Bytes of the surrounding element that are not read yet. */
    long left() {
        return left;
    }

    /** The next tag, or null at the end of a file. */
    Tag tagOrEnd() throws IOException {
        int read = in.readNBytes(head, 0, 8);
        if (read == 0) {
            return null;
        }
        if (read < 8) {
            throw cutOff("a tag");
        }
        left -= 8;
        ByteBuffer words = ByteBuffer.wrap(head).order(order);
        int first = words.getInt();
        if (first >>> 16 != 0) {
            // The short form: length and type share a word, the data follow in the other one.
            int bytes = first >>> 16;
            if (bytes > 4) {
                throw new DataException(name + ": a short data element says it has " + bytes
                        + " bytes, expected at most 4; the file is damaged");
            }
            return new Tag(first & 0xffff, bytes, true);
        }
        return new Tag(first, words.getInt() & 0xffffffffL, false);
    }

    /** The next tag; the file must not end here. */
    Tag tag() throws IOException {
        Tag tag = tagOrEnd();
        if (tag == null) {
            throw cutOff("a tag");
        }
        return tag;
    }

    /** The data of a small element, with its padding passed over. */
    ByteBuffer data(Tag tag, int most, String what) throws IOException {
        if (tag.inTag()) {
            return ByteBuffer.wrap(head.clone(), 4, (int) tag.bytes()).slice().order(order);
        }
        if (tag.bytes() > most) {
            throw new DataException(name + ": " + what + " has " + tag.bytes() + " bytes, expected at most " + most);
        }
        byte[] data = new byte[(int) tag.bytes()];
        read(data, data.length, what);
        pad(tag);
        return ByteBuffer.wrap(data).order(order);
    }

    /** Exactly so many bytes of data. */
    void read(byte[] into, int bytes, String what) throws IOException {
        if (bytes > left) {
            throw new DataException(name + ": " + what + " reaches past the end of its element; the file is damaged");
        }
        if (in.readNBytes(into, 0, bytes) < bytes) {
            throw cutOff(what);
        }
        left -= bytes;
    }

    /** Passes over the zeros that fill an element up to eight bytes. */
    void pad(Tag tag) throws IOException {
        if (!tag.inTag()) {
            skip(Math.min(left, (8 - tag.bytes() % 8) % 8));
        }
    }

    /** That the packed element ends here, by which its checksum is looked at. */
    void requireEnd() throws IOException {
        if (in.read() >= 0) {
            throw new DataException(name + ": a packed array goes on after its numbers; the file is damaged");
        }
    }

    void skip(long bytes) throws IOException {
        try {
            in.skipNBytes(bytes);
        } catch (java.io.EOFException e) {
            throw new DataException(name + ": ends inside a data element; the file is cut off", e);
        }
        left -= bytes;
    }

    private DataException cutOff(String what) {
        return new DataException(name + ": ends inside " + what + "; the file is cut off");
    }

    /** The next bytes of an input, and no more. */
    private static final class Limited extends InputStream {
        private final MatInput source;
        private long left;

        Limited(MatInput source, long bytes) {
            this.source = source;
            this.left = bytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = source.in.read(into, offset, (int) Math.min(left, length));
            if (read > 0) {
                left -= read;
                source.left -= read;
            }
            return read;
        }
    }
}
