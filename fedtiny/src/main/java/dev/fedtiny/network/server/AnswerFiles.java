package dev.fedtiny.network.server;

import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.protocol.MessageKind;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Answers on the disk: parts that are still coming, and whole ones. Those to rounds of training stay until the run can no more go back
 * behind them, so that a server that was started again need not ask for them twice. Files of different turns never touch each other. A file
 * that is of no more use is written over by the next answer: for a new one the system takes three times as long, since it looks for
 * memory and blocks.
 */
final class AnswerFiles implements Closeable {
    private static final Pattern WHOLE = Pattern.compile("([0-9]+)-[0-9a-f]{64}\\.answer");
    private static final Pattern PART = Pattern.compile("[0-9a-f]{64}\\.part");
    private static final Pattern SPARE = Pattern.compile("[0-9]+\\.spare");

    /** Read at once: of a longer piece the copy that the JDK makes on the way would leave the cache. */
    private static final int WINDOW = 64 << 10;

    private final Path folder;
    private final AtomicLong removed = new AtomicLong();
    /** Files to be written over, the last that was read last: that one is in memory still. */
    private final Deque<Path> spare = new ConcurrentLinkedDeque<>();

    private AnswerFiles(Path folder) {
        this.folder = folder;
    }

    /** Opens a folder; parts of an earlier server go, since nobody knows any more what they are parts of. */
    static AnswerFiles open(Path folder) throws IOException {
        AnswerFiles files = new AnswerFiles(PrivateFolder.createInside(folder));
        files.deleteMatching(PART);
        files.deleteMatching(SPARE);
        return files;
    }

    /** A new answer; what was there of it is gone. The file may have bytes behind what has come, which are others' and written over. */
    IncomingAnswer incoming(String turn, long total) throws IOException {
        Path file = folder.resolve(turn + ".part");
        try {
            Path used = spare.pollLast();
            if (used != null) {
                Files.move(used, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
            try {
                return new IncomingAnswer(file, channel.truncate(total), total);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }

    /** A part is whole now. */
    Path whole(String turn, int round) throws IOException {
        Path file = file(turn, round);
        try {
            return Files.move(folder.resolve(turn + ".part"), file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }

    private Path file(String turn, int round) {
        return folder.resolve(Math.max(0, round) + "-" + turn + ".answer");
    }

    /** The bytes of a file, in an array that is there already where it has the right length. */
    byte[] read(Path file, byte[] into) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            int length = Math.toIntExact(channel.size());
            byte[] bytes = into.length == length ? into : new byte[length];
            for (int at = 0; at < length;) {
                int count = channel.read(ByteBuffer.wrap(bytes, at, Math.min(WINDOW, length - at)));
                if (count < 0) {
                    throw new EOFException("'" + file + "' ended after " + at + " of " + length + " bytes");
                }
                at += count;
            }
            return bytes;
        }
    }

    void removePart(String turn) {
        try {
            Files.deleteIfExists(folder.resolve(turn + ".part"));
        } catch (IOException e) {
            // It takes room, and goes with the folder.
        }
    }

    /** A whole answer is of no more use. */
    void remove(Path file) {
        Path free = folder.resolve(removed.incrementAndGet() + ".spare");
        try {
            Files.move(file, free, StandardCopyOption.ATOMIC_MOVE);
            spare.add(free);
        } catch (IOException e) {
            // It takes room, and goes with the folder.
        }
    }

    /** Whether answers of this kind may be used again: what they say depends on nothing but the request and the device's data. */
    static boolean lasting(MessageKind kind) {
        return kind == MessageKind.TRAIN;
    }

    /** An answer that came before. */
    Optional<Path> stored(String turn, Errand errand) {
        Path file = file(turn, errand.request().round());
        return lasting(errand.request().kind()) && Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    /** Whether there is any whole answer. */
    boolean isEmpty() throws IOException {
        return matching(WHOLE).isEmpty();
    }

    /** Removes answers to rounds before this one. */
    void removeBefore(int round) throws IOException {
        matching(WHOLE).stream().filter(match -> Integer.parseInt(match.group(1)) < round).map(match -> folder.resolve(match.group()))
                .forEach(this::remove);
    }

    private List<MatchResult> matching(Pattern pattern) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> pattern.matcher(file.getFileName().toString())).filter(Matcher::matches).map(Matcher::toMatchResult)
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void deleteMatching(Pattern pattern) throws IOException {
        for (MatchResult match : matching(pattern)) {
            Files.deleteIfExists(folder.resolve(match.group()));
        }
    }

    /** Gives the room of what is of no more use back. */
    @Override
    public void close() throws IOException {
        spare.clear();
        deleteMatching(SPARE);
    }
}
