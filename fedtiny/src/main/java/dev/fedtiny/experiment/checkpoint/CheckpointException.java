package dev.fedtiny.experiment.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** A checkpoint file that is damaged, of another version or of another network. */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * What is wrong, and where.
     *
     * @param offset of the byte at which it was noticed
     */
    public CheckpointException(Path file, long offset, String sentence) {
        super("checkpoint '" + file + "', byte " + offset + ": " + sentence);
    }
}
