package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;

/** What the server knows a good answer must be: it reads the answer, against sizes and bounds. Every kind of answer has its own. */
public interface Expectation {
    /** The kind of a good answer. */
    MessageKind kind();

    /**
     * Reads the payload, trusting nothing.
     *
     * @throws ProtocolException if it is not what was expected
     */
    DeviceMessage read(PayloadReader reader, Network network);

    /** The most bytes that the payload of a good answer may have. */
    long longestPayload(Network network);
}
