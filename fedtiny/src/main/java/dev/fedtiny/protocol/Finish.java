package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;

/** The run is over; answered by {@link Ready}. No payload. */
public record Finish() implements ServerMessage {
    @Override
    public MessageKind kind() {
        return MessageKind.FINISH;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        // The kind says it all.
    }

    static Finish read(PayloadReader reader, RequestContext context) {
        return new Finish();
    }
}
