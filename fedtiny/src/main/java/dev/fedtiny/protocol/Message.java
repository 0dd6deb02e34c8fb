package dev.fedtiny.protocol;

/** What server and devices say to each other; the binary forms are in {@link Codec}. */
public sealed interface Message permits ServerMessage, DeviceMessage {
    /** What a frame of this message is marked as. */
    MessageKind kind();
}
