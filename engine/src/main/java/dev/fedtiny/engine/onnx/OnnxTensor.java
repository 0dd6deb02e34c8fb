package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.io.ByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A constant tensor of a file (onnx.proto, TensorProto): what it is and where its numbers lie; they are read when they are asked for.
 *
 * @param name its key; empty in an attribute
 * @param shape extents, the last one fastest; empty for a scalar
 * @param type of the elements
 * @param external whether the numbers are in another file
 * @param content the message it is written in
 */
record OnnxTensor(String name, List<Long> shape, Type type, boolean external, ProtobufReader content) {
    private static final int FLOAT_DATA = 4;
    private static final int INT32_DATA = 5;
    private static final int INT64_DATA = 7;
    private static final int RAW_DATA = 9;
    private static final int DOUBLE_DATA = 10;

    private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

    /** Types of elements by their number in the format, and where they are written when not as raw bytes. */
    enum Type {
        /** Binary32. */
        FLOAT(1, Float.BYTES, FLOAT_DATA),
        /** Two's complement of 32 bits. */
        INT32(6, Integer.BYTES, INT32_DATA),
        /** Two's complement of 64 bits. */
        INT64(7, Long.BYTES, INT64_DATA),
        /** A byte that is 0 or 1. */
        BOOL(9, Byte.BYTES, INT32_DATA),
        /** Binary16; in typed form its bits as numbers. */
        FLOAT16(10, Short.BYTES, INT32_DATA),
        /** Binary64. */
        DOUBLE(11, Double.BYTES, DOUBLE_DATA),
        /** The upper half of a binary32; in typed form its bits as numbers. */
        BFLOAT16(16, Short.BYTES, INT32_DATA),
        /** Any other. */
        OTHER(0, 0, 0);

        private final int number;
        private final int bytes;
        private final int typedField;

        Type(int number, int bytes, int typedField) {
            this.number = number;
            this.bytes = bytes;
            this.typedField = typedField;
        }

        static Type of(long number) {
            for (Type type : values()) {
                if (type.number == number) {
                    return type;
                }
            }
            return OTHER;
        }

        boolean isWhole() {
            return this == INT32 || this == INT64;
        }

        boolean isFloating() {
            return this == FLOAT || this == FLOAT16 || this == DOUBLE || this == BFLOAT16;
        }
    }

    /** Keeps its own copy of the shape. */
    OnnxTensor {
        shape = List.copyOf(shape);
    }

