package dev.fedtiny.protocol;

import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Writes one frame, little-endian: into an array of exactly its length, or piece by piece into a sink, so that no more than a window of it
 * is ever in memory.
 */
public final class FrameWriter implements PayloadWriter {
    /** What is held of a frame that goes into a sink. */
    public static final int WINDOW_BYTES = 1 << 16;

    private final ByteBuffer buffer;
    private final FrameSink sink;
    private final CRC32C crc = new CRC32C();
    /** Bytes not yet written, checksum included. */
    private long left;

    /**
     * A frame with a payload of so many bytes, as one array.
     *
     * @param kind of the message
     * @param round r, from 0 on; {@link Frame#NO_ROUND} before the first
     * @param device the device it is for or from
     * @param payloadBytes exactly as many as will be written
     */
    public FrameWriter(MessageKind kind, int round, int device, long payloadBytes) {
        this(kind, round, device, payloadBytes, Integer.MAX_VALUE, null);
    }

    /**
     * A frame whose bytes go to a sink as they are written.
     *
     * @param kind of the message
     * @param round r, from 0 on; {@link Frame#NO_ROUND} before the first
     * @param device the device it is for or from
     * @param payloadBytes exactly as many as will be written
     * @param sink takes the frame piece by piece
     */
    public FrameWriter(MessageKind kind, int round, int device, long payloadBytes, FrameSink sink) {
        this(kind, round, device, payloadBytes, WINDOW_BYTES, sink);
    }

    private FrameWriter(MessageKind kind, int round, int device, long payloadBytes, int window, FrameSink sink) {
        if (payloadBytes > Frame.MAXIMUM_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("message " + kind + " has a payload of " + payloadBytes + " bytes, at most "
                    + Frame.MAXIMUM_PAYLOAD_BYTES + " fit a frame; use fewer candidates or a smaller network");
        }
        left = payloadBytes + 4;
        buffer = ByteBuffer.allocate(Math.min(window, Frame.OVERHEAD_BYTES + (int) payloadBytes)).order(ByteOrder.LITTLE_ENDIAN);
        this.sink = sink;
        Frame.putHeader(buffer, kind, round, device, (int) payloadBytes);
    }

    /** The buffer with room for so many bytes more. */
    private ByteBuffer room(int bytes) {
        if (bytes > left - 4) {
            throw new IllegalStateException("frame has room for " + (left - 4) + " bytes, " + bytes + " more are to be written");
        }
        left -= bytes;
        return flushed(bytes);
    }

    private ByteBuffer flushed(int bytes) {
        if (buffer.remaining() < bytes) {
            crc.update(buffer.array(), 0, buffer.position());
            emit();
        }
        return buffer;
    }

    private void emit() {
        try {
            sink.write(buffer.array(), 0, buffer.position());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        buffer.clear();
    }

    @Override
    public FrameWriter int8(int value) {
        room(1).put((byte) value);
        return this;
    }

    @Override
    public FrameWriter int32(int value) {
        room(4).putInt(value);
        return this;
    }

    @Override
    public FrameWriter int64(long value) {
        room(8).putLong(value);
        return this;
    }

    @Override
    public FrameWriter float32(float value) {
        room(4).putFloat(value);
        return this;
    }

    @Override
    public FrameWriter float64(double value) {
        room(8).putDouble(value);
        return this;
    }

    @Override
    public FrameWriter bytes(byte[] values) {
        for (int from = 0; from < values.length;) {
            int count = Math.min(values.length - from, Math.max(1, buffer.remaining()));
            room(count).put(values, from, count);
            from += count;
        }
        return this;
    }

    @Override
    public FrameWriter float32s(float[] values) {
        for (int from = 0; from < values.length;) {
            int count = Math.min(values.length - from, Math.max(1, buffer.remaining() / 4));
            room(4 * count).asFloatBuffer().put(values, from, count);
            buffer.position(buffer.position() + 4 * count);
            from += count;
        }
        return this;
    }

    @Override
    public FrameWriter mask(Mask mask) {
        MaskCodec.write(this, mask);
        return this;
    }

    /**
     * Adds the checksum.
     *
     * @return the whole frame; where there is a sink an array of no meaning, since the sink has it all
     */
    public byte[] finish() {
        if (left != 4) {
            throw new IllegalStateException("frame has room for " + (left - 4) + " bytes more than were written");
        }
        flushed(4);
        crc.update(buffer.array(), 0, buffer.position());
        buffer.putInt((int) crc.getValue());
        if (sink != null) {
            emit();
        }
        return buffer.array();
    }
}
