package dev.fedtiny.experiment;

import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.engine.io.ProcessLock;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;

/**
 * A folder of a node for directories of runs, among the system's temporary files. It goes when the process ends; where that was killed, it
 * goes when the next node makes one: what hundreds of runs have left may fill a disk.
 *
 * @param path the folder, for its owner alone
 * @param lock tells others that it is in use, as long as this process lives
 */
record NodeFolder(Path path, ProcessLock lock) {
    private static final String PREFIX = "fedtiny-node-";
    private static final String USE = "node";

    /**
     * Makes one, and removes those of processes that are gone.
     *
     * @param temporary where it is made
     * @throws IOException if it cannot be made
     */
    static NodeFolder make(Path temporary) throws IOException {
        while (true) {
            Path path = Files.createTempDirectory(temporary, PREFIX);
            Optional<ProcessLock> lock;
            try {
                lock = ProcessLock.take(path, USE);
            } catch (IOException e) {
                if (Files.isDirectory(path)) {
                    throw e;
                }
                lock = Optional.empty();
            }
            // Somebody else may have taken it for one of a process that is gone.
            if (lock.isPresent() && Files.isDirectory(path)) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> PrivateFolder.remove(path), "fedtiny-node-folder"));
                removeAbandoned(temporary, Files.getOwner(path));
                return new NodeFolder(path, lock.get());
            }
        }
    }

    /** Whether it is there: whoever cleans up temporary files may have taken a folder of many days for one that nobody needs. */
    boolean isThere() {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Of the same owner, and no links: where everybody may write, others may have put something of that name. */
    private static void removeAbandoned(Path temporary, UserPrincipal owner) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path folder : found) {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                        && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(owner)) {
                    removeAbandoned(folder);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // What is left lies there until the next one looks: nobody's run depends on it.
        }
    }

    private static void removeAbandoned(Path folder) throws IOException {
        try (ProcessLock lock = ProcessLock.take(folder, USE).orElse(null)) {
            if (lock != null) {
                PrivateFolder.remove(folder);
            }
        }
    }
}
