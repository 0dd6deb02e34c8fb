package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * Gives a fresh device what the one before it had acknowledged, so that a resumed run goes on as if never interrupted. Answered by
 * {@link Ready}. Payload: mask version (4), masks of the prunable parameters ({@link MaskCodec}), whether values follow (1), and if so
 * those of all parameters at all positions (4 each).
 *
 * @param maskVersion its version
 * @param masks one a parameter of the network
 * @param held dense values that the device holds for its method; empty where it holds none; not to be changed
 */
public record Restore(int maskVersion, List<Mask> masks, List<float[]> held) implements ServerMessage {
    /** Keeps its own lists. */
    public Restore {
        masks = List.copyOf(masks);
        held = List.copyOf(held);
    }

    @Override
    public MessageKind kind() {
        return MessageKind.RESTORE;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(maskVersion).masks(network, masks).int8(held.isEmpty() ? 0 : 1).float32s(held);
    }

    static Restore read(PayloadReader reader, RequestContext context) {
        return new Restore(reader.maskVersion(), reader.masks(context.network()),
                reader.int8In("initial values flag", 1) == 1 ? reader.dense(context.network()) : List.of());
    }
}
