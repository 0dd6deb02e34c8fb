package dev.fedtiny.cluster;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import dev.fedtiny.data.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Where the data of devices are that work on nodes. */
public sealed interface DeviceData {
    /** {@return how many devices the run has, numbered from 0} */
    int devices();

    /**
     * The driver has them: a device's share is sent to the nodes that simulate it, once each.
     *
     * @param shares one a device, in the order of their numbers
     */
    record Sent(List<Dataset> shares) implements DeviceData {
        /** Keeps its own list. */
        public Sent {
            shares = List.copyOf(shares);
        }

        @Override
        public int devices() {
            return shares.size();
        }
    }

    /**
     * Nodes have them, and say whose: they never leave there.
     *
     * @param devices of the run, whoever holds their data
     */
    record Held(int devices) implements DeviceData {
    }

    /** Shares as they are sent: only their hashes are kept. */
    final class Packed {
        private final List<Dataset> shares;
        private final List<String> hashes;

        Packed(List<Dataset> shares) {
            this.shares = shares;
            this.hashes = new ArrayList<>(Collections.nCopies(shares.size(), null));
        }

        /** SHA-256 of a share as it is sent; packs it when it is first asked for. */
        String hash(int device) {
            synchronized (hashes) {
                if (hashes.get(device) == null) {
                    hashes.set(device, Sha256.of(bytes(device)));
                }
                return hashes.get(device);
            }
        }

        byte[] bytes(int device) {
            try {
                Path folder = Files.createTempDirectory("fedtiny-share");
                Path file = folder.resolve("images");
                try {
                    ImageFile.write(shares.get(device), file);
                    return Files.readAllBytes(file);
                } finally {
                    Files.deleteIfExists(file);
                    Files.delete(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the images of device " + device + " cannot be packed", e);
            }
        }
    }
}
