package dev.fedtiny.protocol;

import java.util.List;
import java.util.Objects;

/**
 * What a device learnt in a round: θ_k, n_k, and what its task asked for. Payload: mask version (4), n_k (4), summed loss (8), training
 * time (8), masks if the task changes them, kept values (4 each), the rest of the result as {@link LocalResult} has it.
 *
 * @param maskVersion the mask that was sent
 * @param samples n_k
 * @param lossSum cross entropy summed over the samples trained on (n_k, but for held-out ones) and E epochs
 * @param nanos time the device spent training
 * @param values kept values, one array a parameter in {@code state_dict} order; not to be changed
 * @param result of the task; its masks, if it has any, are those of the values
 */
public record Update(int maskVersion, int samples, double lossSum, long nanos, List<float[]> values, LocalResult result)
        implements DeviceMessage {
    /** Keeps its own lists. */
    public Update {
        values = List.copyOf(values);
        Objects.requireNonNull(result, "result");
    }

    @Override
    public MessageKind kind() {
        return MessageKind.UPDATE;
    }
}