    /** Floats that are written in a node. */
    static OnnxTensor of(String source, List<Long> shape, List<Float> numbers) {
        float[] values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers.get(i);
        }
        return written(source, shape, Type.FLOAT, new ProtobufWriter().floats(RAW_DATA, values.length, () -> values));
    }

    /** Whole numbers that are written in a node. */
    static OnnxTensor ofWholes(String source, List<Long> shape, List<Long> numbers) {
        return written(source, shape, Type.INT64, new ProtobufWriter().numbers(INT64_DATA, numbers));
    }

    private static OnnxTensor written(String source, List<Long> shape, Type type, ProtobufWriter message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            message.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OnnxTensor("", shape, type, false, ProtobufReader.of(ByteSource.of(bytes.toByteArray(), source), "Constant"));
    }

    private interface Sink {
        void put(int index, ProtobufReader from, int field) throws IOException;
    }

    /** The number of elements that the shape has. */
    int elements() throws OnnxException {
        long product = 1;
        for (long extent : shape) {
            if (extent < 0 || extent != 0 && product > MOST_ELEMENTS / extent) {
                throw failure("has shape " + text() + ", expected extents of at least 0 and at most 2^31 - 9 elements");
            }
            product *= extent;
        }
        return (int) product;
    }

    /** The extents as messages have them, for example {@code 4x3x3x3}. */
    String text() {
        return shape.isEmpty() ? "(scalar)" : shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }

    /** Reads a tensor of a floating-point type; doubles are rounded. */
    float[] floats() throws IOException {
        if (!type.isFloating()) {
            throw failure("is of type " + type + ", expected FLOAT, FLOAT16, BFLOAT16 or DOUBLE");
        }
        check();
        float[] values = new float[elements()];
        read((index, from, field) -> values[index] = switch (type) {
            case FLOAT -> Float.intBitsToFloat(from.packed32());
            case DOUBLE -> (float) Double.longBitsToDouble(from.packed64());
            case FLOAT16 -> Float.float16ToFloat(half(from, field));
            default -> Float.intBitsToFloat(half(from, field) << 16);
        });
        return values;
    }

    /** Reads a tensor of whole numbers. */
    long[] longs() throws IOException {
        if (type != Type.INT64 && type != Type.INT32) {
            throw failure("is of type " + type + ", expected INT64 or INT32");
        }
        check();
        long[] values = new long[elements()];
        read((index, from, field) -> values[index] = field != RAW_DATA ? from.packedVarint()
                : type == Type.INT64 ? from.packed64() : from.packed32());
        return values;
    }

    /** Reads a tensor of truth values. */
    boolean[] truths() throws IOException {
        if (type != Type.BOOL) {
            throw failure("is of type " + type + ", expected BOOL");
        }
        check();
        boolean[] values = new boolean[elements()];
        // A byte that is 0 or 1 is such a number of variable length, too.
        read((index, from, _) -> values[index] = from.packedVarint() != 0);
        return values;
    }

    private static short half(ProtobufReader from, int field) throws IOException {
        return field == RAW_DATA ? from.packed16() : (short) from.packedVarint();
    }

    /** Whether as many elements are there as the shape has; reads none, and allocates nothing for them. */
    void check() throws IOException {
        if (external) {
            throw failure("has its data in another file (external data), which is never opened; save the model as one file, in Python "
                    + "onnx.save_model(model, path, save_as_external_data=False)");
        }
        if (type == Type.OTHER) {
            throw failure("is of an element type that is not taken, expected FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT32, INT64 or BOOL");
        }
        int expected = elements();
        long found = count(RAW_DATA);
        if (found % type.bytes != 0) {
            throw failure("is " + type + " " + text() + " and holds " + found + " raw bytes, which is no multiple of " + type.bytes);
        }
        found = found > 0 ? found / type.bytes : count(type.typedField);
        if (found != expected) {
            throw failure("declares " + text() + ", " + expected + " elements, and holds " + found);
        }
    }

    /** Bytes of the raw field, or elements of a typed one. */
    private long count(int wanted) throws IOException {
        long count = 0;
        ProtobufReader fields = content.over(content.position(), content.end());
        while (fields.next()) {
            if (fields.field() != wanted) {
                fields.skip();
            } else if (fields.wire() != ProtobufReader.Wire.BYTES) {
                fields.expect(single(wanted));
                fields.skip();
                count++;
            } else {
                ProtobufReader range = fields.packed();
                long bytes = range.end() - range.position();
                count += wanted == RAW_DATA ? bytes : wanted == FLOAT_DATA ? wholes(bytes, Float.BYTES)
                        : wanted == DOUBLE_DATA ? wholes(bytes, Double.BYTES) : varints(range);
            }
        }
        return count;
    }

    /** How a number of a list that is not packed is written; raw bytes are in one piece. */
    private static ProtobufReader.Wire single(int field) {
        return switch (field) {
            case RAW_DATA -> ProtobufReader.Wire.BYTES;
            case FLOAT_DATA -> ProtobufReader.Wire.FIXED32;
            case DOUBLE_DATA -> ProtobufReader.Wire.FIXED64;
            default -> ProtobufReader.Wire.VARINT;
        };
    }

    private long wholes(long bytes, int size) throws OnnxException {
        if (bytes % size != 0) {
            throw failure("has a list of numbers of " + bytes + " bytes, which is no multiple of " + size);
        }
        return bytes / size;
    }

    private static long varints(ProtobufReader range) throws IOException {
        long count = 0;
        while (range.position() < range.end()) {
            range.packedVarint();
            count++;
        }
        return count;
    }

    /** Hands out the elements one after the other; {@link #check} has counted them. */
    private void read(Sink sink) throws IOException {
        int wanted = count(RAW_DATA) > 0 ? RAW_DATA : type.typedField;
        int index = 0;
        ProtobufReader fields = content.over(content.position(), content.end());
        while (fields.next()) {
            if (fields.field() != wanted) {
                fields.skip();
                continue;
            }
            long start = fields.position();
            ProtobufReader range;
            if (fields.wire() == ProtobufReader.Wire.BYTES) {
                range = fields.packed();
            } else {
                fields.skip();
                range = fields.over(start, fields.position());
            }
            while (range.position() < range.end()) {
                sink.put(index++, range, wanted);
            }
        }
    }

    /** What is wrong with this tensor. */
    OnnxException failure(String problem) {
        return content.failure(content.position(), (name.isEmpty() ? "the tensor " : "'" + name + "' ") + problem);
    }
}
