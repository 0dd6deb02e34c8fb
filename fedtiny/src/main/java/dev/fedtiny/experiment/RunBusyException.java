package dev.fedtiny.experiment;

import java.nio.file.Path;

/** Another process is at work in a run directory. */
public final class RunBusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RunBusyException(Path directory) {
        super("another process is at work in '" + directory + "'; wait for it, or end it first");
    }
}
