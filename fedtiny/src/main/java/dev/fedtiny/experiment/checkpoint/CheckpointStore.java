package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.io.IoProblem;
import dev.fedtiny.engine.model.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The two checkpoint files of a run directory. A new checkpoint never replaces the newest good one but the other, so at every moment,
 * also in the middle of writing, one good file is there. Not thread-safe.
 */
public final class CheckpointStore {
    /** What the files are called. */
    public static final List<String> NAMES = List.of("checkpoint-0.bin", "checkpoint-1.bin");

    private final Path directory;
    private int next;

    /** Of a directory, which may hold none yet. */
    public CheckpointStore(Path directory) {
        this.directory = directory;
    }

    /**
     * The good checkpoint with the highest round, among those whose metrics are all there if there are such. A file that cannot be used,
     * be it damaged or kept back by the machine, is no reason to give up the other one.
     *
     * @param metricsBytes how long the metrics are; a checkpoint that counts on more of them is taken when no other is left
     * @param unusable is told of every file that cannot be used, in one sentence
     * @throws IOException if no checkpoint is left but one is whole and of another release, or kept back by the machine: beginning anew
     *         would throw it away
     */
    public Optional<Checkpoint> newest(Network network, long metricsBytes, Consumer<String> unusable) throws IOException {
        Checkpoint newest = null;
        String kept = null;
        for (int i = 0; i < NAMES.size(); i++) {
            Path file = directory.resolve(NAMES.get(i));
            try {
                Checkpoint checkpoint = Checkpoint.read(file, network);
                boolean better = newest == null || better(checkpoint, newest, metricsBytes);
                if (newest != null && Math.max(newest.state().round(), checkpoint.state().round())
                        > (better ? checkpoint : newest).state().round()) {
                    unusable.accept("the newer checkpoint in '" + directory + "' counts on metrics that are lost; the run goes on from the "
                            + "one before it, whose metrics are all there");
                }
                if (better) {
                    newest = checkpoint;
                    next = (i + 1) % NAMES.size();
                }
            } catch (NoSuchFileException e) {
                // There is none yet.
            } catch (CheckpointException e) {
                unusable.accept(e.getMessage());
                kept = e.isForeign() ? e.getMessage() : kept;
            } catch (IOException e) {
                kept = "checkpoint '" + file + "' cannot be read: " + IoProblem.explain(e);
                unusable.accept(kept);
            }
        }
        if (newest == null && kept != null) {
            throw new IOException("this run has no checkpoint that can be used here, and beginning anew would throw one away: " + kept);
        }
        return Optional.ofNullable(newest);
    }

    /** Whether there is one, be it good or not. */
    public boolean holdsAny() {
        return NAMES.stream().anyMatch(name -> Files.exists(directory.resolve(name)));
    }

    private static boolean better(Checkpoint one, Checkpoint other, long metricsBytes) {
        boolean oneHas = one.metricsBytes() <= metricsBytes;
        boolean otherHas = other.metricsBytes() <= metricsBytes;
        return oneHas != otherHas ? oneHas : one.state().round() > other.state().round();
    }

    /** Writes a checkpoint that becomes the newest good one. */
    public void write(Checkpoint checkpoint) throws IOException {
        checkpoint.write(directory.resolve(NAMES.get(next)));
        next = (next + 1) % NAMES.size();
    }

    /**
     * Writes the one that {@link #newest} gave again, in its own place: of two files of one round nobody could tell which of them counts on
     * the metrics as they are now.
     */
    public void rewrite(Checkpoint checkpoint) throws IOException {
        checkpoint.write(directory.resolve(NAMES.get((next + 1) % NAMES.size())));
    }

    /** Removes the older file: the run is done, and may be given more rounds from the newer one. */
    public void keepNewest() throws IOException {
        Files.deleteIfExists(directory.resolve(NAMES.get(next)));
    }

    /** Removes both files: the run is done. */
    public void clear() throws IOException {
        for (String name : NAMES) {
            Files.deleteIfExists(directory.resolve(name));
        }
    }
}
