package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Counts the bytes that a message writes, and makes none of them. A mask costs O(31·m) when it is first seen. Not thread-safe. */
public final class ByteCounter implements PayloadWriter {
    /** Lengths of masks already counted: in most rounds all devices get the same ones. */
    private final Map<Mask, Long> masks = new IdentityHashMap<>();
    private long bytes;

    /** A counter that has counted nothing. */
    public ByteCounter() {
    }

    /**
     * Length of a message's frame.
     *
     * @param message counted, not written
     * @param network the run's, whose parameters the message is about
     * @return bytes, with header and checksum
     */
    public long frameBytes(Message message, Network network) {
        bytes = 0;
        message.write(this, network);
        return Frame.OVERHEAD_BYTES + bytes;
    }

    /** {@return how many bytes were written since the last message was begun} */
    public long bytes() {
        return bytes;
    }

    private ByteCounter add(long more) {
        bytes += more;
        return this;
    }

    @Override
    public ByteCounter int8(int value) {
        return add(1);
    }

    @Override
    public ByteCounter int32(int value) {
        return add(Integer.BYTES);
    }

    @Override
    public ByteCounter int64(long value) {
        return add(Long.BYTES);
    }

    @Override
    public ByteCounter float32(float value) {
        return add(Float.BYTES);
    }

    @Override
    public ByteCounter float64(double value) {
        return add(Double.BYTES);
    }

    @Override
    public ByteCounter bytes(byte[] values) {
        return add(values.length);
    }

    /** Makes no piece. */
    @Override
    public ByteCounter pieces(long count, Supplier<byte[]> next) {
        return add(count);
    }

    @Override
    public ByteCounter float32s(float[] values) {
        return add((long) Float.BYTES * values.length);
    }

    @Override
    public ByteCounter mask(Mask mask) {
        return add(masks.computeIfAbsent(mask, MaskCodec::encodedBytes));
    }
}
