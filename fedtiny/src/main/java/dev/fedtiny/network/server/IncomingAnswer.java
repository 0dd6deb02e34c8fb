package dev.fedtiny.network.server;

import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.network.SignedRequest;
import dev.fedtiny.protocol.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * An answer that is coming: every byte is hashed as it comes and goes to its file. As long as there is memory for all of it, the bytes are
 * there, too, and are written by larger pieces. Guarded by its turn; nobody else ever sees the memory of an answer that is coming.
 */
final class IncomingAnswer {
    /** Bytes that are written at once. */
    private static final int PIECE = 64 << 10;

    private final Path file;
    private final FileChannel channel;
    private final long total;
    private final AnswerMemory room;
    private final MessageDigest digest = SignedRequest.digest();
    private final long beganNanos = System.nanoTime();
    private byte[] memory;
    private long received;
    private long written;
    /** Why the file was given up while nobody added to it. */
    private IOException failure;

    /**
     * Nothing has come.
     *
     * @param channel empty, to be written and read
     * @param memory taken from {@code room}; null: none
     */
    IncomingAnswer(Path file, FileChannel channel, long total, AnswerMemory room, byte[] memory) {
        this.file = file;
        this.channel = channel;
        this.total = total;
        this.room = room;
        this.memory = memory;
    }

    long total() {
        return total;
    }

    long received() {
        return received;
    }

    /** Whether more can be added: an interrupt in the middle of a write closes the file, and how much of it is there nobody knows. */
    boolean usable() {
        return channel.isOpen();
    }

    /**
     * Adds the first bytes of an array.
     *
     * @throws IOException if they are more than are missing, or these or those before cannot be written
     */
    void add(byte[] bytes, int count) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (count > total - received) {
            throw new IOException(count + " bytes of an answer came where " + (total - received) + " are missing");
        }
        if (memory == null) {
            write(bytes, 0, count);
        } else {
            System.arraycopy(bytes, 0, memory, (int) received, count);
        }
        digest.update(bytes, 0, count);
        received += count;
        if (memory != null && received - written >= PIECE) {
            flush();
        }
    }

    private void write(byte[] bytes, int from, int count) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, from, count);
        try {
            while (left.hasRemaining()) {
                channel.write(left, written + left.position() - from);
            }
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
        written += count;
    }

    /** All that came is in the file when this returns. */
    void flush() throws IOException {
        while (written < received) {
            write(memory, (int) written, (int) Math.min(PIECE, received - written));
        }
    }

    /** The header of the frame. */
    byte[] head() throws IOException {
        ByteBuffer head = ByteBuffer.allocate(Frame.HEADER_BYTES);
        channel.read(head, 0);
        return head.array();
    }

    /** Of all that came, in lower-case hexadecimal; may be asked again where it could not be written down. */
    String sha256() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of the JDK can be copied", e);
        }
    }

    /** How long ago it began. */
    long ageNanos() {
        return System.nanoTime() - beganNanos;
    }

    /** Goes on without memory. Where what is in it cannot be written, {@link #add} says why, and the answer begins anew. */
    void giveMemory() {
        if (memory == null) {
            return;
        }
        try {
            flush();
            release();
        } catch (IOException e) {
            failure = e;
            close();
        }
    }

    private void release() {
        if (memory != null) {
            room.give(memory);
            memory = null;
        }
    }

    /** Hands the memory over, which then is the caller's to give back; null where there is none. */
    byte[] takeMemory() {
        byte[] taken = memory;
        memory = null;
        return taken;
    }

    /** Closes the file and gives the memory back; what is not in the file yet is dropped. */
    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // What was written is there, or will be missed by the checksum.
        }
        release();
    }
}
