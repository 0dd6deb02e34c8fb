package dev.fedtiny.protocol;

import dev.fedtiny.engine.sparse.Mask;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A round's work: θ, the mask when its version changed, and what to do besides training. Answered by {@link Update}. Payload: mask
 * version (4), whether masks follow (1), epochs (4), batch (4), learning rate (8), masks of the prunable parameters
 * ({@link MaskCodec}) if any, the task as {@link LocalTask} has it (1 or more), then all kept values (4 each).
 *
 * @param maskVersion the mask the values belong to
 * @param masks one a parameter, if the device does not hold this version
 * @param values kept values, one array a parameter in {@code state_dict} order; not to be changed
 * @param epochs E
 * @param batch B
 * @param learningRate of every local step
 * @param task what the device does besides E epochs of training
 */
public record Train(int maskVersion, Optional<List<Mask>> masks, List<float[]> values, int epochs, int batch, double learningRate,
        LocalTask task) implements ServerMessage {
    /** Keeps its own lists. */
    public Train {
        masks = masks.map(List::copyOf);
        values = List.copyOf(values);
        Objects.requireNonNull(task, "task");
    }

    @Override
    public MessageKind kind() {
        return MessageKind.TRAIN;
    }
}
