package dev.fedtiny.experiment;

import dev.fedtiny.engine.io.PrivateFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Directories of runs that wait on a node for their next slice. One that is not asked for again, since its run went on elsewhere or nobody
 * drives it any more, is removed when enough others have come. Thread-safe.
 */
final class KeptDirectories {
    private final int most;
    /** By run, the one that was kept first in front. */
    private final LinkedHashMap<String, Kept> kept = new LinkedHashMap<>();

    /** None yet, and at most so many. */
    KeptDirectories(int most) {
        this.most = most;
    }

    /** A run's directory as it was after a slice. */
    private record Kept(Path path, long slice) {
    }

    /** The directory of a run, which is the caller's then; empty, and removed, where it is not as after that slice. */
    Optional<Path> take(String run, long slice) {
        Kept found;
        synchronized (kept) {
            found = kept.remove(run);
        }
        if (found == null || found.slice() == slice && Files.isDirectory(found.path())) {
            return Optional.ofNullable(found).map(Kept::path);
        }
        PrivateFolder.remove(found.path());
        return Optional.empty();
    }

    /** Keeps the directory of a run as it is after a slice. */
    void keep(String run, long slice, Path path) {
        Kept gone;
        synchronized (kept) {
            // Two attempts at a slice may both end here.
            gone = kept.put(run, new Kept(path, slice));
            if (gone == null && kept.size() > most) {
                gone = kept.pollFirstEntry().getValue();
            }
        }
        if (gone != null) {
            PrivateFolder.remove(gone.path());
        }
    }
}
