package dev.fedtiny.protocol;

import dev.fedtiny.privacy.SumId;

/** A step of a secure sum, in their order: keys are shown, secrets are shared, values are masked, masks are taken off. */
public sealed interface SecureRequest extends ServerMessage permits KeyRequest, ShareRequest, MaskedRequest, UnmaskRequest {
    /** {@return which sum it belongs to} */
    SumId sum();

    /**
     * Writes the name of a sum.
     *
     * @param writer takes 16 bytes
     * @param sum its name
     */
    static void write(PayloadWriter writer, SumId sum) {
        writer.int64(sum.high()).int64(sum.low());
    }

    /**
     * Reads what {@link #write(PayloadWriter, SumId)} wrote.
     *
     * @param reader at its first byte
     * @return the name
     */
    static SumId readSum(PayloadReader reader) {
        return new SumId(reader.int64(), reader.int64());
    }
}
