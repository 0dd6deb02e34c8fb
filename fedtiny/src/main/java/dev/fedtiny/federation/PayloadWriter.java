package dev.fedtiny.federation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes one frame into an array of exactly its length, little-endian. */
final class PayloadWriter {
    private final byte[] frame;
    private final ByteBuffer buffer;

    /** A frame with a payload of so many bytes. */
    PayloadWriter(MessageKind kind, int round, int device, long payloadBytes) {
        if (payloadBytes > Frame.MAXIMUM_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("message " + kind + " has a payload of " + payloadBytes + " bytes, at most "
                    + Frame.MAXIMUM_PAYLOAD_BYTES + " fit a frame; use fewer candidates or a smaller network");
        }
        frame = new byte[Frame.OVERHEAD_BYTES + (int) payloadBytes];
        buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        Frame.putHeader(buffer, kind, round, device);
    }

    PayloadWriter int8(int value) {
        buffer.put((byte) value);
        return this;
    }

    PayloadWriter int32(int value) {
        buffer.putInt(value);
        return this;
    }

    PayloadWriter int64(long value) {
        buffer.putLong(value);
        return this;
    }

    PayloadWriter float32(float value) {
        buffer.putFloat(value);
        return this;
    }

    PayloadWriter float64(double value) {
        buffer.putDouble(value);
        return this;
    }

    PayloadWriter bytes(byte[] values) {
        buffer.put(values);
        return this;
    }

    PayloadWriter float32s(float[] values) {
        buffer.asFloatBuffer().put(values);
        buffer.position(buffer.position() + 4 * values.length);
        return this;
    }

    /** Adds the checksum and hands the frame over. */
    byte[] finish() {
        if (buffer.remaining() != 4) {
            throw new IllegalStateException("frame has room for " + (buffer.remaining() - 4) + " bytes more than were written");
        }
        buffer.putInt(Frame.checksum(frame));
        return frame;
    }
}
