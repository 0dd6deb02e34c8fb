package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.ModelState;
import java.util.List;

/**
 * Stage one's candidates. All are per-layer magnitude prefixes of the same weights, so the pool travels as one weight set, the union
 * of all candidates, and C vectors of layer counts: candidate c keeps in layer l the k_cl first of the union's weights, magnitude
 * descending, then index ascending. Payload: task (1), batch (4), C (4), counts (4 · C · layers), masks of the prunable parameters of the
 * union ({@link MaskCodec}), all its values (4 each).
 *
 * @param task what the device is to do with them; {@link Task#RECALIBRATE} is answered by {@link Statistics}, the other by
 *        {@link Evaluation}
 * @param batch B, images of a pass
 * @param counts k_cl, for every candidate one a prunable parameter, in the network's order; not to be changed
 * @param union every layer at its largest count, and everything that is never pruned
 */
public record CandidatePoolMessage(Task task, int batch, List<int[]> counts, ModelState union) implements ServerMessage {
    /** What a device does with a pool. */
    public enum Task {
        /** Estimate μ and σ² of every candidate on development data. */
        RECALIBRATE,
        /** Evaluate every candidate on development data with the statistics it came with. */
        EVALUATE
    }

    /** Keeps its own list. */
    public CandidatePoolMessage {
        counts = List.copyOf(counts);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.POOL;
    }
}
