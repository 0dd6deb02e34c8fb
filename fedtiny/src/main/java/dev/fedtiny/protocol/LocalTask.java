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
    /** By what a device knows it. */
    TaskKind kind();

    /** Writes what follows the kind; {@link TaskKind#reader} reads it. Nothing, unless the task says something else. */
    default void write(PayloadWriter writer) {
    }

    /** Layers whose pruned positions matter, in the order of the answer; empty in most rounds. */
    default List<GrowthRequest> layers() {
        return List.of();
    }

    /** Whether local steps give gradients at pruned positions. */
    default boolean grows() {
        return !layers().isEmpty();
    }

    /** Whether the values as they came are still needed when training has begun, which otherwise overwrites them. */
    default boolean comparesLater() {
        return false;
    }

    /** The task as a device gets it that holds nothing of what the server believes it to hold ({@link Restore#held}). */
    default LocalTask forFreshDevice(List<float[]> held) {
        return this;
    }

    /**
     * Reads what {@link LocalResult#write} wrote, trusting nothing; the values of the update at their place, by
     * {@link UpdateReader#values}.
     *
     * @throws ProtocolException if it is no answer to this task
     */
    default LocalResult readResult(UpdateReader update) {
        update.values(update.sent());
        return new LocalResult.None();
    }

    /** The most bytes that a result takes beside the update's values; exact for tasks that do not grow. */
    default long longestResult(Network network) {
        return 0;
    }

    /** The result of a device that did not train: what {@link #flops(ModelState, Workload, LocalResult)} needs of it. */
    default LocalResult untrained(List<Mask> masks, Workload work) {
        return new LocalResult.None();
    }

    /**
     * Exact FLOPs, known before a device is asked: forward, activation gradient and gradients at active positions of all samples in E
     * epochs, and gradients at pruned positions of {@link #layers()} for one batch.
     *
     * @param sent the model the device gets
     */
    default long flops(ModelState sent, Workload work) {
        List<Integer> grown = layers().stream().map(GrowthRequest::parameter).toList();
        return Exact.sum("FLOPs of a device's round", ExactCost.trainingFlops(sent, work.images()),
                ExactCost.growthFlops(sent, grown, work.growthImages()));
    }

    /** The same when the device has answered; another figure where it decides by itself how much it does. */
    default long flops(ModelState sent, Workload work, LocalResult result) {
        return flops(sent, work);
    }

    /** Bytes that a device holds for the task beside its session. */
    default long bufferBytes(Network network) {
        return layers().stream().mapToLong(layer -> TopK.bytes(layer.limit())).sum();
    }
}
