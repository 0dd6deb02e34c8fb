package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.io.ModelFile.Zeros;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of graphs that cannot be taken: every reason, with its node, operator and attribute. */
class OnnxRefusalTest {
    private static OnnxFile.Imported read(OnnxBytes model) throws IOException {
        return OnnxFile.read(ByteSource.of(model.bytes(), "model.onnx"), Zeros.BY_TYPE);
    }

    /** Two operators that are not known, and attributes that are not taken, behind each other. */
    @Test
    void everyReasonIsNamedAtOnce() {
        OnnxBytes model = OnnxBytes.of(0, 2, 4, 4).constant(OnnxBytes.filled("w", List.of(2, 2, 3, 3), 1))
                .node("LSTM", List.of("input"), "a").node("Conv", List.of("a", "w"), "b", OnnxBytes.wholes("strides", 0, 1),
                        OnnxBytes.whole("grouping", 3))
                .node("MaxPool", List.of("b"), "c", OnnxBytes.wholes("kernel_shape", 2, 2), OnnxBytes.whole("storage_order", 1))
                .node("NonMaxSuppression", List.of("c"), "d").node("Flatten", List.of("input"), "e", OnnxBytes.whole("axis", 2))
                .node("Concat", List.of("d", "e"), "output", OnnxBytes.whole("axis", 1));
        OnnxException failure = assertThrows(OnnxException.class, () -> read(model));
        assertEquals(List.of("LSTM 'lstm': operator LSTM is not supported",
                "Conv 'conv': attribute 'strides' is [0, 1], expected numbers of at least 1",
                "Conv 'conv': attribute 'grouping' is not known",
                "MaxPool 'maxpool': attribute 'storage_order' is 1, expected 0: it orders indices, which are not computed",
                "NonMaxSuppression 'nonmaxsuppression': operator NonMaxSuppression is not supported",
                "Flatten 'flatten': attribute 'axis' is 2, expected 1: images stay apart"), failure.reasons());
        assertTrue(failure.getMessage().startsWith("model.onnx: this model cannot be taken, for 6 reasons: LSTM 'lstm'"),
                failure.getMessage());
    }

    private static OnnxBytes normalized(ProtobufWriter attribute) {
        OnnxBytes model = OnnxBytes.of(0, 1, 1, 2);
        List<String> inputs = List.of("input", "g", "b", "m", "v");
        inputs.stream().skip(1).forEach(name -> model.constant(OnnxBytes.floats(name, List.of(1), 1)));
        return model.node("BatchNormalization", inputs, "output", attribute);
    }

    private static OnnxBytes groups(float scale, String back) {
        return OnnxBytes.of(0, 4, 2, 2).constant(OnnxBytes.longs("s", List.of(3), 0L, 2L, -1L)).constant(OnnxBytes.filled("scale",
                List.of(2), scale)).constant(OnnxBytes.filled("zero", List.of(2), 0))
                .constant(OnnxBytes.longs("to", List.of(4), -1L, 4L, 2L, 2L))
                .constant(OnnxBytes.longs("other", List.of(4), -1L, 2L, 4L, 2L)).node("Reshape", List.of("input", "s"), "g")
                .node("InstanceNormalization", List.of("g", "scale", "zero"), "n").node("Reshape", List.of("n", back), "output");
    }

