package dev.fedtiny.protocol;

import java.util.List;

/**
 * The aggregated μ_c and σ²_c of every candidate of the pool a device holds; it evaluates them and answers with {@link Evaluation}.
 * Payload: candidates (4), for each its running statistics (4 bytes a number).
 *
 * @param candidates one a candidate
 */
public record CandidateStatistics(List<RunningStatistics> candidates) implements ServerMessage {
    /** Keeps its own list. */
    public CandidateStatistics {
        candidates = List.copyOf(candidates);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.CANDIDATE_STATISTICS;
    }
}
