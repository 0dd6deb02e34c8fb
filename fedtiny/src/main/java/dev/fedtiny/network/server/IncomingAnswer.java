package dev.fedtiny.network.server;

import dev.fedtiny.data.Sha256;
import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.protocol.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;

/** An answer that is coming: every byte is hashed and goes to its file, once. Guarded by its turn. */
final class IncomingAnswer {
    private final Path file;
    private final FileChannel channel;
    private final long total;
    private final MessageDigest digest = Sha256.begin();
    private long received;

    /**
     * Nothing has come.
     *
     * @param channel empty, to be written and read
     */
    IncomingAnswer(Path file, FileChannel channel, long total) {
        this.file = file;
        this.channel = channel;
        this.total = total;
    }

    long total() {
        return total;
    }

    /** How much of it is in the file and hashed. */
    long received() {
        return received;
    }

    /** Whether more can be added: an interrupt in the middle of a write closes the file, and how much of it is there nobody knows. */
    boolean usable() {
        return channel.isOpen();
    }

    /**
     * Adds the first bytes of an array; nothing where they cannot be written.
     *
     * @throws IOException if they are more than are missing, or cannot be written
     */
    void add(byte[] bytes, int count) throws IOException {
        if (count > total - received) {
            throw new IOException(count + " bytes of an answer came where " + (total - received) + " are missing");
        }
        ByteBuffer left = ByteBuffer.wrap(bytes, 0, count);
        try {
            while (left.hasRemaining()) {
                channel.write(left, received + left.position());
            }
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
        digest.update(bytes, 0, count);
        received += count;
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
            return Sha256.text((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of the JDK can be copied", e);
        }
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
