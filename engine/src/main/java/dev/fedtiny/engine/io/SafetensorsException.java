package dev.fedtiny.engine.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is not what it claims to be: not safetensors, damaged, hostile, or of another network. */
public final class SafetensorsException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long byteOffset;
    private final String problem;

    /**
     * @param file the file
     * @param byteOffset place in the file; -1 where the matter has none, for example a tensor that is missing
     * @param problem what was found and what was expected
     */
    public SafetensorsException(Path file, long byteOffset, String problem) {
        this(file, byteOffset, problem, null);
    }

    /**
     * @param file the file
     * @param byteOffset place in the file; -1 where the matter has none
     * @param problem what was found and what was expected
     * @param cause what led to it
     */
    public SafetensorsException(Path file, long byteOffset, String problem, Throwable cause) {
        super(byteOffset < 0 ? file + ": " + problem : file + ", byte " + byteOffset + ": " + problem, cause);
        this.byteOffset = byteOffset;
        this.problem = problem;
    }

    /** What was found and what was expected, without the file and the place. */
    public String problem() {
        return problem;
    }

    /** Place in the file; -1 where the matter has none. */
    public long byteOffset() {
        return byteOffset;
    }
}
