package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.ImageFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.function.Supplier;

/**
 * Sets of images that a node was sent, by SHA-256, in files without a name, outside the heap. Those that were used last are kept: a node
 * that serves many sweeps would fill its disk otherwise. Whoever works with one that was let go goes on with it. Thread-safe.
 */
final class SentImages {
    private final Path folder;
    private final int most;
    private final LinkedHashMap<String, Dataset> sets = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * None yet.
     *
     * @param folder for files that are removed as soon as they are mapped
     * @param most sets that are kept, at least 1
     */
    SentImages(Path folder, int most) {
        this.folder = folder;
        this.most = most;
    }

    synchronized boolean holds(String hash) {
        return sets.containsKey(hash);
    }

    /** A set, made of its bytes where it is not here. */
    synchronized Dataset of(String hash, Supplier<byte[]> bytes) {
        Dataset known = sets.get(hash);
        if (known != null) {
            return known;
        }
        Dataset made = ImageFile.map(bytes.get(), folder);
        sets.put(hash, made);
        if (sets.size() > most) {
            sets.pollFirstEntry();
        }
        return made;
    }
}
