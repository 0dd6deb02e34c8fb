package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;

/**
 * A device did as told and has nothing else to say. Payload: mask version (4).
 *
 * @param maskVersion the mask it holds, or -1 for none
 */
public record Ready(int maskVersion) implements DeviceMessage {
    @Override
    public MessageKind kind() {
        return MessageKind.READY;
    }

    @Override
    public void write(PayloadWriter writer, Network network) {
        writer.int32(maskVersion);
    }

    /** A device that did as told. */
    public record Expected() implements Expectation {
        @Override
        public MessageKind kind() {
            return MessageKind.READY;
        }

        @Override
        public Ready read(PayloadReader reader, Network network) {
            return new Ready(reader.int32In("mask version", CachedMasks.NONE, Integer.MAX_VALUE));
        }

        @Override
        public long longestPayload(Network network) {
            return 4;
        }
    }
}
