package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;

/**
 * What server and devices say to each other. A message is one file: a record whose comment states its payload, which writes itself, and
 * beside that reads itself, trusting nothing: a request by the reader that {@link MessageKind} names, an answer by the {@link Expectation}
 * of it.
 */
public sealed interface Message permits ServerMessage, DeviceMessage {
    /** {@return what a frame of this message is marked as} */
    MessageKind kind();

    /**
     * Writes the payload.
     *
     * @param writer makes the bytes, or counts them
     * @param network the run's
     */
    void write(PayloadWriter writer, Network network);
}
