package dev.fedtiny.network.device;

import dev.fedtiny.engine.io.FileWriteException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;

/**
 * The answer of a turn on the device's own disk, so that an upload that was cut off goes on where it ended while the device's memory holds
 * a window of it. The file has no name that anybody could find it by where the system allows that, and is gone with the process.
 */
final class AnswerSpool implements Closeable {
    private final FileChannel channel;
    private final ByteBuffer window = ByteBuffer.allocate(ServerLink.window());

    AnswerSpool(Path folder) throws IOException {
        Path file = folder.resolve(".fedtiny-answer-" + UUID.randomUUID());
        try {
            channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE));
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }

    /** Forgets the answer before. */
    void clear() throws IOException {
        channel.truncate(0);
    }

    /** Adds bytes of the answer. */
    void write(byte[] bytes, int from, int count) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, from, count);
        while (left.hasRemaining()) {
            channel.write(left, channel.size());
        }
    }

    long size() throws IOException {
        return channel.size();
    }

    /** Copies a part of the answer. */
    void copy(long from, long count, OutputStream out) throws IOException {
        for (long at = from; at < from + count;) {
            window.clear().limit((int) Math.min(window.capacity(), from + count - at));
            if (channel.read(window, at) <= 0) {
                throw new IOException("the answer has been cut off on this device's disk");
            }
            out.write(window.array(), 0, window.position());
            at += window.position();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
