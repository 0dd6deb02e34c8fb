package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files that grow line by line, opened so that no link leads the writer into somebody else's file. */
public final class AppendedFile {
    private AppendedFile() {
    }

    /**
     * Opens a file for reading and writing at any place, made if it is not there.
     *
     * @param file where; the folder above must be there
     * @return the open channel, at position 0; the caller closes it
     * @throws FileWriteException if it is a link, a folder, a device or a pipe, or cannot be opened
     */
    public static FileChannel open(Path file) throws IOException {
        Given.notNull(file, "appended file: file", "the path of a file");
        if (Files.isSymbolicLink(file)) {
            throw new FileWriteException(file, IoProblem.LINK_LOOP, null);
        }
        if (Files.isDirectory(file)) {
            throw new FileWriteException(file, IoProblem.IS_A_FOLDER, null);
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileWriteException(file, IoProblem.NOT_A_FILE, null);
        }
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new FileWriteException(file, e);
        }
    }
}
