package dev.fedtiny.network.device;

import dev.fedtiny.engine.io.ProcessLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * That a key and a folder of models belong to one device at work. Two with one key would take the server's session from each other turn by
 * turn, and two with one folder would give each other's model out as their own, both without an end and without an error.
 */
final class DeviceLocks implements Closeable {
    private final List<ProcessLock> held = new ArrayList<>();

    /**
     * Takes the locks of what a device keeps on the disk.
     *
     * @throws IllegalArgumentException if another device, here or in another process, works with one of them
     */
    static DeviceLocks of(Optional<Path> keys, Optional<Path> models) throws IOException {
        DeviceLocks locks = new DeviceLocks();
        try {
            if (keys.isPresent()) {
                Path file = keys.get().toAbsolutePath();
                locks.take(file.getParent(), file.getFileName().toString(), "key file '" + keys.get() + "'");
            }
            if (models.isPresent()) {
                locks.take(models.get(), "device", "folder of models '" + models.get() + "'");
            }
            return locks;
        } catch (RuntimeException e) {
            locks.close();
            throw e;
        }
    }

    private void take(Path folder, String what, String whose) {
        Optional<ProcessLock> lock;
        try {
            lock = ProcessLock.take(folder, what);
        } catch (IOException e) {
            // A key may lie where nothing can be written, and a file system may have no locks: the device works as well.
            return;
        }
        held.add(lock.orElseThrow(() -> new IllegalArgumentException("another device works with the " + whose
                + ", in this process or in another one: end that one, or give each device its own")));
    }

    @Override
    public void close() throws IOException {
        for (ProcessLock lock : held) {
            lock.close();
        }
    }
}
