package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.nn.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The two checkpoint files of a run directory. A new checkpoint never replaces the newest good one but the other, so at every moment,
 * also in the middle of writing, one good file is there. Not thread-safe.
 */
public final class CheckpointStore {
    private static final List<String> NAMES = List.of("checkpoint-0.bin", "checkpoint-1.bin");

    private final Path directory;
    private int next;

    /** Of a directory, which may hold none yet. */
    public CheckpointStore(Path directory) {
        this.directory = directory;
    }

    /**
     * The good checkpoint with the highest round.
     *
     * @param metricsBytes how long the metrics are; a checkpoint that counts on more of them is of no use
     * @param damaged is told of every file that cannot be used, in one sentence
     */
    public Optional<Checkpoint> newest(Network network, long metricsBytes, Consumer<String> damaged) throws IOException {
        Checkpoint newest = null;
        for (int i = 0; i < NAMES.size(); i++) {
            Path file = directory.resolve(NAMES.get(i));
            if (!Files.exists(file)) {
                continue;
            }
            try {
                Checkpoint checkpoint = Checkpoint.read(file, network);
                if (checkpoint.metricsBytes() > metricsBytes) {
                    throw new CheckpointException(file, 0, "it needs " + checkpoint.metricsBytes() + " bytes of metrics, there are "
                            + metricsBytes);
                }
                if (newest == null || checkpoint.state().round() > newest.state().round()) {
                    newest = checkpoint;
                    next = (i + 1) % NAMES.size();
                }
            } catch (CheckpointException e) {
                damaged.accept(e.getMessage());
            }
        }
        return Optional.ofNullable(newest);
    }

    /** Writes a checkpoint that becomes the newest good one. */
    public void write(Checkpoint checkpoint) throws IOException {
        checkpoint.write(directory.resolve(NAMES.get(next)));
        next = (next + 1) % NAMES.size();
    }

    /** Removes both files: the run is done. */
    public void clear() throws IOException {
        for (String name : NAMES) {
            Files.deleteIfExists(directory.resolve(name));
        }
    }
}
