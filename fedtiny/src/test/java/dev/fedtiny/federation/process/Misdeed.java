package dev.fedtiny.federation.process;

/** What a device process may do wrong when it is asked to train. */
enum Misdeed {
    /** Is killed by signal 9 while it works. */
    KILLED,
    /** Works for ever. */
    HANGS,
    /** Answers with bytes of nothing. */
    GARBAGE,
    /** Begins an answer and ends. */
    TRUNCATED,
    /** Says an earlier answer twice. */
    REPEATED,
    /** Answers with an earlier answer. */
    OUT_OF_ORDER,
    /** A weight is not a number. */
    NOT_A_NUMBER,
    /** A weight is infinite. */
    INFINITE,
    /** The update is another device's. */
    WRONG_DEVICE,
    /** The update is for the next round. */
    WRONG_ROUND,
    /** The update is for another mask. */
    WRONG_MASK,
    /** A bit is wrong. */
    DAMAGED,
    /** Announces more bytes than any answer has. */
    TOO_LONG
}
