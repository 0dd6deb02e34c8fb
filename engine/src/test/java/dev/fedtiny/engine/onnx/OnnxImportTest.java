package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.Session;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What graphs become, by the numbers that they compute, and what is said of graphs that cannot be taken. */
class OnnxImportTest {
    private static OnnxFile.Imported read(OnnxBytes model) throws IOException {
        return OnnxFile.read(ByteSource.of(model.bytes(), "model.onnx"), Zeros.BY_TYPE);
    }

    /** Outputs for images of 1, 2, 3, ... divided by a number. */
    private static float[] outputs(ModelState state, int images, float divisor) {
        float[] input = new float[images * state.network().input().size()];
        for (int i = 0; i < input.length; i++) {
            input[i] = (i + 1) / divisor;
        }
        try (Session session = Session.open(state, Mode.INFERENCE, images)) {
            session.setImages(input, images);
            session.forward(images);
            return session.outputs().clone();
        }
    }

    private static void assertOutputs(OnnxBytes model, float... expected) throws IOException {
        assertArrayEquals(expected, outputs(read(model).state(), 1, 1), 1e-6f);
    }

    @Test
    void convolutionsOfOneDimensionAndTwo() throws IOException {
        // 1 and 2 channels, kernel 3, padding 1 on the left alone, stride 2: 1·1+1·2, 1·2+1·3+1·4.
        assertOutputs(OnnxBytes.of(0, 1, 4).constant(OnnxBytes.filled("c.weight", List.of(2, 1, 3), 1))
                .node("Conv", List.of("input", "c.weight"), "output", OnnxBytes.wholes("pads", 1, 0), OnnxBytes.wholes("strides", 2)),
                3, 9, 3, 9);
        assertOutputs(OnnxBytes.of(0, 2, 2, 2).constant(OnnxBytes.floats("c.weight", List.of(2, 1, 1, 1), 2, 3))
                .constant(OnnxBytes.floats("c.bias", List.of(2), 0.5f, -0.5f))
                .node("Conv", List.of("input", "c.weight", "c.bias"), "output", OnnxBytes.whole("group", 2)),
                2.5f, 4.5f, 6.5f, 8.5f, 14.5f, 17.5f, 20.5f, 23.5f);
    }

