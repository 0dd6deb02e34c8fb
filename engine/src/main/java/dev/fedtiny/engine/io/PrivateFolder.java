package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders that only their owner may enter, where the file system has such modes: nobody else can put a link into them. */
public final class PrivateFolder {
    private PrivateFolder() {
    }

    /**
     * Makes a folder of which there must be none; its parent must exist.
     *
     * @param folder the folder to make
     * @return the folder
     * @throws FileAlreadyExistsException if there is something of that name, be it a link that leads nowhere
     * @throws FileWriteException if it cannot be made
     */
    public static Path create(Path folder) throws IOException {
        Given.notNull(folder, "private folder: folder", "the path of a folder");
        try {
            Files.createDirectory(folder, mode(folder));
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            throw new FileWriteException(folder, e);
        }
        AtomicFile.syncFolder(folder.toAbsolutePath().getParent());
        return folder;
    }

    /**
     * Makes a folder and those above it that are not there; one that is there, also through a link, is left as it is.
     *
     * @param folder the lowest of the folders to make
     * @return the folder
     * @throws FileWriteException if one cannot be made, or something else has its name
     */
    public static Path createAll(Path folder) throws IOException {
        Given.notNull(folder, "private folder: folder", "the path of a folder");
        try {
            return Files.createDirectories(folder, mode(folder));
        } catch (FileAlreadyExistsException e) {
            throw new FileWriteException(folder, IoProblem.NOT_A_FOLDER, e);
        } catch (IOException e) {
            throw new FileWriteException(folder, e);
        }
    }

    /**
     * Makes a folder inside one of ours if it is not there; its parent must exist. What is there must be a folder and no link to one.
     *
     * @param folder the folder to make
     * @return the folder
     * @throws FileWriteException if it cannot be made, or something else has its name
     */
    public static Path createInside(Path folder) throws IOException {
        Given.notNull(folder, "private folder: folder", "the path of a folder");
        if (Files.isSymbolicLink(folder)) {
            throw new FileWriteException(folder, IoProblem.LINK_LOOP, null);
        }
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return folder;
        }
        try {
            return create(folder);
        } catch (FileAlreadyExistsException e) {
            throw new FileWriteException(folder, IoProblem.NOT_A_FOLDER, e);
        }
    }

    /**
     * Makes a folder of an unused name where the platform keeps temporary files; {@link #remove} it.
     *
     * @param prefix what the name begins with
     * @return the new folder
     * @throws FileWriteException if it cannot be made
     */
    public static Path temporary(String prefix) throws IOException {
        Given.notNull(prefix, "private folder: prefix", "how the name of the folder begins");
        try {
            return Files.createTempDirectory(prefix);
        } catch (IOException e) {
            throw new FileWriteException(Path.of(System.getProperty("java.io.tmpdir"), prefix), e);
        }
    }

    /**
     * Removes a folder of ours with all that is in it, and no more: links are removed, not followed. What cannot be removed stays.
     *
     * @param folder made by this class, by this process
     */
    public static void remove(Path folder) {
        Given.notNull(folder, "private folder: folder", "the path of a folder");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // Whoever removes it is done with it; a failure before that must not be hidden by this one.
        }
    }

    private static FileAttribute<?>[] mode(Path folder) {
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))}
                : new FileAttribute<?>[0];
    }
}
