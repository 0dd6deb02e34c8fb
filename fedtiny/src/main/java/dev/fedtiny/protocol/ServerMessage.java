package dev.fedtiny.protocol;

/** What the server asks of a device. */
public sealed interface ServerMessage extends Message permits Welcome, Restore, CandidatePoolMessage, CandidateStatistics, Train, Finish,
        SecureRequest {
}
