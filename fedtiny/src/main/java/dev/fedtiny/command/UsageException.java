package dev.fedtiny.command;

/** A command line that cannot be obeyed: exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A command line that cannot be obeyed.
     *
     * @param message one sentence: what was given, what is expected
     */
    public UsageException(String message) {
        super(message);
    }
}
