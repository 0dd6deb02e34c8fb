package dev.fedtiny.network;

import dev.fedtiny.engine.io.ExclusiveFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** That only one at a time does something, here or in another process; the system lets go when the process ends, however it ends. */
public final class ProcessLock implements Closeable {
    private final FileChannel channel;

    private ProcessLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes a lock if nobody has it.
     *
     * @param folder where the lock's file lies, which stays
     * @param what is done, which names that file: {@code .what.lock}
     * @return empty while somebody else has it
     * @throws IOException if the file cannot be made, or the file system has no locks
     */
    public static Optional<ProcessLock> take(Path folder, String what) throws IOException {
        FileChannel channel = FileChannel.open(folder.resolve("." + what + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            taken = ExclusiveFile.lock(channel);
        } finally {
            if (!taken) {
                channel.close();
            }
        }
        return taken ? Optional.of(new ProcessLock(channel)) : Optional.empty();
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

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
