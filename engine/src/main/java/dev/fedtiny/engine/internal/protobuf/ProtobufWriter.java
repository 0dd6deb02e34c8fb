package dev.fedtiny.engine.internal.protobuf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * One message in the wire format of protocol buffers, collected field by field. Floats of tensors are not held but asked for while the
 * message is written, so that a model costs the memory of its largest tensor.
 */
public final class ProtobufWriter {
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int FIXED64 = 1;
    private static final int CHUNK_FLOATS = 1 << 14;

    private final List<Object> parts = new ArrayList<>();
    private ByteArrayOutputStream open = new ByteArrayOutputStream();
    private long size;

    /** An empty message. */
    public ProtobufWriter() {
    }

    /** Floats that are written as little-endian bytes. */
    private record Floats(int count, Supplier<float[]> values) {
    }

    /** Adds a number, a negative one in two's complement of 64 bits. */
    public ProtobufWriter number(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    /** Adds a float. */
    public ProtobufWriter real(int field, float value) {
        tag(field, FIXED32);
        raw(ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
        return this;
    }

    /** Adds a double. */
    public ProtobufWriter float64(int field, double value) {
        tag(field, FIXED64);
        raw(ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
        return this;
    }

    /** Adds text. */
    public ProtobufWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds bytes. */
    public ProtobufWriter bytes(int field, byte[] value) {
        tag(field, BYTES);
        varint(value.length);
        raw(value);
        return this;
    }

    /** Adds whole numbers as one packed list. */
    public ProtobufWriter numbers(int field, List<? extends Number> values) {
        ProtobufWriter list = new ProtobufWriter();
        values.forEach(value -> list.varint(value.longValue()));
        return message(field, list);
    }

    /** Adds another message, or any bytes collected by a writer. */
    public ProtobufWriter message(int field, ProtobufWriter inner) {
        tag(field, BYTES);
        varint(inner.size);
        return append(inner);
    }

    /** Adds the fields of another message to this one. */
    public ProtobufWriter append(ProtobufWriter fields) {
        fields.close();
        close();
        parts.addAll(fields.parts);
        size += fields.size;
        return this;
    }

    /** Adds floats as the bytes of one field; they are asked for when the message is written. */
    public ProtobufWriter floats(int field, int count, Supplier<float[]> values) {
        tag(field, BYTES);
        varint((long) count * Float.BYTES);
        close();
        parts.add(new Floats(count, values));
        size += (long) count * Float.BYTES;
        return this;
    }

    /** Bytes of the whole message. */
    public long size() {
        return size;
    }

    /** Writes the message. */
    public void write(OutputStream out) throws IOException {
        close();
        for (Object part : parts) {
            if (part instanceof byte[] bytes) {
                out.write(bytes);
            } else {
                write((Floats) part, out);
            }
        }
    }

    private static void write(Floats floats, OutputStream out) throws IOException {
        float[] values = floats.values().get();
        if (values.length != floats.count()) {
            throw new IllegalStateException("protobuf: " + values.length + " floats, announced were " + floats.count());
        }
        ByteBuffer chunk = ByteBuffer.allocate(Math.min(values.length, CHUNK_FLOATS) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += CHUNK_FLOATS) {
            int count = Math.min(CHUNK_FLOATS, values.length - from);
            chunk.asFloatBuffer().put(values, from, count);
            out.write(chunk.array(), 0, count * Float.BYTES);
        }
    }

    private void tag(int field, int wire) {
        varint((long) field << 3 | wire);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            open.write((int) (rest & 0x7F | 0x80));
            size++;
            rest >>>= 7;
        }
        open.write((int) rest);
        size++;
    }

    private void raw(byte[] value) {
        open.writeBytes(value);
        size += value.length;
    }

    private void close() {
        if (open.size() > 0) {
            parts.add(open.toByteArray());
            open = new ByteArrayOutputStream();
        }
    }
}
