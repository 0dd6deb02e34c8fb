package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;

/**
 * The first message: who am I talking to? Answered by {@link Hello}. Payload: fingerprint (8 bytes).
 *
 * @param networkFingerprint see {@link NetworkFingerprint}
 */
public record Welcome(long networkFingerprint) implements ServerMessage {
    @Override
    public MessageKind kind() {
        return MessageKind.WELCOME;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int64(networkFingerprint);
    }

    static Welcome read(PayloadReader reader, RequestContext context) {
        return new Welcome(reader.int64());
    }
}
