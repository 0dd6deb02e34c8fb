package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.SumLayout;
import java.util.ArrayList;
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
public record CandidatePoolMessage(Task task, int batch, List<int[]> counts, ModelState union)
        implements ServerMessage, MaskedWork {
    /** The most candidates of a pool. */
    public static final int MAXIMUM_CANDIDATES = 1 << 16;

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

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int8(task.ordinal()).int32(batch).int32(counts.size());
        for (int[] candidate : counts) {
            for (int count : candidate) {
                writer.int32(count);
            }
        }
        writer.masks(network, union.masks()).float32s(union.allValues());
    }

    /** Weight and the statistics of every candidate, or weight and its scores. */
    @Override
    public SumLayout layout(Network network, List<Mask> masks, int devices) {
        return task == Task.EVALUATE ? Evaluation.layout(counts.size(), devices)
                : SumLayout.of(Math.toIntExact(1 + counts.size() * RunningStatistics.count(network)), 0, devices);
    }

    static CandidatePoolMessage read(PayloadReader reader, RequestContext context) {
        Network network = context.network();
        Task task = Task.values()[reader.int8In("task", Task.values().length - 1)];
        int batch = reader.int32In("batch", 1, Train.MAXIMUM_BATCH);
        int count = reader.int32In("candidates", 1, MAXIMUM_CANDIDATES);
        List<Integer> prunable = network.prunable();
        reader.require(4L * count * prunable.size());
        List<int[]> counts = new ArrayList<>();
        int[] largest = new int[prunable.size()];
        for (int c = 0; c < count; c++) {
            int[] active = new int[prunable.size()];
            for (int l = 0; l < active.length; l++) {
                active[l] = reader.int32In("active weights of a layer", 1, network.parameters().get(prunable.get(l)).size());
                largest[l] = Math.max(largest[l], active[l]);
            }
            counts.add(active);
        }
        List<Mask> masks = reader.masks(network);
        for (int l = 0; l < largest.length; l++) {
            if (masks.get(prunable.get(l)).count() != largest[l]) {
                throw reader.content("layer '" + network.parameters().get(prunable.get(l)).name() + "' comes with "
                        + masks.get(prunable.get(l)).count() + " weights, its largest candidate keeps " + largest[l]);
            }
        }
        return new CandidatePoolMessage(task, batch, counts, ModelState.of(network, masks, reader.values(network, masks)));
    }
}