    static Stream<Arguments> refused() {
        ProtobufWriter weight = OnnxBytes.filled("w", List.of(2, 2), 1);
        return Stream.of(
                Arguments.of("two outputs, one of nothing", OnnxBytes.of(0, 2).node("Relu", List.of("input"), "output")
                        .with(12, OnnxBytes.value("more")), "output 'more' is not computed from the images"),
                Arguments.of("no operator set", OnnxBytes.of(0, 2).opset(0).node("Relu", List.of("input"), "output"),
                        "names no version of ONNX's own operator set"),
                Arguments.of("two inputs", OnnxBytes.of(0, 2).with(11, OnnxBytes.value("more")), "has 2 inputs"),
                Arguments.of("no shape", OnnxBytes.of().node("Relu", List.of("input"), "output"), "has no shape"),
                Arguments.of("free height", OnnxBytes.of(0, 2, 0, 4).node("Relu", List.of("input"), "output"), "[?, 2, ?, 4]"),
                Arguments.of("nothing computed", OnnxBytes.of(0, 2), "is not computed from the images"),
                Arguments.of("unknown value", OnnxBytes.of(0, 2).node("Relu", List.of("x"), "output"), "'x' is neither a constant"),
                Arguments.of("order", OnnxBytes.of(0, 2).node("Relu", List.of("x"), "output").node("Relu", List.of("input"), "x"),
                        "'x' is neither a constant"),
                Arguments.of("twice", OnnxBytes.of(0, 2).node("Relu", List.of("input"), "output").node("Relu", List.of("input"), "output"),
                        "'output' is given twice"),
                Arguments.of("the images computed", OnnxBytes.of(0, 2).node("Relu", List.of("input"), "input").node("Sigmoid", List.of(
                        "input"), "output"), "'input' is given twice"),
                Arguments.of("a second output", OnnxBytes.of(0, 2).with(1, new ProtobufWriter().text(1, "input").text(2, "a").text(2, "b")
                        .text(4, "Relu")).node("Sigmoid", List.of("b"), "output"),
                        "output 1, 'b', is read, which only the first one can be"),
                Arguments.of("a second output of the graph", OnnxBytes.of(0, 2).with(1, new ProtobufWriter().text(1, "input").text(2,
                        "output").text(2, "more").text(4, "Relu")).with(12, OnnxBytes.value("more")), "output 1, 'more', is read"),
                Arguments.of("a layer for its shape alone", OnnxBytes.of(0, 2).node("Relu", List.of("input"), "r").node("Sigmoid",
                        List.of("r"), "s").node("Shape", List.of("s"), "to").node("Reshape", List.of("r", "to"), "output"),
                        "nothing reads layer 2, sigmoid"),
                Arguments.of("more images", OnnxBytes.of(0, 1, 1, 2).constant(OnnxBytes.longs("to", List.of(4), 3L, 1L, 2L, 4L))
                        .node("Resize", List.of("input", "", "", "to"), "output",
                        OnnxBytes.text("coordinate_transformation_mode", "asymmetric"), OnnxBytes.text("nearest_mode", "floor")),
                        "the sizes [3, 1, 2, 4], expected as many images"),
                Arguments.of("many extents", OnnxBytes.of(0, 2).constant(OnnxBytes.longs("s", List.of(40), LongStream.range(0, 40).boxed()
                        .toArray(Long[]::new))).node("Reshape", List.of("input", "s"), "output"), "'s' has 40 numbers"),
                Arguments.of("a constant that is text", OnnxBytes.of(0, 2).node("Constant", List.of(), "c", OnnxBytes.text("value_string",
                        "x")).node("Add", List.of("input", "c"), "output"), "has the attributes [value_string], expected one of value,"),
                Arguments.of("a constant that a cast rounds", OnnxBytes.of(0, 2).constant(OnnxBytes.floats("c", List.of(), 2.7f))
                        .node("Cast", List.of("c"), "i", OnnxBytes.whole("to", 7)).node("Cast", List.of("i"), "f", OnnxBytes.whole("to", 1))
                        .node("Mul", List.of("input", "f"), "output"), "casts the constant 'c' to INT64, which rounds it"),
                Arguments.of("a transposed kernel", OnnxBytes.of(0, 1, 2, 2).constant(OnnxBytes.filled("w", List.of(1, 1, 1, 1), 1))
                        .node("Transpose", List.of("w"), "t", OnnxBytes.wholes("perm", 1, 0, 2, 3)).node("Conv", List.of("input", "t"),
                        "output"), "transposes the constant 'w', 1x1x1x1, by [1, 0, 2, 3]"),
                Arguments.of("a float of eight bytes", OnnxBytes.of(0, 1).constant(new ProtobufWriter().numbers(1, List.of(1, 1)).number(2,
                        1).text(8, "w").float64(4, 1)).node("MatMul", List.of("input", "w"), "output"),
                        "field 4 is written as eight bytes, expected four bytes"),
                Arguments.of("a whole number of four bytes", OnnxBytes.of(0, 1).constant(new ProtobufWriter().numbers(1, List.of(1))
                        .number(2, 7).text(8, "s").real(7, 1)).node("Reshape", List.of("input", "s"), "output"),
                        "field 7 is written as four bytes, expected a varint"),
                Arguments.of("weight of another shape", OnnxBytes.of(0, 3).constant(weight).node("Gemm", List.of("input", "w"), "output"),
                        "the weight is 2x2, which does not fit an input of 3 values"),
                Arguments.of("weight computed", OnnxBytes.of(0, 2).node("MatMul", List.of("input", "input"), "output"),
                        "is not a constant"),
                Arguments.of("other extents", OnnxBytes.of(0, 2, 1, 2).node("GlobalAveragePool", List.of("input"), "g").node("Add",
                        List.of("g", "input"), "output"), "expected equal extents"),
                Arguments.of("rearranged", OnnxBytes.of(0, 4, 2, 2).constant(OnnxBytes.longs("s", List.of(4), 0L, 2L, 4L, 2L))
                        .node("Reshape", List.of("input", "s"), "output"), "rearranges images"),
                Arguments.of("groups of channels that are scaled", groups(2, "to"),
                        "normalises 2 groups of channels, and input 'scale' is not"),
                Arguments.of("groups of channels in other extents", groups(1, "other"), "an image, expected those that they were cut from"),
                Arguments.of("images joined", OnnxBytes.of(0, 4).constant(OnnxBytes.longs("s", List.of(2), -1L, 2L))
                        .node("Reshape", List.of("input", "s"), "output"), "expected as many values an image"),
                Arguments.of("images counted otherwise", OnnxBytes.of(0, 2, 1, 3).constant(OnnxBytes.longs("s", List.of(2), 2L, -1L))
                        .node("Reshape", List.of("input", "s"), "output"), "expected as many values an image"),
                Arguments.of("images joined to one", OnnxBytes.of(4, 2, 1, 3).constant(OnnxBytes.longs("s", List.of(2), 1L, -1L))
                        .node("Reshape", List.of("input", "s"), "output"), "expected as many values an image"),
                Arguments.of("a constant along the columns", OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.floats("c", List.of(2, 1, 1), 1,
                        2)).constant(OnnxBytes.longs("axes", List.of(2), 1L, 2L)).node("Squeeze", List.of("c", "axes"), "k")
                        .node("Add", List.of("input", "k"), "output"), "expected one value or one for each of 2 channels"),
                Arguments.of("a constant's axis of two", OnnxBytes.of(0, 2).constant(OnnxBytes.floats("c", List.of(1, 2), 1, 2))
                        .constant(OnnxBytes.longs("axes", List.of(1), 1L)).node("Squeeze", List.of("c", "axes"), "k")
                        .node("Add", List.of("input", "k"), "output"), "removes axis 1 of [1, 2]"),
                Arguments.of("a bias of more dimensions", OnnxBytes.of(0, 2).constant(weight).constant(OnnxBytes.floats("b", List.of(1, 1,
                        2), 1, 2)).node("MatMul", List.of("input", "w"), "m").node("Add", List.of("m", "b"), "output"), "'b' is 1x1x2"),
                Arguments.of("statistics a pixel", normalized(OnnxBytes.whole("spatial", 0)), "attribute 'spatial' is 0, expected 1"),
                Arguments.of("other domain", OnnxBytes.of(0, 4).with(1, new ProtobufWriter().text(1, "input").text(2, "output")
                        .text(4, "Relu").text(7, "com.example")), "operator com.example.Relu is not supported"),
                Arguments.of("bilinear", OnnxBytes.of(0, 1, 2, 2).node("Resize", List.of("input", "", "input"), "output",
                        OnnxBytes.text("mode", "linear")), "attribute 'mode' is 'linear', expected nearest"),
                Arguments.of("windows that leave out pixels", OnnxBytes.of(0, 1, 6, 6).node("MaxPool", List.of("input"), "output",
                        OnnxBytes.text("auto_pad", "SAME_UPPER"), OnnxBytes.wholes("kernel_shape", 1, 1), OnnxBytes.wholes("strides", 3,
                        3)), "about which runtimes disagree; expected pads"),
                Arguments.of("a shape as values", OnnxBytes.of(0, 2).node("Shape", List.of("input"), "s").node("Relu", List.of("s"),
                        "output"), "'s' holds extents of a shape, expected values computed from the images"),
                Arguments.of("the number of images as a factor", OnnxBytes.of(0, 2).constant(OnnxBytes.longs("k", List.of(), 2L))
                        .node("Shape", List.of("input"), "s").node("Mul", List.of("s", "k"), "to").node("Reshape", List.of("input", "to"),
                        "output"), "multiplies the extents [N] and [2], expected numbers whose product is known"),
                Arguments.of("every second extent", OnnxBytes.of(0, 2).constant(OnnxBytes.longs("k", List.of(1), 0L))
                        .constant(OnnxBytes.longs("e", List.of(1), 9L)).constant(OnnxBytes.longs("step", List.of(1), 2L))
                        .node("Shape", List.of("input"), "s").node("Slice", List.of("s", "k", "e", "k", "step"), "to")
                        .node("Reshape", List.of("input", "to"), "output"), "takes extents in steps of 2 along axis 0"),
                Arguments.of("half as large", OnnxBytes.of(0, 1, 2, 2).constant(OnnxBytes.floats("s", List.of(4), 1, 1, 0.5f, 1.5f))
                        .node("Resize", List.of("input", "", "s"), "output"), "by [1.0, 1.0, 0.5, 1.5], expected whole numbers"),
                Arguments.of("a mean of a layer normalisation", OnnxBytes.of(0, 2, 1, 1).constant(OnnxBytes.filled("g", List.of(2), 1))
                        .node("Transpose", List.of("input"), "t", OnnxBytes.wholes("perm", 0, 2, 3, 1)).with(1, new ProtobufWriter()
                        .text(1, "t").text(1, "g").text(2, "n").text(2, "mean").text(3, "ln").text(4, "LayerNormalization"))
                        .node("Transpose", List.of("n"), "output", OnnxBytes.wholes("perm", 0, 3, 1, 2))
                        .node("Relu", List.of("mean"), "more").with(12, OnnxBytes.value("more")), "output 1, 'mean', is read"),
                Arguments.of("a constant of other extents", OnnxBytes.of(0, 2).constant(OnnxBytes.filled("k", List.of(4), 1))
                        .constant(OnnxBytes.longs("to", List.of(2), 3L, -1L)).node("Reshape", List.of("k", "to"), "c")
                        .node("Add", List.of("input", "c"), "output"), "gives the constant 'k', 4, the extents [3, -1]"),
                Arguments.of("not finite", OnnxBytes.of(0, 2).constant(OnnxBytes.filled("w", List.of(2, 2), Float.NaN)).node("MatMul",
                        List.of("input", "w"), "output"), "NaN"),
                Arguments.of("kernel too large", OnnxBytes.of(0, 1, 2, 2).constant(OnnxBytes.filled("w", List.of(1, 1, 3, 3), 1))
                        .node("Conv", List.of("input", "w"), "output"), "does not fit into"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void graphsThatCannotBeTaken(String what, OnnxBytes model, String message) {
        OnnxException failure = assertThrows(OnnxException.class, () -> read(model), what);
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    /** Each ends in one error that names the reason. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"lstm | operator LSTM is not supported",
        "external-data | 'conv.weight' has its data in another file (external data)", "opset-1 | the model is of operator set 1",
        "truncated | the file is cut short or damaged", "dims-mismatch | 'conv.weight' declares 4x3x3x4, 144 elements, and holds 108",
        "empty | the file is empty"})
    void filesToRefuse(String name, String message) throws Exception {
        Path file = Path.of(OnnxRefusalTest.class.getResource("/onnx/refuse/" + name + ".onnx").toURI());
        OnnxException failure = assertThrows(OnnxException.class, () -> OnnxFile.load(file));
        assertTrue(failure.getMessage().startsWith(file + "") && failure.getMessage().contains(message), failure.getMessage());
    }
}
