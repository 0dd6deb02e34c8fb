package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import java.nio.charset.StandardCharsets;

/**
 * A device could not do what was asked. Payload: cause (1), length (4) and text (UTF-8).
 *
 * @param cause what sort of failure
 * @param text one sentence; what is over 512 bytes in UTF-8 is cut off
 */
public record Failure(Cause cause, String text) implements DeviceMessage {
    /** The most bytes of the text. */
    static final int MAXIMUM_TEXT_BYTES = 512;
    /** The longest payload. */
    static final int LONGEST_PAYLOAD = 1 + 4 + MAXIMUM_TEXT_BYTES;

    /** Sorts of failure. */
    public enum Cause {
        /** The request was no valid message. */
        BAD_REQUEST,
        /** Training or evaluation gave numbers that are not finite. */
        NOT_FINITE,
        /** There was not enough memory. */
        OUT_OF_MEMORY,
        /** Anything else. */
        OTHER
    }

    /** Cuts the text. */
    public Failure {
        text = text.length() > MAXIMUM_TEXT_BYTES ? text.substring(0, MAXIMUM_TEXT_BYTES) : text;
        while (text.getBytes(StandardCharsets.UTF_8).length > MAXIMUM_TEXT_BYTES) {
            text = text.substring(0, text.offsetByCodePoints(text.length(), -1));
        }
    }

    @Override
    public MessageKind kind() {
        return MessageKind.FAILURE;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writer.int8(cause.ordinal()).int32(bytes.length).bytes(bytes);
    }

    static Failure read(PayloadReader reader) {
        Cause cause = Cause.values()[reader.int8In("cause", Cause.values().length - 1)];
        int length = reader.int32In("text length", 0, MAXIMUM_TEXT_BYTES);
        // What a stranger says ends up in logs and on terminals: no control characters.
        String text = new String(reader.bytes(length), StandardCharsets.UTF_8);
        return new Failure(cause, text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " "));
    }
}
