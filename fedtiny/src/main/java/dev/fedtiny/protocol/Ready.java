package dev.fedtiny.protocol;

/**
 * A device did as told and has nothing else to say. Payload: mask version (4).
 *
 * @param maskVersion the mask it holds, or -1 for none
 */
public record Ready(int maskVersion) implements DeviceMessage {
    @Override
    public MessageKind kind() {
        return MessageKind.READY;
    }
}
