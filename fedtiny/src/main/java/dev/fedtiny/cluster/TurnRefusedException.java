package dev.fedtiny.cluster;

/** A node that may not or cannot do a turn that others might do. */
public final class TurnRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal.
     *
     * @param sentence what is the matter, what was expected, and what helps
     */
    public TurnRefusedException(String sentence) {
        super(sentence);
    }
}
