package dev.fedtiny.protocol;

/**
 * A device presents itself. Payload: fingerprint (8), fused multiply-add (1), samples (4), development samples (4), release length (1) and
 * release (UTF-8).
 *
 * @param networkFingerprint see {@link NetworkFingerprint}
 * @param platform what decides whether its bits equal those of other machines
 * @param samples n_k, at least 1
 * @param developmentSamples how many of them are used for BN selection, at least 1
 */
public record Hello(long networkFingerprint, Platform platform, int samples, int developmentSamples) implements DeviceMessage {
    @Override
    public MessageKind kind() {
        return MessageKind.HELLO;
    }
}
