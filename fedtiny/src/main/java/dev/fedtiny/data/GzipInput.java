package dev.fedtiny.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Unpacks a gzip stream (RFC 1952) of any number of members, one after the other in a loop: memory and stack do not depend on how many
 * there are, which cannot be said of the JDK's own stream. Checksum and length of every member are verified, and the checksum of a header
 * that has one. Zeros after a member are padding, as tapes leave it; anything else that is no member is refused rather than dropped.
 * Not thread-safe.
 */
final class GzipInput extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int FIRST = 0x1f;
    private static final int SECOND = 0x8b;
    private static final int DEFLATE = 8;
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private long before;
    private long members;
    private long unpacked;
    private boolean inMember;
    private boolean ended;

    /** Reads packed bytes from {@code in}, which is closed with this. */
    GzipInput(InputStream in) {
        this.in = in;
    }

    /** Whether bytes begin as a gzip member does; two are enough to tell, fewer never do. */
    static boolean isGzip(byte[] first) {
        return first.length >= 2 && (first[0] & 0xff) == FIRST && (first[1] & 0xff) == SECOND;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Unpacks some bytes.
     *
     * @throws EOFException if the stream ends inside a member, or has none
     * @throws ZipException if it is not gzip
     */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inMember && !nextMember()) {
                ended = true;
                break;
            }
            int bytes = inflate(into, offset, length);
            if (bytes > 0) {
                return bytes;
            }
        }
        return -1;
    }

    private int inflate(byte[] into, int offset, int length) throws IOException {
        int bytes;
        try {
            bytes = inflater.inflate(into, offset, length);
        } catch (DataFormatException e) {
            throw damaged("its packed data are damaged (" + e.getMessage() + ")", e);
        }
        checksum.update(into, offset, bytes);
        unpacked += bytes;
        if (bytes > 0) {
            return bytes;
        }
        if (inflater.finished()) {
            position = limit - inflater.getRemaining();
            endMember();
        } else if (inflater.needsDictionary()) {
            throw damaged("its packed data need a dictionary, which gzip does not have", null);
        } else {
            position = limit;
            if (!fill()) {
                throw new EOFException();
            }
            inflater.setInput(buffer, 0, limit);
        }
        return 0;
    }

    /** Reads the header of the next member; false at the end of the stream. */
    private boolean nextMember() throws IOException {
        if (members > 0 && !skipPadding()) {
            return false;
        }
        CRC32 header = new CRC32();
        int first = next(header);
        int second = first == FIRST ? next(header) : 0;
        if (first != FIRST || second != SECOND) {
            throw damaged(members == 0 ? "it does not begin as gzip does" : "something that is no gzip follows after its end", null);
        }
        int method = next(header);
        int flags = next(header);
        if (method != DEFLATE || (flags & RESERVED) != 0) {
            throw damaged("compression method " + method + " with flags 0x" + Integer.toHexString(flags)
                    + " is not known, expected method 8", null);
        }
        // Time, compression level and system, which nobody asks for.
        skip(6, header);
        if ((flags & EXTRA) != 0) {
            skip(next(header) | next(header) << 8, header);
        }
        if ((flags & NAME) != 0) {
            skipText(header);
        }
        if ((flags & COMMENT) != 0) {
            skipText(header);
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            int expected = (int) header.getValue() & 0xffff;
            if ((next(header) | next(header) << 8) != expected) {
                throw damaged("a header has a wrong checksum", null);
            }
        }
        inflater.reset();
        inflater.setInput(buffer, position, limit - position);
        checksum.reset();
        unpacked = 0;
        inMember = true;
        members++;
        return true;
    }

    private void endMember() throws IOException {
        long expectedChecksum = word();
        long expectedBytes = word();
        if (expectedChecksum != checksum.getValue()) {
            throw damaged("the checksum of its data is wrong", null);
        }
        if (expectedBytes != (unpacked & 0xffffffffL)) {
            throw damaged("it unpacks to " + unpacked + " bytes and says " + expectedBytes, null);
        }
        inMember = false;
    }

    private boolean skipPadding() throws IOException {
        while (position < limit || fill()) {
            if (buffer[position] != 0) {
                return true;
            }
            position++;
        }
        return false;
    }

    private long word() throws IOException {
        CRC32 ignored = new CRC32();
        return next(ignored) | next(ignored) << 8 | next(ignored) << 16 | (long) next(ignored) << 24;
    }

    private void skip(int bytes, CRC32 header) throws IOException {
        for (int i = 0; i < bytes; i++) {
            next(header);
        }
    }

    private void skipText(CRC32 header) throws IOException {
        while (next(header) != 0) {
            continue;
        }
    }

    private int next(CRC32 header) throws IOException {
        if (position == limit && !fill()) {
            throw new EOFException();
        }
        int value = buffer[position++] & 0xff;
        header.update(value);
        return value;
    }

    /** Takes further packed bytes, at least one; false at their end. */
    private boolean fill() throws IOException {
        int bytes = in.read(buffer, 0, buffer.length);
        if (bytes < 0) {
            return false;
        }
        before += limit;
        position = 0;
        limit = bytes;
        return bytes > 0 || fill(in.read());
    }

    /** For a stream that gave none though it was asked for many: one byte, as its single read gives it. */
    private boolean fill(int value) {
        if (value < 0) {
            return false;
        }
        buffer[0] = (byte) value;
        limit = 1;
        return true;
    }

    private ZipException damaged(String problem, Throwable cause) {
        ZipException exception = new ZipException("byte " + (before + position) + ": " + problem);
        exception.initCause(cause);
        return exception;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
