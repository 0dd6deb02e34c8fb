package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.SumLayout;
import dev.fedtiny.protocol.ProtocolException.Fault;
import java.util.List;

/**
 * The aggregated μ_c and σ²_c of every candidate of the pool a device holds; it evaluates them and answers with {@link Evaluation}.
 * Payload: candidates (4), for each its running statistics (4 bytes a number).
 *
 * @param candidates one a candidate
 */
public record CandidateStatistics(List<RunningStatistics> candidates) implements ServerMessage, MaskedWork {
    /** Keeps its own list. */
    public CandidateStatistics {
        candidates = List.copyOf(candidates);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.CANDIDATE_STATISTICS;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(candidates.size());
        candidates.forEach(statistics -> writer.float32s(statistics.values()));
    }

    @Override
    public SumLayout layout(Network network, List<Mask> masks, int devices) {
        return Evaluation.layout(candidates.size(), devices);
    }

    static CandidateStatistics read(PayloadReader reader, RequestContext context) {
        int candidates = context.candidates();
        if (candidates == 0) {
            throw new ProtocolException(Fault.CONTENT, "candidate statistics came before any pool");
        }
        reader.int32In("candidates", candidates, candidates);
        return new CandidateStatistics(RunningStatistics.read(reader, context.network(), candidates));
    }
}
