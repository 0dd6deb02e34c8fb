package dev.fedtiny.network.server;

import dev.fedtiny.engine.internal.json.JsonException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.engine.io.FileWriteException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A file that only grows, one JSON object a line. What a process that was killed had begun to write is cut off when the file is opened
 * again; a line that could not be written whole is taken back. An interrupt of whoever writes waits until the line is there. Thread-safe.
 */
final class JsonLines implements Closeable {
    /** Whether a line is on the disk before it counts. */
    enum Durability {
        /** Survives a loss of power. */
        SYNCED,
        /** Survives the end of the process. */
        WRITTEN
    }

    private static final int BLOCK_BYTES = 1 << 16;

    private final Path file;
    private final Durability durability;
    private FileChannel channel;
    private boolean closed;
    private long end;

    /** Over an open channel, whose lines have been read. */
    JsonLines(Path file, FileChannel channel, long end, Durability durability) {
        this.file = file;
        this.channel = channel;
        this.end = end;
        this.durability = durability;
    }

    /**
     * A file with what it held before.
     *
     * @param lines the open file
     * @param before objects, the oldest first
     */
    record Opened(JsonLines lines, List<JsonObject> before) {
    }

    /**
     * Opens a file, or makes it for its owner alone.
     *
     * @throws IllegalArgumentException if a line is no object: the file was changed by something else
     */
    static Opened open(Path file, Durability durability) throws IOException {
        JsonLines lines = append(file, durability);
        try {
            return new Opened(lines, parse(file, Files.readAllBytes(file), Math.toIntExact(lines.end), 0));
        } catch (IOException e) {
            lines.close();
            throw new FileWriteException(file, e);
        } catch (RuntimeException | Error e) {
            lines.close();
            throw e;
        }
    }

    /** Opens a file to add to, or makes it for its owner alone; what it holds is not looked at, however much it is. */
    static JsonLines append(Path file, Durability durability) throws IOException {
        try {
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            FileAttribute<?>[] mode = posix && Files.notExists(file, LinkOption.NOFOLLOW_LINKS)
                    ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                    : new FileAttribute<?>[0];
            FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS), mode);
            try {
                AtomicFile.syncFolder(file.toAbsolutePath().getParent());
                long end = wholeLines(channel);
                channel.truncate(end);
                return new JsonLines(file, channel, end, durability);
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }

    /** Where the last whole line ends, looked for from the end. */
    private static long wholeLines(FileChannel channel) throws IOException {
        ByteBuffer some = ByteBuffer.allocate(BLOCK_BYTES);
        long end = channel.size();
        while (end > 0) {
            long from = Math.max(0, end - BLOCK_BYTES);
            some.clear().limit((int) (end - from));
            while (some.hasRemaining() && channel.read(some, from + some.position()) >= 0) {
                continue;
            }
            for (int i = some.position() - 1; i >= 0; i--) {
                if (some.get(i) == '\n') {
                    return from + i + 1;
                }
            }
            end = from;
        }
        return 0;
    }

    /**
     * The whole lines of a file that another process may be adding to. What was read once is not read again: asking costs as much as was
     * added since. Not thread-safe.
     */
    static final class Reader {
        private final Path file;
        private long end;
        private int lines;

        /** Nothing is read. */
        Reader(Path file) {
            this.file = file;
        }

        /** Lines that were added since the last call; none where there is no file. */
        List<JsonObject> more() throws IOException {
            if (Files.notExists(file)) {
                return List.of();
            }
            try (FileChannel channel = FileChannel.open(file)) {
                if (channel.size() < end) {
                    // Lines that a full disk had cut in the middle were taken back, those that were whole already with them.
                    end = 0;
                    lines = 0;
                }
                ByteBuffer added = ByteBuffer.allocate(Math.toIntExact(Math.max(0, channel.size() - end)));
                while (added.hasRemaining() && channel.read(added, end + added.position()) >= 0) {
                    continue;
                }
                int whole = wholeLines(added.array(), added.position());
                List<JsonObject> objects = parse(file, added.array(), whole, lines);
                end += whole;
                lines += objects.size();
                return objects;
            }
        }
    }

    /** Of so many bytes, those up to the end of the last line. */
    private static int wholeLines(byte[] bytes, int count) {
        int end = count;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private static List<JsonObject> parse(Path file, byte[] bytes, int end, int linesBefore) {
        List<JsonObject> objects = new ArrayList<>();
        for (String line : new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList()) {
            try {
                // Written by this program: as long as it likes, unlike what comes over the network.
                if (!(JsonReader.parse(line) instanceof JsonObject object)) {
                    throw new JsonException(0, "expected an object");
                }
                objects.add(object);
            } catch (JsonException e) {
                throw new IllegalArgumentException("'" + file + "', line " + (linesBefore + objects.size() + 1) + ": " + e.getMessage()
                        + "; only this program writes here: restore the file, or begin a new federation in another folder", e);
            }
        }
        return objects;
    }

    /**
     * Adds a line.
     *
     * @throws FileWriteException if it could not be written; then it is not there
     */
    void append(JsonObject object) throws FileWriteException {
        append(List.of(object));
    }

    /**
     * Adds lines, all of them or none; a disk is waited for once.
     *
     * @throws FileWriteException if they could not be written; then none is there
     */
    synchronized void append(List<JsonObject> objects) throws FileWriteException {
        StringBuilder text = new StringBuilder();
        objects.forEach(object -> text.append(object).append('\n'));
        byte[] lines = text.toString().getBytes(StandardCharsets.UTF_8);
        // Who is interrupted, for being slow, must not close the file for all others.
        boolean interrupted = Thread.interrupted();
        try {
            while (!write(lines)) {
                interrupted = true;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether they are written; not where an interrupt came in between, which is then over. */
    private boolean write(byte[] lines) throws FileWriteException {
        ByteBuffer left = ByteBuffer.wrap(lines);
        try {
            if (!channel.isOpen() && !closed) {
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                channel.truncate(end);
            }
            while (left.hasRemaining()) {
                channel.write(left, end + left.position());
            }
            if (durability == Durability.SYNCED) {
                channel.force(false);
            }
            end += lines.length;
            return true;
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            return false;
        } catch (IOException e) {
            takeBack(e);
            throw new FileWriteException(file, e);
        }
    }

    private void takeBack(IOException failure) {
        try {
            channel.truncate(end);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }
}
