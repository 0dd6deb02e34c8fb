package dev.fedtiny.engine.io;

/** A file that is not what it claims to be: not safetensors, damaged, hostile, or of another network. */
public final class SafetensorsException extends ModelFormatException {
    private static final long serialVersionUID = 1L;

    /**
     * A matter that no other exception led to.
     *
     * @param source the file's name
     * @param byteOffset place in the file; -1 where the matter has none, for example a tensor that is missing
     * @param problem what was found and what was expected
     */
    public SafetensorsException(String source, long byteOffset, String problem) {
        this(source, byteOffset, problem, null);
    }

    /**
     * A matter that another exception led to.
     *
     * @param source the file's name
     * @param byteOffset place in the file; -1 where the matter has none
     * @param problem what was found and what was expected
     * @param cause what led to it
     */
    public SafetensorsException(String source, long byteOffset, String problem, Throwable cause) {
        super(source, byteOffset, problem, cause);
    }
}
