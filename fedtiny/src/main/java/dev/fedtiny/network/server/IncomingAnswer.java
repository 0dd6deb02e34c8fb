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
 * there, too, and are written by larger pieces. Guarded by its turn.
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

    /** Where the next bytes may be read to without being copied, at most so many; null where the answer is not in memory. */
    ByteBuffer next(int most) {
        return memory == null ? null : ByteBuffer.wrap(memory, (int) received, (int) Math.min(most, total - received));
    }

    /** Adds bytes, which may lie where {@link #next} had room. */
    void add(byte[] bytes, int from, int count) throws IOException {
        if (memory == null) {
            write(bytes, from, count);
        } else if (bytes != memory) {
            System.arraycopy(bytes, from, memory, (int) received, count);
        }
        digest.update(bytes, from, count);
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

    /** Goes on without memory. Where what is in it cannot be written, the answer begins anew. */
    void giveMemory(boolean again) {
        if (memory != null) {
            try {
                flush();
            } catch (IOException e) {
                close();
            }
            room.give(memory, again);
            memory = null;
        }
    }

    /** Hands the memory over, which then is the caller's to give back; null where there is none. */
    byte[] takeMemory() {
        byte[] taken = memory;
        memory = null;
        return taken;
    }

    /** Closes the file. */
    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // What was written is there, or will be missed by the checksum.
        }
    }
}
