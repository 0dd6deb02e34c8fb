package dev.fedtiny.protocol;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import java.util.List;

/**
 * What a device does with the weights of a {@link Train} message besides E epochs of training under their mask, as a message part: it
 * writes itself, reads what the device answers, and tells what both cost. A method brings its own, in its own file; its provider names the
 * {@link TaskKind} by which devices read it. What does the work, on the device, is {@code dev.fedtiny.device.DeviceTask}. Immutable.
 */
public interface LocalTask {
    /** {@return by what a device knows it} */
    TaskKind kind();

    /**
     * Writes what follows the kind; {@link TaskKind#reader} reads it. Nothing, unless the task says something else.
     *
     * @param writer stands behind the kind
     */
    default void write(PayloadWriter writer) {
    }

    /** {@return layers whose pruned positions matter, in the order of the answer; empty in most rounds} */
    default List<GrowthRequest> layers() {
        return List.of();
    }

    /** {@return whether local steps give gradients at pruned positions} */
    default boolean grows() {
        return !layers().isEmpty();
    }

    /** {@return whether the values as they came are still needed when training has begun, which otherwise overwrites them} */
    default boolean comparesLater() {
        return false;
    }

    /**
     * The task as a device gets it that holds nothing of what the server believes it to hold ({@link Restore#held}).
     *
     * @param held dense values, one array a parameter; empty where it holds none
     * @return by default the same task
     */
    default LocalTask forFreshDevice(List<float[]> held) {
        return this;
    }

    /**
     * Reads what {@link LocalResult#write} wrote, trusting nothing; the values of the update at their place, by
     * {@link UpdateReader#values}.
     *
     * @param update the answer, of which the values have yet to be read
     * @return by default nothing but the values
     * @throws ProtocolException if it is no answer to this task
     */
    default LocalResult readResult(UpdateReader update) {
        update.values(update.sent());
        return new LocalResult.None();
    }

    /**
     * Layers whose positions devices vote for where the server may know no more than sums over the devices; the gradients at the positions
     * of most votes are asked for afterwards ({@link GradientRequest}).
     *
     * @return by default none
     */
    default List<GrowthRequest> ballots() {
        return List.of();
    }

    /**
     * How long the arrays of {@link LocalResult#averaged} are, where their length is known before.
     *
     * @param network the run's
     * @return by default there are none
     */
    default List<Integer> averagedLengths(Network network) {
        return List.of();
    }

    /**
     * The most bytes that a result takes beside the update's values; exact for tasks that do not grow.
     *
     * @param network the run's
     * @return bytes
     */
    default long longestResult(Network network) {
        return 0;
    }

    /**
     * The result of a device that did not train: what {@link #flops(ModelState, Workload, LocalResult)} needs of it.
     *
     * @param masks that the device would have trained under
     * @param work how much there would have been to do
     * @return by default nothing
     */
    default LocalResult untrained(List<Mask> masks, Workload work) {
        return new LocalResult.None();
    }

    /**
     * Exact FLOPs, known before a device is asked: forward, activation gradient and gradients at active positions of all samples in E
     * epochs, and gradients at pruned positions of {@link #layers()} for one batch, with its own pass where it has one.
     *
     * @param sent the model the device gets
     * @param work epochs, batch and samples of the device
     * @return FLOPs, two a multiply-add
     */
    default long flops(ModelState sent, Workload work) {
        List<Integer> grown = layers().stream().map(GrowthRequest::parameter).toList();
        return Exact.sum("FLOPs of a device's round",
                ExactCost.trainingFlops(sent, grown.isEmpty() ? work.images() : work.imagesWithGrowth()),
                ExactCost.growthFlops(sent, grown, work.growthImages()));
    }

    /**
     * The same when the device has answered; another figure where it decides by itself how much it does.
     *
     * @param sent the model the device gets
     * @param work epochs, batch and samples of the device
     * @param result what it answered
     * @return FLOPs, two a multiply-add
     */
    default long flops(ModelState sent, Workload work, LocalResult result) {
        return flops(sent, work);
    }

    /**
     * Bytes that a device holds besides where it tells sums only ({@link dev.fedtiny.privacy.SecureAggregation}).
     *
     * @param network the run's
     * @return bytes; by default, of the layers that it votes for, all gradients, 4 a position, until the second sum asks for some, and a
     *         ballot, 1 a position
     */
    default long summedBytes(Network network) {
        return ballots().stream().mapToLong(layer -> 5L * network.parameters().get(layer.parameter()).size()).sum();
    }

    /**
     * Bytes that a device holds for the task beside its session.
     *
     * @param network the run's
     * @return bytes; by default those of the {@link TopK} buffers
     */
    default long bufferBytes(Network network) {
        return layers().stream().mapToLong(layer -> TopK.bytes(layer.limit())).sum();
    }
}
