package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.Summand;
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

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(samples).int32(candidates.size());
        candidates.forEach(statistics -> writer.float32s(statistics.values()));
    }

    /**
     * What it adds to a secure sum.
     *
     * @return the statistics, weighed by development samples
     */
    public Summand summand() {
        return new Summand(samples, List.of(), candidates.stream().flatMap(candidate -> candidate.values().stream()).toList(), List.of());
    }

    /**
     * Statistics of so many candidates from so many development samples.
     *
     * @param candidates C
     * @param counts what samples the device may state; they may be others than it stated before
     */
    public record Expected(int candidates, SampleCounts.Range counts) implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.STATISTICS;
        }

        @Override
        public Statistics read(PayloadReader reader, Network network) {
            int samples = reader.int32In("development samples", counts.split().size(counts.least()), counts.split().size(counts.most()));
            reader.int32In("candidates", candidates, candidates);
            return new Statistics(samples, RunningStatistics.read(reader, network, candidates));
        }

        @Override
        public long longestPayload(Network network) {
            return 4 + 4 + 4L * candidates * RunningStatistics.count(network);
        }
    }
}
