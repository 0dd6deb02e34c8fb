package dev.fedtiny.network.server;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** That only one process at a time does something in a federation's folder; the system lets go when the process ends. */
final class FederationLock implements Closeable {
    private final FileChannel channel;

    private FederationLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes a lock.
     *
     * @param what is done, which names the lock's file
     * @throws IllegalArgumentException if another process does it
     */
    static FederationLock of(Path folder, String what) throws IOException {
        FileChannel channel = FileChannel.open(folder.resolve("." + what + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IllegalArgumentException("another process works in '" + folder + "' (" + what + "): wait for it, or end it");
        }
        return new FederationLock(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
