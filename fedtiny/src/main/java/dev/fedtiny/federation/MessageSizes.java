package dev.fedtiny.federation;

import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * How long frames are, in bytes, by formula: what {@link Codec} produces has exactly these lengths. V is the number of values of a state
 * (kept weights and all that is never pruned, running statistics included), S the number of running statistics.
 */
public final class MessageSizes {
    private static final int PAIR_BYTES = 8;

    private MessageSizes() {
    }

    /** Masks of the prunable parameters: the sum of {@link MaskCodec#encodedBytes}. */
    public static long maskBytes(Network network, List<Mask> masks) {
        return network.prunable().stream().mapToLong(i -> MaskCodec.encodedBytes(masks.get(i))).sum();
    }

    /** {@link Train}: 47 + 8 · layers + masks if sent + 4 · V. */
    public static long trainFrame(ModelState model, boolean withMasks, int growthLayers) {
        return Frame.OVERHEAD_BYTES + trainFixed(growthLayers) + (withMasks ? maskBytes(model.network(), model.masks()) : 0)
                + 4 * model.valueCount();
    }

    static long trainFixed(int growthLayers) {
        return 4 + 1 + 4 + 4 + 8 + 4 + (long) PAIR_BYTES * growthLayers;
    }

    /** {@link Update}: 46 + 4 · V + 4 · layers + 8 · pairs. */
    public static long updateFrame(ModelState model, int growthLayers, long pairs) {
        return Frame.OVERHEAD_BYTES + updateFixed(growthLayers, pairs) + 4 * model.valueCount();
    }

    static long updateFixed(int growthLayers, long pairs) {
        return 4 + 4 + 8 + 8 + 4L * growthLayers + PAIR_BYTES * pairs;
    }

    /** {@link Pool}: 31 + 4 · C · layers + masks of the union + 4 · V of the union. */
    public static long poolFrame(ModelState union, int candidates) {
        return Frame.OVERHEAD_BYTES + 1 + 4 + 4 + 4L * candidates * union.network().prunable().size()
                + maskBytes(union.network(), union.masks()) + 4 * union.valueCount();
    }

    /** {@link Statistics}: 30 + 4 · C · S. */
    public static long statisticsFrame(Network network, int candidates) {
        return Frame.OVERHEAD_BYTES + 4 + 4 + 4 * candidates * RunningStatistics.count(network);
    }

    /** {@link CandidateStatistics}: 26 + 4 · C · S. */
    public static long candidateStatisticsFrame(Network network, int candidates) {
        return Frame.OVERHEAD_BYTES + 4 + 4 * candidates * RunningStatistics.count(network);
    }

    /** {@link Evaluation}: 30 + 20 · C. */
    public static long evaluationFrame(int candidates) {
        return Frame.OVERHEAD_BYTES + 4 + 4 + 20L * candidates;
    }
}
