package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;

/**
 * What server and devices say to each other. A message is one file: a record whose comment states its payload, which writes itself, and
 * beside that reads itself, trusting nothing: a request by the reader that {@link MessageKind} names, an answer by the {@link Expectation}
 * of it.
 */
public sealed interface Message permits ServerMessage, DeviceMessage {
    /** What a frame of this message is marked as. */
    MessageKind kind();

    /** Writes the payload. */
    void write(PayloadWriter writer, Network network);
}
