package dev.fedtiny.protocol;

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
}
