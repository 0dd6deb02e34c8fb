package dev.fedtiny.network.server;

import dev.fedtiny.engine.io.FileWriteException;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.protocol.MessageKind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers on the disk: parts that are still coming, and whole ones; those that come quickly are in memory as well, while there is some.
 * Those to rounds of training stay until the run can no more go back behind them, so that a server that was started again need not ask for
 * them twice. Files of different turns never touch each other.
 */
final class AnswerFiles {
    private static final Pattern WHOLE = Pattern.compile("([0-9]+)-[0-9a-f]{64}\\.answer");
    private static final Pattern PART = Pattern.compile("[0-9a-f]{64}\\.part");

    private static final long PATIENCE_MILLIS = 1000;

    private final Path folder;
    private final AnswerMemory memory = AnswerMemory.ofHeap(PATIENCE_MILLIS);

    private AnswerFiles(Path folder) {
        this.folder = folder;
    }

    /** Opens a folder; parts of an earlier server go, since nobody knows any more what they are parts of. */
    static AnswerFiles open(Path folder) throws IOException {
        AnswerFiles files = new AnswerFiles(PrivateFolder.createInside(folder));
        files.removeMatching(PART, _ -> true);
        return files;
    }

    /** Where answers that come quickly are, too. */
    AnswerMemory memory() {
        return memory;
    }

    /**
     * A new answer; what was there of it is gone.
     *
     * @param held for all of it; null: none
     */
    IncomingAnswer incoming(String turn, long total, byte[] held) throws IOException {
        Path file = folder.resolve(turn + ".part");
        try {
            return new IncomingAnswer(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.READ, StandardOpenOption.TRUNCATE_EXISTING), total, memory, held);
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
            ByteBuffer bytes = ByteBuffer.wrap(into.length == length ? into : new byte[length]);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new EOFException("'" + file + "' ended after " + bytes.position() + " of " + length + " bytes");
                }
            }
            return bytes.array();
        }
    }

    void removePart(String turn) {
        remove(folder.resolve(turn + ".part"));
    }

    void remove(Path file) {
        try {
            Files.deleteIfExists(file);
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

    /** Whether there is any answer at all. */
    boolean isEmpty() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        }
    }

    /** Removes answers to rounds before this one. */
    void removeBefore(int round) throws IOException {
        removeMatching(WHOLE, matcher -> Integer.parseInt(matcher.group(1)) < round);
    }

    private void removeMatching(Pattern pattern, Predicate<Matcher> condition) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Matcher matcher = pattern.matcher(file.getFileName().toString());
                if (matcher.matches() && condition.test(matcher)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
