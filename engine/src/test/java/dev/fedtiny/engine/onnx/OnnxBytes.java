package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/** Models written by hand, message by message; the numbers are those of onnx.proto. */
final class OnnxBytes {
    private final ProtobufWriter graph = new ProtobufWriter();
    private long opset = 17;

    private OnnxBytes() {
    }

    /** A model that reads {@code input} of these extents; 0 is a free one. */
    static OnnxBytes of(long... extents) {
        OnnxBytes model = new OnnxBytes();
        model.graph.message(11, value("input", extents)).message(12, value("output"));
        return model;
    }

    /** An input or output of float32. */
    static ProtobufWriter value(String name, long... extents) {
        ProtobufWriter shape = new ProtobufWriter();
        for (long extent : extents) {
            shape.message(1, extent == 0 ? new ProtobufWriter().text(2, "N") : new ProtobufWriter().number(1, extent));
        }
        ProtobufWriter tensor = new ProtobufWriter().number(1, 1);
        if (extents.length > 0) {
            tensor.message(2, shape);
        }
        return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
    }

    /** A tensor of float32. */
    static ProtobufWriter floats(String name, List<Integer> shape, float... values) {
        return new ProtobufWriter().numbers(1, shape).number(2, 1).text(8, name).floats(9, values.length, () -> values);
    }

    /** A tensor of float32 of which every value is the same. */
    static ProtobufWriter filled(String name, List<Integer> shape, float value) {
        float[] values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
        Arrays.fill(values, value);
        return floats(name, shape, values);
    }

    /** A tensor of int64, in typed form. */
    static ProtobufWriter longs(String name, List<Integer> shape, Long... values) {
        return new ProtobufWriter().numbers(1, shape).number(2, 7).text(8, name).numbers(7, List.of(values));
    }

    /** A tensor of one truth value, as raw bytes. */
    static ProtobufWriter truth(String name, boolean value) {
        return new ProtobufWriter().number(2, 9).text(8, name).bytes(9, new byte[] {(byte) (value ? 1 : 0)});
    }

    /** An attribute of whole numbers. */
    static ProtobufWriter wholes(String name, Integer... values) {
        return new ProtobufWriter().text(1, name).numbers(8, List.of(values)).number(20, 7);
    }

    /** An attribute of one whole number. */
    static ProtobufWriter whole(String name, long value) {
        return new ProtobufWriter().text(1, name).number(3, value).number(20, 2);
    }

    /** An attribute of one number. */
    static ProtobufWriter real(String name, float value) {
        return new ProtobufWriter().text(1, name).real(2, value).number(20, 1);
    }

    /** An attribute that is text. */
    static ProtobufWriter text(String name, String value) {
        return new ProtobufWriter().text(1, name).text(4, value).number(20, 3);
    }

    /** An attribute that is a tensor. */
    static ProtobufWriter tensor(String name, ProtobufWriter value) {
        return new ProtobufWriter().text(1, name).message(5, value).number(20, 4);
    }

    /** Adds any field of the graph. */
    OnnxBytes with(int field, ProtobufWriter value) {
        graph.message(field, value);
        return this;
    }

    /** Adds an initializer. */
    OnnxBytes constant(ProtobufWriter tensor) {
        return with(5, tensor);
    }

    /** Adds a node that is called as its operator, in lower case. */
    OnnxBytes node(String operator, List<String> inputs, String output, ProtobufWriter... attributes) {
        ProtobufWriter node = new ProtobufWriter();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(3, operator.toLowerCase(java.util.Locale.ROOT)).text(4, operator);
        for (ProtobufWriter attribute : attributes) {
            node.message(5, attribute);
        }
        return with(1, node);
    }

    /** Another operator set than 17. */
    OnnxBytes opset(long version) {
        opset = version;
        return this;
    }

    /** The file. */
    byte[] bytes() {
        return bytes(new ProtobufWriter().number(1, 8).text(2, "test").message(7, graph)
                .message(8, new ProtobufWriter().text(1, "").number(2, opset)));
    }

    static byte[] bytes(ProtobufWriter message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            message.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
