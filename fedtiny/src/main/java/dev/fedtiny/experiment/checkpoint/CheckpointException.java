package dev.fedtiny.experiment.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** A checkpoint file that is damaged, of another version or of another network. */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean foreign;

    /**
     * What is wrong, and where.
     *
     * @param offset of the byte at which it was noticed
     */
    public CheckpointException(Path file, long offset, String sentence) {
        this(file, offset, sentence, false);
    }

    private CheckpointException(Path file, long offset, String sentence, boolean foreign) {
        super("checkpoint '" + file + "', byte " + offset + ": " + sentence);
        this.foreign = foreign;
    }

    /** As the constructor, of a file that is whole, as its checksum says, but of another release, method or configuration. */
    static CheckpointException foreign(Path file, long offset, String sentence) {
        return new CheckpointException(file, offset, sentence, true);
    }

    /** Whether the file is whole, and good for another release, method or configuration. */
    boolean isForeign() {
        return foreign;
    }
}
