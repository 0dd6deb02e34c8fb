package dev.fedtiny.engine.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writing a file so that under its name there is always either the old content or the whole new one: the content goes to a temporary
 * file beside it, to the disk, and then takes the name in one step. Whatever fails, the temporary file is removed and the old file stays.
 */
public final class AtomicFile {
    private AtomicFile() {
    }

    /** What writes a file's content. */
    @FunctionalInterface
    public interface Content {
        /** Writes the content to the channel, from position 0 on. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes a file, replacing one of that name.
     *
     * @param target the file; its folder must exist
     * @throws IOException if writing fails, the temporary file cannot be created or the target is a folder
     */
    public static void write(Path target, Content content) throws IOException {
        if (Files.isDirectory(target)) {
            throw new IOException(target + " is a directory, expected the name of a file");
        }
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException | Error e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }
}
