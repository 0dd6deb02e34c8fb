package dev.fedtiny.federation;

import java.util.List;

/**
 * What a device learnt in a round: θ_k, n_k, and in an adjustment its largest gradients. Payload: mask version (4), n_k (4), summed loss
 * (8), training time (8), kept values (4 each), then for every layer asked the number of pairs (4) and the pairs (index 4, value 4).
 *
 * @param maskVersion the mask the values belong to
 * @param samples n_k
 * @param lossSum cross entropy summed over n_k samples and E epochs
 * @param nanos time the device spent training
 * @param values kept values, one array a parameter in {@code state_dict} order; not to be changed
 * @param growth one a request, in its order
 */
public record Update(int maskVersion, int samples, double lossSum, long nanos, List<float[]> values, List<Growth> growth)
        implements DeviceMessage {
    /** Keeps its own lists. */
    public Update {
        values = List.copyOf(values);
        growth = List.copyOf(growth);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.UPDATE;
    }
}
