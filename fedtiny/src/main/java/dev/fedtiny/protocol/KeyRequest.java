package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.privacy.SumId;

/**
 * A secure sum begins: make keys for it. Whatever the device held of an earlier one is forgotten. Answered by {@link SumKeys}. Payload:
 * name of the sum (16).
 *
 * @param sum a name that no sum had before
 */
public record KeyRequest(SumId sum) implements SecureRequest {
    @Override
    public MessageKind kind() {
        return MessageKind.KEY_REQUEST;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        SecureRequest.write(writer, sum);
    }

    static KeyRequest read(PayloadReader reader, RequestContext context) {
        return new KeyRequest(SecureRequest.readSum(reader));
    }
}