    /** Sums of three neighbours, stride 2: over seven pixels SAME pads both sides, over six one of them. */
    @ParameterizedTest
    @CsvSource({"SAME_UPPER, 7, 3 9 15 13", "SAME_UPPER, 6, 6 12 11", "SAME_LOWER, 6, 3 9 15", "VALID, 6, 6 12"})
    void paddingByRule(String rule, int length, String expected) throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 1, length).constant(OnnxBytes.filled("c.weight", List.of(1, 1, 3), 1)).node("Conv",
                List.of("input", "c.weight"), "output", OnnxBytes.text("auto_pad", rule), OnnxBytes.wholes("strides", 2));
        List<String> sums = new ArrayList<>();
        for (float sum : outputs(read(model).state(), 1, 1)) {
            sums.add(Integer.toString(Math.round(sum)));
        }
        assertEquals(expected, String.join(" ", sums));
    }

    /** A linear layer of 2 outputs over 3 inputs, in the forms that exporters give it. */
    static Stream<Arguments> linears() {
        ProtobufWriter rows = OnnxBytes.floats("fc.weight", List.of(2, 3), 1, 2, 3, 4, 5, 6);
        ProtobufWriter columns = OnnxBytes.floats("onnx::MatMul_7", List.of(3, 2), 1, 4, 2, 5, 3, 6);
        ProtobufWriter bias = OnnxBytes.floats("fc.bias", List.of(2), 0.5f, 0.25f);
        return Stream.of(
                Arguments.of("Gemm, rows", OnnxBytes.of(0, 3).constant(rows).constant(bias).node("Gemm", List.of("input", "fc.weight",
                        "fc.bias"), "output", OnnxBytes.whole("transB", 1))),
                Arguments.of("Gemm, columns", OnnxBytes.of(0, 3).constant(columns).constant(bias).node("Gemm", List.of("input",
                        "onnx::MatMul_7", "fc.bias"), "output")),
                Arguments.of("Gemm, factors", OnnxBytes.of(0, 3).constant(OnnxBytes.floats("fc.weight", List.of(2, 3), 0.5f, 1, 1.5f, 2,
                        2.5f, 3)).constant(OnnxBytes.floats("fc.bias", List.of(1, 2), 1, 0.5f)).node("Gemm", List.of("input", "fc.weight",
                        "fc.bias"), "output", OnnxBytes.whole("transB", 1), OnnxBytes.real("alpha", 2), OnnxBytes.real("beta", 0.5f))),
                Arguments.of("MatMul and Add", OnnxBytes.of(0, 3).constant(columns).constant(bias).node("MatMul", List.of("input",
                        "onnx::MatMul_7"), "m").node("Add", List.of("fc.bias", "m"), "output")),
                Arguments.of("MatMul of a transposed weight, as PyTorch writes without folding", OnnxBytes.of(0, 3).constant(rows)
                        .constant(bias).node("Transpose", List.of("fc.weight"), "t", OnnxBytes.wholes("perm", 1, 0))
                        .node("MatMul", List.of("input", "t"), "m").node("Add", List.of("m", "fc.bias"), "output")),
                Arguments.of("Gemm of a transposed weight", OnnxBytes.of(0, 3).constant(OnnxBytes.floats("fc.weight", List.of(3, 2), 1, 4,
                        2, 5, 3, 6)).constant(bias).node("Transpose", List.of("fc.weight"), "t")
                        .node("Gemm", List.of("input", "t", "fc.bias"), "output", OnnxBytes.whole("transB", 1))),
                Arguments.of("Gemm without bias and Add", OnnxBytes.of(0, 3).constant(rows).constant(bias).node("Gemm", List.of("input",
                        "fc.weight"), "m", OnnxBytes.whole("transB", 1)).node("Add", List.of("m", "fc.bias"), "output")),
                Arguments.of("Constant nodes and identities", OnnxBytes.of(0, 3).node("Constant", List.of(), "w", OnnxBytes.tensor("value",
                        rows)).node("Identity", List.of("w"), "fc.weight").constant(bias).node("Identity", List.of("input"), "x")
                        .node("Gemm", List.of("x", "fc.weight", "fc.bias"), "y", OnnxBytes.whole("transB", 1))
                        .node("Identity", List.of("y"), "output")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("linears")
    void linearLayersInEveryForm(String form, OnnxBytes model) throws IOException {
        ModelState state = read(model).state();
        assertArrayEquals(new float[] {14.5f, 32.25f}, outputs(state, 1, 1), form);
        assertEquals(2, state.network().layers().size(), form);
        if (!form.startsWith("Constant")) {
            assertEquals(List.of("fc.weight", "fc.bias"), state.network().parameters().stream().map(p -> p.name()).toList());
        }
    }

    /** 2 channels of 1 × 3 pixels to 6 features, in the forms that exporters write. */
    static Stream<Arguments> flattenings() {
        return Stream.of(
                Arguments.of("Flatten", OnnxBytes.of(0, 2, 1, 3).node("Flatten", List.of("input"), "f")),
                Arguments.of("Reshape -1, 6", OnnxBytes.of(0, 2, 1, 3).constant(OnnxBytes.longs("s", List.of(2), -1L, 6L))
                        .node("Reshape", List.of("input", "s"), "f")),
                Arguments.of("Reshape 0, -1", OnnxBytes.of(0, 2, 1, 3).constant(OnnxBytes.longs("s", List.of(2), 0L, -1L))
                        .node("Reshape", List.of("input", "s"), "f")),
                Arguments.of("Reshape 2, -1", OnnxBytes.of(2, 2, 1, 3).constant(OnnxBytes.longs("s", List.of(2), 2L, -1L))
                        .node("Reshape", List.of("input", "s"), "f")),
                Arguments.of("Reshape 1, -1 of a number that was freed", OnnxBytes.of(0, 2, 1, 3)
                        .constant(OnnxBytes.longs("s", List.of(2), 1L, -1L)).node("Reshape", List.of("input", "s"), "f")),
                Arguments.of("Reshape 1, -1", OnnxBytes.of(1, 2, 1, 3).constant(OnnxBytes.longs("s", List.of(2), 1L, -1L))
                        .node("Reshape", List.of("input", "s"), "f")),
                Arguments.of("Shape, Gather, Unsqueeze, Concat, Reshape", OnnxBytes.of(0, 2, 1, 3)
                        .constant(OnnxBytes.longs("zero", List.of(), 0L)).constant(OnnxBytes.longs("axes", List.of(1), 0L))
                        .constant(OnnxBytes.longs("rest", List.of(1), -1L)).node("Shape", List.of("input"), "s")
                        .node("Gather", List.of("s", "zero"), "n").node("Unsqueeze", List.of("n", "axes"), "n1")
                        .node("Concat", List.of("n1", "rest"), "to", OnnxBytes.whole("axis", 0))
                        .node("Reshape", List.of("input", "to"), "f")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("flattenings")
    void flatteningsInEveryForm(String form, OnnxBytes model) throws IOException {
        model.constant(OnnxBytes.floats("fc.weight", List.of(1, 6), 1, 10, 100, 1000, 10_000, 100_000))
                .node("Gemm", List.of("f", "fc.weight"), "output", OnnxBytes.whole("transB", 1));
        assertArrayEquals(new float[] {654_321}, outputs(read(model).state(), 1, 1), form);
    }

    /** Functions of a value by itself over -1.5, 0 and 1.5: 1, 2 and 3 times 1.5 minus 3. */
    @ParameterizedTest
    @CsvSource({"Relu, 0 0 1.5", "Sigmoid, 0.18242552 0.5 0.81757448", "Tanh, -0.90514825 0 0.90514825", "HardSwish, -0.375 0 1.125",
        "HardSigmoid, 0.2 0.5 0.8", "LeakyRelu, -0.015 0 1.5"})
    void activations(String operator, String expected) throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 3).constant(OnnxBytes.floats("factor", List.of(), 1.5f)).constant(OnnxBytes.floats("three",
                List.of(1), 3)).node("Mul", List.of("input", "factor"), "m").node("Sub", List.of("m", "three"), "s")
                .node(operator, List.of("s"), "output");
        String[] numbers = expected.split(" ");
        float[] found = outputs(read(model).state(), 1, 1);
        for (int i = 0; i < 3; i++) {
            assertEquals(Float.parseFloat(numbers[i]), found[i], 1e-6);
        }
    }

    @Test
    void clipsWithConstantBounds() throws IOException {
        for (List<String> inputs : List.of(List.of("input", "lo", "hi"), List.of("input", "", "hi"))) {
            OnnxBytes model = OnnxBytes.of(0, 8).constant(OnnxBytes.floats("lo", List.of(), 0)).constant(OnnxBytes.floats("hi", List.of(),
                    6)).node("Clip", inputs, "output");
            assertOutputs(model, 1, 2, 3, 4, 5, 6, 6, 6);
        }
    }

    /** As PyTorch exports a network that is to be trained; elsewhere the node is the identity, also in training. */
    @ParameterizedTest
    @CsvSource({"initializer, true, 0.1", "initializer, false, 0", "node, true, 0.1", "node, false, 0", "usual ratio, true, 0.5",
            "typed, true, 0.1"})
    void dropoutWhereTheFileAsksForTraining(String form, boolean training, double probability) throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2).constant(OnnxBytes.floats("p", List.of(), 0.1f));
        switch (form) {
            case "node" -> model.node("Constant", List.of(), "train", OnnxBytes.tensor("value", OnnxBytes.truth("", training)));
            case "typed" -> model.constant(new ProtobufWriter().number(2, 9).text(8, "train").numbers(5, List.of(1)));
            default -> model.constant(OnnxBytes.truth("train", training));
        }
        model.node("Dropout", List.of("input", form.equals("usual ratio") ? "" : "p", "train"), "output");
        assertOutputs(model, 1, 2);
        OnnxFile.Imported loaded = read(model);
        List<Double> probabilities = loaded.state().network().layers().stream().filter(Dropout.class::isInstance)
                .map(layer -> ((Dropout) layer).probability()).toList();
        assertEquals(training ? List.of(probability) : List.of(), probabilities);
        assertEquals(!training, loaded.notes().toString().contains("training_mode is not true"), loaded.notes()::toString);
    }

    /** Constant nodes hold numbers in five forms. */
    @Test
    void constantsInEveryForm() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2, 1, 2).node("Constant", List.of(), "half", OnnxBytes.real("value_float", 0.5f))
                .node("Constant", List.of(), "c", new ProtobufWriter().text(1, "value_floats").real(7, 10).real(7, 20).number(20, 6))
                .node("Constant", List.of(), "axes", OnnxBytes.wholes("value_ints", 1, 2))
                .node("Constant", List.of(), "height", OnnxBytes.whole("value_int", 2))
                .node("Unsqueeze", List.of("c", "axes"), "k").node("Mul", List.of("input", "half"), "m").node("Add", List.of("m", "k"), "a")
                .node("Squeeze", List.of("a", "height"), "output");
        assertOutputs(model, 10.5f, 11, 21.5f, 22);
    }

    /** A factor and a summand are one function, rounded once, as the layer that is written as both. */
    @Test
    void aFactorAndASummandAreOneLayer() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 3).constant(OnnxBytes.floats("a", List.of(), 0.3f)).constant(OnnxBytes.floats("b", List.of(1),
                -0.1f)).node("Mul", List.of("input", "a"), "m").node("Add", List.of("b", "m"), "output");
        assertEquals(2, read(model).state().network().layers().size());
        assertArrayEquals(new float[] {Math.fma(1, 0.3f, -0.1f), Math.fma(2, 0.3f, -0.1f), Math.fma(3, 0.3f, -0.1f)},
                outputs(read(model).state(), 1, 1));
        OnnxBytes both = OnnxBytes.of(0, 3).constant(OnnxBytes.floats("a", List.of(), 2)).constant(OnnxBytes.floats("b", List.of(1), 1))
                .node("Mul", List.of("input", "a"), "m").node("Add", List.of("b", "m"), "s").node("Concat", List.of("m", "s"), "output",
                        OnnxBytes.whole("axis", 1));
        assertOutputs(both, 2, 4, 6, 3, 5, 7);
    }

    /** A node's name may be of any length that is read. */
    @Test
    void longNamesOfNodes() throws IOException {
        String name = "a" + ".".repeat(60_000) + "b";
        OnnxBytes model = OnnxBytes.of(0, 2).constant(OnnxBytes.filled("w", List.of(2, 2), 1)).with(1, new ProtobufWriter().text(1, "input")
                .text(1, "w").text(2, "output").text(3, ".." + name + "/.").text(4, "MatMul"));
        assertEquals(name + ".weight", read(model).state().network().parameters().getFirst().name());
    }

    @Test
    void geluThatIsSpelledOut() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2).constant(OnnxBytes.floats("root", List.of(), (float) Math.sqrt(2)))
                .constant(OnnxBytes.floats("one", List.of(), 1)).constant(OnnxBytes.floats("half", List.of(), 0.5f))
                .node("Div", List.of("input", "root"), "d").node("Erf", List.of("d"), "e").node("Add", List.of("e", "one"), "a")
                .node("Mul", List.of("input", "a"), "m").node("Mul", List.of("m", "half"), "output");
        assertOutputs(model, 0.8413447f, 1.9544997f);
        assertEquals(2, read(model).state().network().layers().size());
    }

    @Test
    void poolsAndReductions() throws IOException {
        assertOutputs(OnnxBytes.of(0, 1, 3, 3).node("MaxPool", List.of("input"), "output", OnnxBytes.wholes("kernel_shape", 2, 2),
                OnnxBytes.wholes("strides", 2, 2), OnnxBytes.whole("ceil_mode", 1)), 5, 6, 8, 9);
        assertOutputs(OnnxBytes.of(0, 1, 2, 2).node("AveragePool", List.of("input"), "output", OnnxBytes.wholes("kernel_shape", 2, 2),
                OnnxBytes.wholes("pads", 1, 1, 0, 0), OnnxBytes.whole("count_include_pad", 1)), 0.25f, 0.75f, 1, 2.5f);
        assertOutputs(OnnxBytes.of(0, 1, 2, 2).node("AveragePool", List.of("input"), "output", OnnxBytes.wholes("kernel_shape", 2, 2),
                OnnxBytes.wholes("pads", 1, 1, 0, 0)), 1, 1.5f, 2, 2.5f);
        assertOutputs(OnnxBytes.of(0, 2, 1, 3).node("GlobalMaxPool", List.of("input"), "output"), 3, 6);
        assertOutputs(OnnxBytes.of(0, 2, 1, 3).node("ReduceMean", List.of("input"), "output", OnnxBytes.wholes("axes", 2, 3)), 2, 5);
        assertOutputs(OnnxBytes.of(0, 2, 3).opset(18).constant(OnnxBytes.longs("axes", List.of(1), -1L)).node("ReduceMean", List.of("input",
                "axes"), "output", OnnxBytes.whole("keepdims", 0)), 2, 5);
    }

    @Test
    void sumsProductsAndConcatenations() throws IOException {
        OnnxBytes squeeze = OnnxBytes.of(0, 2, 1, 2).node("GlobalAveragePool", List.of("input"), "g").node("Mul", List.of("g", "input"),
                "m").node("Add", List.of("m", "input"), "a").node("Concat", List.of("a", "input"), "output", OnnxBytes.whole("axis", 1));
        assertOutputs(squeeze, 2.5f, 5, 13.5f, 18, 1, 2, 3, 4);
        OnnxBytes perChannel = OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.floats("f", List.of(1, 2, 1, 1), 2, 10)).constant(
                OnnxBytes.floats("b", List.of(2, 1, 1), 0.5f, -1)).node("Mul", List.of("input", "f"), "m").node("Add", List.of("m", "b"),
                "output");
        assertOutputs(perChannel, 2.5f, 4.5f, 29, 39);
        assertEquals(2, read(perChannel).notes().size());
    }

    /** Group normalisation as PyTorch's exporter spells it out, γ and β as initializers or behind a node that gives them dimensions. */
    @ParameterizedTest
    @ValueSource(strings = {"folded", "not folded", "without scale", "instances"})
    void groupNormalisationThatIsSpelledOut(String form) throws IOException {
        int groups = form.equals("instances") ? 4 : 2;
        OnnxBytes model = OnnxBytes.of(0, 4, 2, 1).constant(OnnxBytes.longs("s", List.of(3), 0L, (long) groups, -1L))
                .constant(OnnxBytes.filled("one", List.of(groups), 1)).constant(OnnxBytes.filled("zero", List.of(groups), 0))
                .node("Reshape", List.of("input", "s"), "g").with(1, new ProtobufWriter().text(1, "g").text(1, "one").text(1, "zero")
                .text(2, "n").text(3, "/body/norm/InstanceNormalization").text(4, "InstanceNormalization")
                .message(5, OnnxBytes.real("epsilon", 0.75f))).node("Shape", List.of("input"), "to")
                .node("Reshape", List.of("n", "to"), "r");
        boolean scaled = !form.equals("without scale");
        if (form.equals("not folded")) {
            model.constant(OnnxBytes.floats("gn.weight", List.of(4), 1, 2, 1, 2)).constant(OnnxBytes.floats("gn.bias", List.of(4), 0, 0, 10,
                    10)).constant(OnnxBytes.longs("axes", List.of(2), 1L, 2L)).node("Unsqueeze", List.of("gn.weight", "axes"), "w")
                    .node("Mul", List.of("r", "w"), "m").node("Unsqueeze", List.of("gn.bias", "axes"), "b")
                    .node("Add", List.of("m", "b"), "output");
        } else if (scaled) {
            model.constant(OnnxBytes.floats("onnx::Mul_7", List.of(4, 1, 1), 1, 2, 1, 2))
                    .constant(OnnxBytes.floats("onnx::Add_8", List.of(1, 4, 1, 1), 0, 0, 10, 10))
                    .node("Mul", List.of("r", "onnx::Mul_7"), "m").node("Add", List.of("m", "onnx::Add_8"), "output");
        } else {
            model.node("Relu", List.of("r"), "output");
        }
        ModelState state = read(model).state();
        assertEquals(scaled ? 2 : 3, state.network().layers().size());
        String name = form.equals("not folded") ? "gn" : "body.norm";
        assertEquals(List.of(name + ".weight", name + ".bias"), state.network().parameters().stream().map(Parameter::name).toList());
        double root = form.equals("instances") ? 1 : Math.sqrt(2);
        float[] found = outputs(state, 1, 1);
        for (int i = 0; i < 8; i++) {
            double mean = form.equals("instances") ? i / 2 * 2 + 1.5 : i / 4 * 4 + 2.5;
            double normal = (i + 1 - mean) / root;
            assertEquals(scaled ? normal * (i / 2 % 2 + 1) + i / 4 * 10 : Math.max(0, normal), found[i], 1e-5, form + " " + i);
        }
    }

    /** All values of a map as channels of one pixel: a convolution over them is a linear layer. */
    @Test
    void valuesAsChannels() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2, 1, 3).constant(OnnxBytes.longs("s", List.of(4), 0L, -1L, 1L, 1L))
                .constant(OnnxBytes.floats("c.weight", List.of(1, 6, 1, 1), 1, 10, 100, 1000, 10_000, 100_000))
                .node("Reshape", List.of("input", "s"), "f").node("Conv", List.of("f", "c.weight"), "output");
        assertOutputs(model, 654_321);
    }

    /** Extents of 1 put around a constant's decide which axis it belongs to. */
    @Test
    void constantsWithOtherExtents() throws IOException {
        OnnxBytes added = OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.floats("c", List.of(2), 10, 20))
                .constant(OnnxBytes.longs("axes", List.of(2), 1L, 2L)).node("Unsqueeze", List.of("c", "axes"), "k")
                .node("Add", List.of("input", "k"), "output");
        assertOutputs(added, 11, 12, 23, 24);
        OnnxBytes removed = OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.floats("c", List.of(1, 2, 1, 1, 1), 10, 20))
                .constant(OnnxBytes.longs("axes", List.of(1), -1L)).node("Squeeze", List.of("c", "axes"), "k")
                .node("Add", List.of("input", "k"), "output");
        assertOutputs(removed, 11, 12, 23, 24);
    }

    @Test
    void enlargement() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 1, 1, 2).constant(OnnxBytes.floats("s", List.of(4), 1, 1, 2, 3)).node("Resize", List.of("input",
                "", "s"), "output", OnnxBytes.text("mode", "nearest"), OnnxBytes.text("coordinate_transformation_mode", "asymmetric"),
                OnnxBytes.text("nearest_mode", "floor"));
        assertOutputs(model, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2);
    }

    @Test
    void batchNormalisationKeepsEpsilonAndMomentum() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 1, 1, 2);
        for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
            model.constant(OnnxBytes.floats("bn." + name, List.of(1), name.equals("bias") ? 10 : 1));
        }
        model.node("BatchNormalization", List.of("input", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"), "output",
                OnnxBytes.real("epsilon", 3), OnnxBytes.real("momentum", 0.99f));
        ModelState state = read(model).state();
        assertArrayEquals(new float[] {10, 10.5f}, outputs(state, 1, 1));
        BatchNorm2d norm = (BatchNorm2d) state.network().layers().get(1);
        assertEquals(3, norm.epsilon());
        assertEquals(0.01, norm.momentum());
        assertEquals("bn", norm.name());
    }

    /** A layer normalisation without bias, as PyTorch writes {@code LayerNorm(n, bias=False)}; its bias is 0 then, and trained. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void layerNormalisationWithoutBias(boolean channelsLast) throws IOException {
        OnnxBytes model = channelsLast ? OnnxBytes.of(0, 2, 1, 1) : OnnxBytes.of(0, 2);
        model.constant(OnnxBytes.floats("ln.weight", List.of(2), 2, 3));
        if (channelsLast) {
            model.node("Transpose", List.of("input"), "t", OnnxBytes.wholes("perm", 0, 2, 3, 1))
                    .node("LayerNormalization", List.of("t", "ln.weight"), "n", OnnxBytes.real("epsilon", 0.75f))
                    .node("Transpose", List.of("n"), "output", OnnxBytes.wholes("perm", 0, 3, 1, 2));
        } else {
            model.node("LayerNormalization", List.of("input", "ln.weight", ""), "output", OnnxBytes.real("epsilon", 0.75f));
        }
        // 1 and 2: mean 1.5, variance 0.25.
        assertOutputs(model, -1, 1.5f);
        assertEquals(List.of("ln.weight", "ln.bias"), read(model).state().network().parameters().stream().map(Parameter::name).toList());
    }

    private static OnnxBytes enlarged(List<String> inputs, ProtobufWriter... attributes) {
        List<ProtobufWriter> all = new ArrayList<>(List.of(attributes));
        all.add(OnnxBytes.text("coordinate_transformation_mode", "asymmetric"));
        all.add(OnnxBytes.text("nearest_mode", "floor"));
        return OnnxBytes.of(0, 1, 1, 2).constant(OnnxBytes.floats("s", List.of(4), 1, 1, 2, 3)).constant(OnnxBytes.floats("s2", List.of(2),
                3, 2)).constant(OnnxBytes.longs("to", List.of(2), 2L, 6L)).constant(OnnxBytes.floats("a", List.of(2), 1, 1))
                .constant(OnnxBytes.floats("b", List.of(2), 2, 3)).constant(OnnxBytes.longs("two", List.of(1), 2L))
                .constant(OnnxBytes.longs("zero", List.of(1), 0L)).constant(OnnxBytes.longs("pixels", List.of(2), 2L, 6L))
                .node("Concat", List.of("a", "b"), "ab", OnnxBytes.whole("axis", 0)).node("Shape", List.of("input"), "shape")
                .node("Slice", List.of("shape", "zero", "two", "zero"), "nc")
                .node("Concat", List.of("nc", "pixels"), "sizes", OnnxBytes.whole("axis", 0))
                .node("Resize", inputs, "output", all.toArray(ProtobufWriter[]::new));
    }

    /** With the attributes that PyTorch's exporter writes out, for some axes, and by scales and sizes that nodes put together. */
    @Test
    void enlargementAsExportersWriteIt() throws IOException {
        for (OnnxBytes model : List.of(
                enlarged(List.of("input", "", "s"), OnnxBytes.text("keep_aspect_ratio_policy", "stretch"), OnnxBytes.whole("antialias", 0),
                        OnnxBytes.real("extrapolation_value", 0), OnnxBytes.real("cubic_coeff_a", -0.75f)),
                enlarged(List.of("input", "", "s2"), OnnxBytes.wholes("axes", -1, 2)),
                enlarged(List.of("input", "", "", "to"), OnnxBytes.wholes("axes", 2, 3)),
                enlarged(List.of("input", "", "ab")), enlarged(List.of("input", "", "", "sizes")))) {
            assertOutputs(model, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2);
        }
    }

    /** A summand or factor for each value of a map that is flattened. */
    @ParameterizedTest
    @CsvSource({"Add, 11 22 33 44", "Mul, 10 40 90 160"})
    void constantsForFlattenedMaps(String operator, String expected) throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.floats("c", List.of(4), 10, 20, 30, 40))
                .node("Flatten", List.of("input"), "f").node(operator, List.of("f", "c"), "output");
        float[] numbers = new float[4];
        for (int i = 0; i < 4; i++) {
            numbers[i] = Float.parseFloat(expected.split(" ")[i]);
        }
        assertOutputs(model, numbers);
    }

    /** Extents multiplied, whole numbers cast to floats, and constants reshaped and squeezed before they are read. */
    @Test
    void arithmeticOfShapesAndConstants() throws IOException {
        assertOutputs(OnnxBytes.of(0, 2, 1, 2).constant(OnnxBytes.longs("first", List.of(1), 0L))
                .constant(OnnxBytes.longs("second", List.of(), 1L)).constant(OnnxBytes.longs("pixels", List.of(), 2L))
                .constant(OnnxBytes.longs("axes", List.of(1), 0L)).node("Shape", List.of("input"), "s")
                .node("Gather", List.of("s", "first"), "n").node("Gather", List.of("s", "second"), "c")
                .node("Mul", List.of("c", "pixels"), "f").node("Unsqueeze", List.of("f", "axes"), "f1")
                .node("Concat", List.of("n", "f1"), "to", OnnxBytes.whole("axis", 0)).node("Reshape", List.of("input", "to"), "r")
                .constant(OnnxBytes.longs("whole", List.of(1, 1, 1), 3L)).node("Cast", List.of("whole"), "real", OnnxBytes.whole("to", 1))
                .node("Squeeze", List.of("real"), "scalar").node("Mul", List.of("r", "scalar"), "m")
                .constant(OnnxBytes.longs("row", List.of(2), 1L, -1L)).constant(OnnxBytes.floats("k", List.of(4, 1), 1, 2, 3, 4))
                .node("Reshape", List.of("k", "row"), "k1").node("Add", List.of("m", "k1"), "output"), 4, 8, 12, 16);
    }

    @Test
    void weightsMayBePrunedButTheFirst() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 2);
        for (int i = 0; i < 3; i++) {
            model.constant(OnnxBytes.floats("l" + i + ".weight", List.of(2, 2), 1, 0, 0, 1)).node("Gemm", List.of(i == 0 ? "input"
                    : "x" + i, "l" + i + ".weight"), i == 2 ? "output" : "x" + (i + 1), OnnxBytes.whole("transB", 1));
        }
        ModelState state = read(model).state();
        assertEquals(List.of(1, 2), state.network().prunable());
        assertEquals(4, state.mask(0).count());
        assertEquals(0.5, state.density());
        assertEquals(1, OnnxFile.read(ByteSource.of(model.bytes(), "kept"), Zeros.KEPT).state().density());
    }

    @Test
    void streamsAreReadToo() throws IOException {
        OnnxBytes model = OnnxBytes.of(0, 3).node("Relu", List.of("input"), "output");
        Layer last = OnnxFile.load(new ByteArrayInputStream(model.bytes())).network().layers().getLast();
        assertEquals(List.of(0), last.sources());
    }
}
