package dev.fedtiny.federation;

import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * Gives a fresh device the mask that the one before it had acknowledged, so that a resumed run goes on as if never interrupted.
 * Answered by {@link Ready}. Payload: mask version (4), masks of the prunable parameters ({@link MaskCodec}).
 *
 * @param maskVersion its version
 * @param masks one a parameter of the network
 */
public record Restore(int maskVersion, List<Mask> masks) implements ServerMessage {
    /** Keeps its own list. */
    public Restore {
        masks = List.copyOf(masks);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.RESTORE;
    }
}
