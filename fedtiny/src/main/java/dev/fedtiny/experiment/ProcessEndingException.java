package dev.fedtiny.experiment;

/** The process was told to end (Ctrl-C, SIGTERM) while a run was at work: its last round is safe, and nothing was written after it. */
public final class ProcessEndingException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    ProcessEndingException(Throwable cause) {
        super("this process is ending; the run goes on from its checkpoint", cause);
    }

    ProcessEndingException(int safeRounds) {
        super("this process is ending; the run goes on from its checkpoint after round " + safeRounds);
    }
}
