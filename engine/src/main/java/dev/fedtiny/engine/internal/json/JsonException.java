package dev.fedtiny.engine.internal.json;

/** Text that is not JSON, or JSON that does not hold what was asked of it. */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int byteOffset;
    private final String problem;

    /**
     * @param byteOffset place in the text, counted in bytes of its UTF-8 form; -1 for a value that was not read from text
     * @param problem what was found and what was expected
     */
    public JsonException(int byteOffset, String problem) {
        super(byteOffset < 0 ? "JSON: " + problem : "JSON, byte " + byteOffset + ": " + problem);
        this.byteOffset = byteOffset;
        this.problem = problem;
    }

    /** Place in the text, counted in bytes of its UTF-8 form; -1 for a value that was not read from text. */
    public int byteOffset() {
        return byteOffset;
    }

    /** The message without the place. */
    public String problem() {
        return problem;
    }
}
