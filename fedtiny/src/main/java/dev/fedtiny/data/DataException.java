package dev.fedtiny.data;

/** Data that cannot be used as asked: a missing, damaged or contradictory file, or a split that the samples at hand do not allow. */
public class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A matter that no other exception led to.
     *
     * @param message one sentence: where, what was found, what was expected
     */
    public DataException(String message) {
        super(message);
    }

    /**
     * A matter that the platform reported.
     *
     * @param message one sentence: where, what was found, what was expected
     * @param cause what the platform reported
     */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
