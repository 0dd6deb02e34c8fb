package dev.fedtiny.federation;

/** What a server does about devices on which the same work gives other bits. */
public enum Platforms {
    /** They are refused when they join: a run gives the same bits whoever does the work. */
    SAME,
    /** They take part, and the run says that its bits depend on who does what. */
    ANY
}
