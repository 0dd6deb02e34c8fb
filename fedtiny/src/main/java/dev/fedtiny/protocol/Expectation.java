package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;

/** What the server knows a good answer must be: it reads the answer, against sizes and bounds. Every kind of answer has its own. */
public interface Expectation {
    /** {@return the kind of a good answer} */
    MessageKind kind();

    /**
     * Reads the payload, trusting nothing.
     *
     * @param reader at the payload's first byte
     * @param network the run's
     * @return the answer, every value of it checked
     * @throws ProtocolException if it is not what was expected
     */
    DeviceMessage read(PayloadReader reader, Network network);

    /**
     * The most bytes that the payload of a good answer may have.
     *
     * @param network the run's
     * @return bytes, a bound that is known before the answer comes
     */
    long longestPayload(Network network);
}
