package dev.fedtiny.federation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Answers that wait on disk, in a temporary file that nobody else may read and that goes with this object. Opened when the first one comes.
 * Not thread-safe.
 */
final class Spool implements AutoCloseable {
    private FileChannel file;
    private long end;

    /** Where an answer lies. */
    record Place(long from, int bytes) {
    }

    /**
     * Appends an answer.
     *
     * @throws UncheckedIOException if there is no room; the folder is Java's {@code java.io.tmpdir}
     */
    Place add(byte[] frame) {
        try {
            if (file == null) {
                Path path = Files.createTempFile("fedtiny-answers-", ".spool");
                file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            }
            ByteBuffer bytes = ByteBuffer.wrap(frame);
            long at = end;
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
            Place place = new Place(end, frame.length);
            end = at;
            return place;
        } catch (IOException e) {
            throw new UncheckedIOException("answers of a round that wait for their check could not be kept in a file of '"
                    + System.getProperty("java.io.tmpdir") + "' (" + e.getMessage() + "); give it room, name another folder "
                    + "(-Djava.io.tmpdir), or have no answer wait (update-bound = 0)", e);
        }
    }

    /** An answer's bytes. */
    byte[] read(Place place) {
        ByteBuffer bytes = ByteBuffer.allocate(place.bytes());
        try {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, place.from() + bytes.position()) < 0) {
                    throw new IOException("it ends after " + (place.from() + bytes.position()) + " bytes, " + end + " were written");
                }
            }
            return bytes.array();
        } catch (IOException e) {
            throw new UncheckedIOException("a file of answers could not be read (" + e.getMessage() + ")", e);
        }
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
