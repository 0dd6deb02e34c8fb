package dev.fedtiny.protocol;

import java.util.List;

/**
 * A device's μ_{c,k} and σ²_{c,k} of every candidate. Payload: development samples (4), candidates (4), for each its running statistics
 * (4 bytes a number).
 *
 * @param samples development samples, the weight of the answer
 * @param candidates one a candidate
 */
public record Statistics(int samples, List<RunningStatistics> candidates) implements DeviceMessage {
    /** Keeps its own list. */
    public Statistics {
        candidates = List.copyOf(candidates);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.STATISTICS;
    }
}
