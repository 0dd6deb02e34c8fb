package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * That only one at a time does something, here or in another process; the system lets go when the process ends, however it ends. What is
 * locked is a file that holds nothing, and none that somebody may read: as soon as a process closes any channel of a file, Linux and macOS
 * give up all locks of the process on it. For the same reason a file that is locked here is not opened to be locked again. Thread-safe.
 */
public final class ProcessLock implements Closeable {
    /** Files that are locked in this virtual machine; guards itself. */
    private static final Set<Object> HELD = new HashSet<>();

    private final FileChannel channel;
    private final Object file;

    private ProcessLock(FileChannel channel, Object file) {
        this.channel = channel;
        this.file = file;
    }

    /**
     * Takes a lock if nobody has it.
     *
     * @param folder where the lock's file lies, which stays
     * @param what is done, which names that file: {@code .what.lock}
     * @return empty while somebody else has it, in this process, too
     * @throws FileWriteException if the file cannot be made, or is a link
     * @throws IOException if the file system has no locks
     */
    public static Optional<ProcessLock> take(Path folder, String what) throws IOException {
        Given.notNull(folder, "process lock: folder", "the folder of the lock's file");
        Given.notNull(what, "process lock: what", "what is done there, as part of a file's name");
        Path path = folder.resolve("." + what + ".lock");
        synchronized (HELD) {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && HELD.contains(identity(path))) {
                return Optional.empty();
            }
            FileChannel channel = AppendedFile.open(path);
            ProcessLock lock = null;
            try {
                if (channel.tryLock() != null) {
                    // Where somebody has removed the file meanwhile, this fails.
                    lock = new ProcessLock(channel, identity(path));
                    HELD.add(lock.file);
                }
                return Optional.ofNullable(lock);
            } finally {
                if (lock == null) {
                    channel.close();
                }
            }
        }
    }

    /** By whatever name, where the file system tells; its real path elsewhere. */
    private static Object identity(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
        return key == null ? path.toRealPath() : key;
    }

    /**
     * The lock of what is done in a folder.
     *
     * @param folder as above
     * @param what as above
     * @return the lock
     * @throws IOException as above
     * @throws IllegalArgumentException while somebody else has it
     */
    public static ProcessLock of(Path folder, String what) throws IOException {
        return take(folder, what).orElseThrow(() -> new IllegalArgumentException("another process works in '" + folder + "' (" + what
                + "): wait for it, or end it"));
    }

    /** {@return whether it was not closed yet} */
    public boolean isHeld() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            if (channel.isOpen()) {
                HELD.remove(file);
                channel.close();
            }
        }
    }
}
