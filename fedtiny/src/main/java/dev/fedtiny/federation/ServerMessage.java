package dev.fedtiny.federation;

/** What the server asks of a device. */
public sealed interface ServerMessage extends Message permits Welcome, Restore, Pool, CandidateStatistics, Train, Finish {
}
