package dev.fedtiny.engine.io;

import java.io.IOException;

/** A model file that is not what it claims to be, is damaged or hostile, or holds what cannot be taken. */
public abstract class ModelFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long byteOffset;
    private final String problem;

    /**
     * For a reader of one format.
     *
     * @param source the file's name
     * @param byteOffset place in the file; -1 where the matter has none
     * @param problem what was found and what was expected
     * @param cause what led to it; null where nothing did
     */
    protected ModelFormatException(String source, long byteOffset, String problem, Throwable cause) {
        super(byteOffset < 0 ? source + ": " + problem : source + ", byte " + byteOffset + ": " + problem, cause);
        this.byteOffset = byteOffset;
        this.problem = problem;
    }

    /** {@return what was found and what was expected, without the file and the place} */
    public String problem() {
        return problem;
    }

    /** {@return the place in the file; -1 where the matter has none} */
    public long byteOffset() {
        return byteOffset;
    }
}
