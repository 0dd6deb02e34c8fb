package dev.fedtiny.protocol;

import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * Gives a fresh device the mask that the one before it had acknowledged, so that a resumed run goes on as if never interrupted.
 * Answered by {@link Ready}. Payload: mask version (4), masks of the prunable parameters ({@link MaskCodec}), whether initial values
 * follow (1), and if so those of all parameters at all positions (4 each).
 *
 * @param maskVersion its version
 * @param masks one a parameter of the network
 * @param initial dense values that a device with a sub-network of its own goes back to; empty where it has none; not to be changed
 */
public record Restore(int maskVersion, List<Mask> masks, List<float[]> initial) implements ServerMessage {
    /** Keeps its own lists. */
    public Restore {
        masks = List.copyOf(masks);
        initial = List.copyOf(initial);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.RESTORE;
    }
}
