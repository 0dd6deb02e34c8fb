package dev.fedtiny.protocol;

/** The run is over; answered by {@link Ready}. No payload. */
public record Finish() implements ServerMessage {
    @Override
    public MessageKind kind() {
        return MessageKind.FINISH;
    }
}
