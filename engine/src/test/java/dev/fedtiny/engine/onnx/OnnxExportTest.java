package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ByteSource;
import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.ModelFile.Zeros;
import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Activation.Function;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Softmax;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import example.SignedSquare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read back as a network of the same outputs, bit for bit. */
class OnnxExportTest {
    @TempDir
    private Path folder;

    /** Random values everywhere, random masks where weights may be pruned. */
    private static ModelState state(Network network, double density) {
        ModelState state = Initializer.initialize(network, 5);
        for (int p = 0; p < network.parameters().size(); p++) {
            RandomStream random = RandomStream.of(5, "values", p);
            int size = network.parameters().get(p).size();
            Mask mask = network.parameters().get(p).prunable() ? Mask.of(size, IntStream.range(0, size)
                    .filter(_ -> random.nextDouble() < density).toArray()) : Mask.full(size);
            float[] values = new float[mask.count()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.1 + random.nextDouble());
            }
            state = state.with(p, mask, network.parameters().get(p).kind().isWeight() ? mask.gather(state.dense(p)) : values);
        }
        return state;
    }

    private static float[] images(int length) {
        float[] images = new float[length];
        RandomStream random = RandomStream.of(6, "images");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) (2 * random.nextDouble() - 1);
        }
        return images;
    }

    private static float[] outputs(ModelState state) {
        float[] images = images(3 * state.network().input().size());
        try (Session session = Session.open(state, Mode.INFERENCE, 3)) {
            session.setImages(images, 3);
            session.forward(3);
            return session.outputs().clone();
        }
    }

    private ModelState again(ModelState state) throws IOException {
        Path file = folder.resolve("model.onnx");
        OnnxFile.save(state, file);
        return OnnxFile.load(file);
    }

    private void assertRoundTrip(ModelState state) throws IOException {
        ModelState read = again(state);
        assertArrayEquals(outputs(state), outputs(read));
        assertEquals(names(state), names(read));
        for (int p = 0; p < state.network().parameters().size(); p++) {
            assertArrayEquals(state.dense(p), read.dense(p));
        }
        assertArrayEquals(outputs(state), outputs(again(read)), "written and read once more");
    }

    private static List<String> names(ModelState state) {
        return state.network().parameters().stream().map(Parameter::name).toList();
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void everyArchitecture(Architecture architecture) throws IOException {
        NetworkSpec usual = architecture.usual();
        int width = Math.min(4, usual.width());
        assertRoundTripOfOutputs(state(new NetworkSpec(architecture, usual.input(), width, usual.classes()).build(), 0.3));
    }

    /** Dropout and repetition come back as what they are in inference. */
    private void assertRoundTripOfOutputs(ModelState state) throws IOException {
        assertArrayEquals(outputs(state), outputs(again(state)));
    }

    /** One network a kind of layer, in front of a head that reads it. */
    static Stream<Arguments> layers() {
        Shape map = new Shape(4, 6, 5);
        List<Arguments> cases = new ArrayList<>();
        for (Function function : Function.values()) {
            cases.add(layer(function.key(), map, net -> net.add(new Activation(function, 0, map))));
        }
        cases.add(layer("affine of both", map, net -> net.add(new Activation(Function.AFFINE, 0.3, -0.1, 0, map))));
        cases.add(layer("affine sum", map, net -> net.add(new Activation(Function.AFFINE, 1, 0.5, 0, map))));
        cases.add(layer("affine sum behind a factor", map, net -> net.add(new Activation(Function.AFFINE, 1, -0.1, net.add(new Activation(
                Function.AFFINE, 0.3, 0, 0, map)), map))));
        cases.add(layer("affine sum behind a convolution", map, net -> net.add(new Activation(Function.AFFINE, 1, 0.7, net.conv2d("c", 0, 4,
                1, 1, 0, false, true), map))));
        cases.add(layer("affine sum behind a linear layer", map, net -> net.add(new Activation(Function.AFFINE, 1, 0.7, net.linear("l", 0,
                4, false, true), Shape.features(4)))));
        cases.add(layer("relu", map, net -> net.relu(0)));
        cases.add(layer("relu6", map, net -> net.add(new Clamp(0, map, 0, 6))));
        cases.add(layer("upper clamp", map, net -> net.add(new Clamp(0, map, Float.NEGATIVE_INFINITY, 0.25f))));
        cases.add(layer("batch norm", map, net -> net.add(new BatchNorm2d("bn", 0, map))));
        cases.add(layer("group norm", map, net -> net.add(new GroupNorm("gn", 0, map, 2, 1e-5))));
        cases.add(layer("instance norm", map, net -> net.add(new GroupNorm("gn", 0, map, 4, 1e-5))));
        cases.add(layer("layer norm", map, net -> net.add(new LayerNorm("ln", 0, map, 1e-6))));
        cases.add(layer("softmax", map, net -> net.add(new Softmax(0, map))));
        cases.add(layer("flatten", map, net -> net.add(new Flatten(0, map))));
        cases.add(layer("upsample", map, net -> net.add(new Upsample(0, map, new PerAxis(2, 3)))));
        cases.add(layer("sum", map, net -> net.add(net.relu(0), 0)));
        cases.add(layer("concat", map, net -> net.add(new Concat(List.of(0, net.relu(0), 0), List.of(map, map, map)))));
        cases.add(layer("squeeze and excite", map, net -> {
            int s = net.linear("se", net.globalAveragePool(0), 4, true, false);
            return net.add(new Multiply(0, net.add(new Activation(Function.SIGMOID, s, Shape.features(4))), map, Shape.features(4)));
        }));
        cases.add(layer("global pool and convolution", map, net -> net.conv2d("squeeze", net.globalAveragePool(0), 3, 1, 1, 0, true,
                false)));
        Conv2dGeometry geometry = new Conv2dGeometry(map, 8, new PerAxis(3, 2), new PerAxis(2, 1), new Padding(1, 0, 2, 1),
                new PerAxis(1, 2), 4);
        cases.add(layer("convolution", map, net -> net.add(new Conv2d("c", 0, geometry, true, true))));
        Pool2dGeometry pool = new Pool2dGeometry(map, new PerAxis(3, 2), PerAxis.both(2), new Padding(1, 0, 1, 1), true);
        cases.add(layer("max pool", map, net -> net.add(new MaxPool2d(0, pool))));
        cases.add(layer("average pool", map, net -> net.add(new AveragePool2d(0, pool, true))));
        cases.add(layer("average pool without padding", map, net -> net.add(new AveragePool2d(0, pool, false))));
        cases.add(layer("convolution of features", map, net -> net.conv2d("c", net.flatten(0), 3, 1, 1, 0, true, true)));
        Shape signal = new Shape(3, 1, 20);
        cases.add(layer("signal", signal, net -> net.relu(net.conv2d("c", 0, Conv2dGeometry.conv1d(signal, 4, 5, 2, 2), true,
                true))));
        Shape features = Shape.features(7);
        cases.add(layer("features", features, net -> net.add(new BatchNorm2d("bn", net.linear("l", 0, 6, false, true),
                Shape.features(6)))));
        cases.add(layer("layer norm of features", features, net -> net.add(new LayerNorm("ln", 0, features, 1e-5))));
        return cases.stream();
    }

    private interface Middle {
        int add(Network.Builder net);
    }

    private static Arguments layer(String name, Shape input, Middle middle) {
        Network.Builder net = Network.builder(input).block("all");
        int layer = middle.add(net);
        net.add(new Linear("head", layer, net.shape(layer), 3, true, true));
        return Arguments.of(name, net.build());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void everyKindOfLayer(String name, Network network) throws IOException {
        assertRoundTrip(state(network, 0.5));
        OnnxModel written = OnnxParser.parse(ByteSource.open(folder.resolve("model.onnx")));
        int rank = network.input().pixels() == 1 ? 2 : network.input().height() == 1 ? 3 : 4;
        assertEquals(rank, written.inputs().getFirst().shape().orElseThrow().size(), name);
        assertTrue(written.inputs().getFirst().shape().orElseThrow().getFirst().isEmpty(), "any number of images");
        boolean later = name.startsWith("gelu") || name.equals("group norm") || name.equals("average pool");
        assertEquals(later ? true : false, written.opset() > 17, name);
    }

    /** A row that has padding above it is no signal: what its convolution reads is the padding. */
    @Test
    void rowsWithPaddingStayMaps() throws IOException {
        Shape row = new Shape(3, 1, 7);
        Network.Builder net = Network.builder(row).block("all");
        int above = net.conv2d("above", 0, new Conv2dGeometry(row, 4, new PerAxis(1, 3), new PerAxis(2, 1), new Padding(1, 1, 0, 1),
                PerAxis.ONE, 1), true, true);
        net.linear("head", above, 3, true, true);
        assertRoundTrip(state(net.build(), 0.5));
    }

    @Test
    void masksComeBackWhereZerosArePruned() throws IOException {
        ModelState state = state(new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 4, 5).build(), 0.2);
        ModelState read = again(state);
        for (int p : state.network().prunable()) {
            assertEquals(state.mask(p), read.mask(p));
        }
        Path file = folder.resolve("model.onnx");
        assertEquals(1, OnnxFile.read(file, Zeros.KEPT).state().density());
    }

    /** A name is kept both ways, through a model file, too, also where the graph would call another value so. */
    @ParameterizedTest
    @ValueSource(strings = {"output", "logits", "input", "head_3", "head_3_flatten_0", "linear_3", "relu_1_rank2"})
    void theNameOfTheOnlyOutputIsKept(String name) throws IOException {
        Shape map = new Shape(2, 4, 3);
        Network.Builder net = Network.builder(map).block("all");
        int logits = net.linear("head", net.flatten(net.relu(0)), 3, true, true);
        ModelState state = state(net.output(name, logits).build(), 0.5);
        assertRoundTrip(state);
        ModelState read = again(state);
        assertEquals(List.of(name), read.network().outputs().stream().map(Network.Output::name).toList());
        Path file = folder.resolve("model.safetensors");
        ModelFile.save(read, file, ModelFile.Form.SPARSE);
        assertEquals(List.of(name), again(ModelFile.load(file)).network().outputs().stream().map(Network.Output::name).toList());
    }

    /** Images among the outputs, or all there is, as graphs have them that hand their input on. */
    @Test
    void imagesMayBeAnOutput() throws IOException {
        Network.Builder net = Network.builder(new Shape(2, 3, 4)).block("all");
        int same = net.add(new Identity(0, net.shape(0)));
        Network only = net.output("again", same).build();
        net.output("classes", net.linear("out", 0, 3, true, true));
        for (Network network : List.of(only, net.build())) {
            ModelState state = Initializer.initialize(network, 1);
            ModelState read = again(state);
            assertEquals(network.outputs().stream().map(Network.Output::name).toList(),
                    read.network().outputs().stream().map(Network.Output::name).toList());
            float[] images = images(2 * network.input().size());
            try (Session session = Session.open(again(read), Mode.INFERENCE, 2)) {
                session.setImages(images, 2);
                session.forward(2);
                assertArrayEquals(images, session.outputs("again"));
            }
        }
    }

    /** What a dropout reads and what it gives are one value where nothing is trained; both outputs are read back. */
    @Test
    void oneValueUnderTwoNames() throws IOException {
        Network.Builder net = Network.builder(Shape.features(4)).block("all");
        int features = net.relu(net.linear("body", 0, 5, true, true));
        int dropped = net.dropout(features, 0.5);
        net.output("features", features).output("dropped", dropped).output("classes", net.linear("head", dropped, 3, true, true));
        ModelState state = state(net.build(), 0.5);
        ModelState read = again(state);
        assertEquals(List.of("features", "dropped", "classes"), read.network().outputs().stream().map(Network.Output::name).toList());
        float[] images = {1, -2, 3, 0.5f};
        try (Session written = Session.open(state, Mode.INFERENCE, 1); Session loaded = Session.open(read, Mode.INFERENCE, 1)) {
            for (Session session : List.of(written, loaded)) {
                session.setImages(images, 1);
                session.forward(1);
            }
            for (Network.Output output : state.network().outputs()) {
                assertArrayEquals(written.outputs(output.name()), loaded.outputs(output.name()), output.name());
            }
        }
    }

    @Test
    void anOutputThatIsCalledAsAParameterIsRefused() {
        Network.Builder net = Network.builder(Shape.features(4)).block("all");
        ModelState state = Initializer.initialize(net.output("head.weight", net.linear("head", 0, 3, true, true)).build(), 1);
        Path file = folder.resolve("taken.onnx");
        String message = assertThrows(IllegalArgumentException.class, () -> OnnxFile.save(state, file)).getMessage();
        assertTrue(message.contains("output 'head.weight' is called as a parameter"), message);
    }

    @Test
    void layersWithoutAnOperatorAreNamed() {
        Network.Builder net = Network.builder(new Shape(2, 4, 4));
        net.add(new SignedSquare(0, new Shape(2, 4, 4)));
        ModelState state = Initializer.initialize(net.build(), 1);
        Path file = folder.resolve("own.onnx");
        String message = assertThrows(IllegalArgumentException.class, () -> OnnxFile.save(state, file)).getMessage();
        assertTrue(message.contains("there is no operator for"), message);
        assertFalse(Files.exists(file));
    }

    /** A sparse model may be small where a dense one is larger than a message can be. */
    @Test
    void modelsThatNoReaderTakesAreRefused() {
        int inputs = 1 << 15;
        int outputs = 1 << 14;
        Network.Builder net = Network.builder(Shape.features(inputs)).block("all");
        net.linear("wide", 0, outputs, false, true);
        ModelState state = ModelState.of(net.build(), List.of(Mask.of(inputs * outputs, new int[] {7})), List.of(new float[] {1}));
        Path file = folder.resolve("wide.onnx");
        String message = assertThrows(IllegalArgumentException.class, () -> OnnxFile.save(state, file)).getMessage();
        assertTrue(message.contains("refuse more than 2^31 - 1"), message);
        assertFalse(Files.exists(file));
    }

    private static ModelState named(String name, double epsilon) {
        Network.Builder net = Network.builder(new Shape(2, 5, 5)).block("all");
        int x = net.conv2d("first", 0, 3, 3, 1, 1, true, true);
        x = net.batchNorm2d(name + "norm", net.conv2d(name, x, 3, 3, 1, 1, true, true), epsilon, 0.1);
        net.linear("out", x, 2, true, true);
        return state(net.build(), 0.5);
    }

    /** Layers need no names; blocks do. */
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a,b", "\u00e4 \u2192 \u65e5\u672c", "line\nbreak"})
    void anyNameIsReadBack(String name) throws IOException {
        ModelState state = named(name, 1e-5);
        assertRoundTrip(state);
        Network read = again(state).network();
        assertTrue(read.parameters().get(read.indexOf(name + ".weight")).prunable());
    }

    /** What would not be read back is not written. */
    @Test
    void namesAndNumbersThatNoReaderTakesAreRefused() throws IOException {
        assertRoundTrip(named("x".repeat(65_000), 1e-5));
        for (ModelState state : List.of(named("x".repeat(66_000), 1e-5), named("n", 1e-50), named("n", 1e300))) {
            Path file = folder.resolve("refused");
            String said = assertThrows(IllegalArgumentException.class, () -> OnnxFile.save(state, file)).getMessage();
            assertTrue(said.matches("ONNX: (the name '.+' has .+; name the layer or output otherwise.*"
                    + "|batch normalisation 'nnorm' has epsilon 1.0E.+, which is (0.0|Infinity) in single precision.+)"), said);
            assertFalse(Files.exists(file));
        }
    }
}
