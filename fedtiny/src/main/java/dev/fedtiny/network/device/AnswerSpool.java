package dev.fedtiny.network.device;

import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.IoProblem;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * The answer of a turn on the device's own disk, so that an upload that was cut off goes on where it ended while the device's memory holds
 * a window of it. The file is for its owner alone, has no name that anybody could find it by where the system allows that, and is gone with
 * the process. An interrupt of the thread that writes or reads closes it; the next turn has another. Not thread-safe.
 */
final class AnswerSpool implements Closeable {
    private final Path folder;
    private final ByteBuffer window = ByteBuffer.allocate(ServerLink.window());
    private FileChannel channel;

    /** The answer cannot be kept or read again: no line is to blame. */
    static final class UnusableException extends IOException {
        private static final long serialVersionUID = 1;

        private UnusableException(String message, IOException cause) {
            super(message, cause);
        }
    }

    AnswerSpool(Path folder) throws IOException {
        this.folder = folder;
        this.channel = open(folder);
    }

    private static FileChannel open(Path folder) throws IOException {
        Path file = folder.resolve(".fedtiny-answer-" + UUID.randomUUID());
        FileAttribute<?>[] mode = folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        try {
            return FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE), mode);
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }

    /**
     * Forgets the answer before.
     *
     * @throws UnusableException if there is no file to keep the next one in
     */
    void clear() throws IOException {
        try {
            if (channel.isOpen()) {
                channel.truncate(0);
            } else {
                channel = open(folder);
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** Adds bytes of the answer. */
    void write(byte[] bytes, int from, int count) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, from, count);
        while (left.hasRemaining()) {
            channel.write(left, channel.size());
        }
    }

    /**
     * How long the answer is.
     *
     * @throws UnusableException if the file cannot be read
     */
    long size() throws IOException {
        try {
            return channel.size();
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /**
     * Copies a part of the answer.
     *
     * @throws UnusableException if the file cannot be read
     * @throws IOException as the stream does
     */
    void copy(long from, long count, OutputStream out) throws IOException {
        for (long at = from; at < from + count;) {
            window.clear().limit((int) Math.min(window.capacity(), from + count - at));
            int read;
            try {
                read = channel.read(window, at);
            } catch (IOException e) {
                throw unusable(e);
            }
            if (read <= 0) {
                throw new UnusableException("the answer has been cut off on this device's disk", null);
            }
            out.write(window.array(), 0, window.position());
            at += window.position();
        }
    }

    private static UnusableException unusable(IOException e) {
        return new UnusableException("the answer cannot be kept on this device's disk: " + IoProblem.explain(e), e);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
