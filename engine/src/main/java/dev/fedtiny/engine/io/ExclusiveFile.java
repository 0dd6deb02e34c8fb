package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;

/** One process at a time. The lock goes with the channel, and so with a process however it ends. */
public final class ExclusiveFile {
    private ExclusiveFile() {
    }

    /**
     * Tries to lock a file until its channel is closed; false when somebody else, here or in another process, has it.
     *
     * @param channel open for writing
     * @return whether it is locked now
     * @throws IOException if the file system has no locks
     */
    public static boolean lock(FileChannel channel) throws IOException {
        Given.notNull(channel, "exclusive file: channel", "an open channel of the file");
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
