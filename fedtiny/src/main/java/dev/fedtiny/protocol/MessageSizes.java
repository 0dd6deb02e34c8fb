package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * How long frames are, in bytes, by formula: what {@link Codec} produces has exactly these lengths. V is the number of values of a state
 * (kept weights and all that is never pruned, running statistics included), S the number of running statistics.
 */
public final class MessageSizes {
    static final int TRAIN_FIXED = 4 + 1 + 4 + 4 + 8;
    static final int UPDATE_FIXED = 4 + 4 + 8 + 8;
    static final int HELLO_FIXED = 8 + 1 + 4 + 4 + 1;
    private static final int PAIR_BYTES = 8;

    private MessageSizes() {
    }

    /** Masks of the prunable parameters: the sum of {@link MaskCodec#encodedBytes}. */
    public static long maskBytes(Network network, List<Mask> masks) {
        return network.prunable().stream().mapToLong(i -> MaskCodec.encodedBytes(masks.get(i))).sum();
    }

    /** {@link Train}: 43 + masks if sent + task + 4 · V; a task is 1 byte in an ordinary round, 5 + 8 · layers where layers grow. */
    public static long trainFrame(ModelState model, boolean withMasks, LocalTask task) {
        return Frame.OVERHEAD_BYTES + TRAIN_FIXED + (withMasks ? maskBytes(model.network(), model.masks()) : 0) + LocalTaskForm.bytes(task)
                + 4 * model.valueCount();
    }

    /** {@link Update}: 46 + 4 · V + result; a result is 4 · layers + 8 · pairs where layers grow, and nothing in an ordinary round. */
    public static long updateFrame(ModelState model, LocalResult result) {
        return Frame.OVERHEAD_BYTES + UPDATE_FIXED + LocalResultForm.bytes(model.network(), result) + 4 * model.valueCount();
    }

    /**
     * The longest {@link Update} that can answer a task: every layer sends as many positions as it may, and a changed mask is a bitmap
     * (real ones are shorter where few weights are kept). Exact for tasks that do not grow.
     */
    public static long longestUpdateFrame(ModelState model, LocalTask task) {
        return longestUpdateFrame(model.network(), model.valueCount(), task);
    }

    private static long longestUpdateFrame(Network network, long values, LocalTask task) {
        long pairs = task.layers().stream().mapToLong(GrowthRequest::limit).sum();
        int layers = task.layers().size();
        return Frame.OVERHEAD_BYTES + UPDATE_FIXED + 4 * values + switch (task) {
            case LocalTask.Ordinary _ -> 0;
            case LocalTask.Grow _, LocalTask.Extrude _ -> 4L * layers + PAIR_BYTES * pairs;
            case LocalTask.Vote _ -> 4L * (layers + pairs);
            case LocalTask.Accumulate t -> t.upload() ? 4 * prunableSize(network, network.prunable()) : 0;
            case LocalTask.Adjust t -> bitmapBytes(network, t.layers().stream().map(GrowthRequest::parameter).toList());
            case LocalTask.SearchSubNetwork _ -> 9 + bitmapBytes(network, network.prunable());
        };
    }

    private static long prunableSize(Network network, List<Integer> parameters) {
        return parameters.stream().mapToLong(p -> network.parameters().get(p).size()).sum();
    }

    private static long bitmapBytes(Network network, List<Integer> parameters) {
        return parameters.stream().mapToLong(p -> 1 + (network.parameters().get(p).size() + 7L) / 8).sum();
    }

    /** {@link CandidatePoolMessage}: 31 + 4 · C · layers + masks of the union + 4 · V of the union. */
    public static long poolFrame(ModelState union, int candidates) {
        return Frame.OVERHEAD_BYTES + 1 + 4 + 4 + 4L * candidates * union.network().prunable().size()
                + maskBytes(union.network(), union.masks()) + 4 * union.valueCount();
    }

    /** {@link Statistics}: 30 + 4 · C · S. */
    public static long statisticsFrame(Network network, int candidates) {
        return Frame.OVERHEAD_BYTES + 4 + 4 + 4L * candidates * RunningStatistics.count(network);
    }

    /** {@link CandidateStatistics}: 26 + 4 · C · S. */
    public static long candidateStatisticsFrame(Network network, int candidates) {
        return Frame.OVERHEAD_BYTES + 4 + 4L * candidates * RunningStatistics.count(network);
    }

    /** The longest frame that may answer where this is expected: a good answer, or a {@link Failure}. */
    static long longestAnswer(Network network, Expectation expected) {
        long good = switch (expected) {
            case Expectation.OfHello _ -> Frame.OVERHEAD_BYTES + HELLO_FIXED + Platform.MAXIMUM_RELEASE_BYTES;
            case Expectation.OfReady _ -> Frame.OVERHEAD_BYTES + 4;
            case Expectation.OfStatistics e -> statisticsFrame(network, e.candidates());
            case Expectation.OfEvaluation e -> evaluationFrame(e.candidates());
            case Expectation.OfUpdate e -> longestUpdateFrame(network, e.held().valueCount(), e.task());
        };
        return Math.max(good, Frame.OVERHEAD_BYTES + 5 + Failure.MAXIMUM_TEXT_BYTES);
    }

    /** {@link Evaluation}: 30 + 20 · C. */
    public static long evaluationFrame(int candidates) {
        return Frame.OVERHEAD_BYTES + 4 + 4 + 20L * candidates;
    }
}
