package dev.fedtiny.protocol;

import java.util.Objects;

/** Bytes that are not the message they should be. Whoever sent them loses a turn; nothing else happens. */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong with the bytes. */
    public enum Fault {
        /** Does not start with the magic number. */
        MAGIC,
        /** Another version of the protocol. */
        VERSION,
        /** Shorter or longer than it says, or longer than allowed. */
        LENGTH,
        /** The checksum does not fit the bytes. */
        CHECKSUM,
        /** Not the kind of message expected here. */
        TYPE,
        /** A message for another round. */
        ROUND,
        /** A message of or for another device. */
        DEVICE,
        /** Values for a mask that is not the one in force. */
        MASK_VERSION,
        /** A weight, statistic or loss that is not a finite number, or a negative variance. */
        VALUE,
        /** Anything else that a well-formed message cannot hold. */
        CONTENT
    }

    private final Fault fault;

    /**
     * An error of a sort, with one clear sentence.
     *
     * @param fault the sort
     * @param message what was found, what was expected
     */
    public ProtocolException(Fault fault, String message) {
        super(message);
        this.fault = Objects.requireNonNull(fault);
    }

    /** {@return what is wrong with the bytes} */
    public Fault fault() {
        return fault;
    }
}
