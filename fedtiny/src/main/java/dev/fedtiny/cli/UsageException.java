package dev.fedtiny.cli;

/** A command line that cannot be obeyed: exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
