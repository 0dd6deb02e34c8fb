package dev.fedtiny.network.server;

/**
 * What became of a turn.
 *
 * @param kind whether the answer counts
 * @param reason why it does not; empty where it does
 */
record Verdict(Kind kind, String reason) {
    /** Whether an answer counts. */
    enum Kind {
        /** It does. */
        ACCEPTED,
        /** It is no valid one. */
        REJECTED,
        /** Nobody waits for it any more. */
        OVER
    }

    static final Verdict ACCEPTED = new Verdict(Kind.ACCEPTED, "");

    static Verdict rejected(String reason) {
        return new Verdict(Kind.REJECTED, reason);
    }
}
