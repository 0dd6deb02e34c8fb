package dev.fedtiny.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile.Form;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerKinds;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import example.SignedSquare;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Files of networks that no architecture is known of: they are rebuilt from the file alone. */
class StandaloneModelFileTest {
    private static final Shape IMAGE = new Shape(2, 9, 8);

    @TempDir
    private Path folder;

    /** Two blocks, a residual sum, an odd grouped convolution, an embedder's layer. */
    private static Network network() {
        Network.Builder net = Network.builder(IMAGE);
        int x = net.relu(net.batchNorm2d("stem.bn", net.conv2d("stem.conv", 0, 4, 3, 1, 1, false, false)));
        net.block("body");
        Conv2dGeometry grouped = new Conv2dGeometry(net.shape(x), 8, new PerAxis(3, 2), new PerAxis(1, 2), new Padding(2, 0, 0, 1),
                new PerAxis(1, 2), 4);
        int y = net.conv2d("body.grouped", x, grouped, true, true);
        int z = net.conv2d("body.plain", x, new Conv2dGeometry(net.shape(x), 8, new PerAxis(3, 2), new PerAxis(1, 2),
                new Padding(2, 0, 0, 1), new PerAxis(1, 2), 1), false, true);
        int sum = net.add(y, z);
        int own = net.add(new SignedSquare(sum, net.shape(sum)));
        net.block("head");
        int pooled = net.dropout(net.globalAveragePool(own), 0.25);
        net.linear("head", pooled, 5, true, true);
        return net.build();
    }

    private static float[] outputs(ModelState state) {
        float[] images = new float[3 * IMAGE.size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = i % 7 - 3;
        }
        try (Session session = Session.open(state, Mode.INFERENCE, 3)) {
            session.setImages(images, 3);
            session.forward(3);
            return session.outputs().clone();
        }
    }

    private static void assertSameNetwork(Network expected, Network actual) {
        assertEquals(expected.layers().stream().map(Layer::kind).toList(), actual.layers().stream().map(Layer::kind).toList());
        assertEquals(expected.layers().stream().map(Layer::attributes).toList(), actual.layers().stream().map(Layer::attributes).toList());
        assertEquals(expected.parameters(), actual.parameters());
        assertEquals(expected.blocks(), actual.blocks());
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void networksAreRebuiltFromPathStreamAndBytes(Form form) throws IOException {
        ModelState state = ModelFileTest.masked(network(), 0.4, 3);
        Path path = folder.resolve("model");
        ModelFile.save(state, path, form);
        byte[] bytes = Files.readAllBytes(path);
        for (ModelState read : List.of(ModelFile.load(path), ModelFile.load(new ByteArrayInputStream(bytes)),
                ModelFile.load(ByteSource.of(bytes, "bytes")))) {
            ModelFileTest.assertSame(state, read);
            assertSameNetwork(state.network(), read.network());
            assertArrayEquals(outputs(state), outputs(read));
        }
        ModelFile.save(ModelFile.load(path), path, form);
        assertArrayEquals(bytes, Files.readAllBytes(path), "the same file again");
    }

    @Test
    void exemptionsFromPruningAreInTheFile() throws IOException {
        Network exempt = network().withoutPruning("body.plain.weight");
        ModelState state = ModelFileTest.masked(exempt, 0.4, 3);
        Path path = folder.resolve("model");
        ModelFile.save(state, path, Form.SPARSE);
        assertSameNetwork(exempt, ModelFile.load(path).network());
    }

    private String network(String json) throws IOException {
        Path path = folder.resolve("hostile");
        new SafetensorsWriter().metadata("fedtiny.network", json).write(path);
        SafetensorsException failure = assertThrows(SafetensorsException.class, () -> ModelFile.load(path));
        assertEquals(SafetensorsHeader.LENGTH_BYTES, failure.byteOffset());
        return failure.getMessage();
    }

    private static String layers(String... layers) {
        return "{\"format\":\"fedtiny.network\",\"version\":1,\"layers\":[" + String.join(",", layers) + "],\"blocks\":[]}";
    }

    private static String layer(String kind, String sources, String attributes) {
        return "{\"kind\":\"" + kind + "\",\"sources\":[" + sources + "],\"attributes\":{" + attributes + "}}";
    }

    private static final String INPUT = "{\"kind\":\"input\",\"attributes\":{\"shape\":[3,8,8]}}";

    @Test
    void networksThatCannotBeAreRefusedWithTheLayer() throws IOException {
        assertContains(network(""), "the metadata describe no network");
        assertContains(network("[]"), "expected an object");
        assertContains(network("{\"format\":\"fedtiny.network\",\"version\":3}"),
                "of version 3, this engine reads 'fedtiny.network' of versions 1 and 2");
        assertContains(network(layers(INPUT).replace("\"version\":1", "\"version\":2,\"outputs\":[{\"name\":\"a\",\"layer\":7}]")),
                "there is no layer 7");
        assertContains(network("{\"format\":\"onnx\",\"version\":1}"), "it is 'onnx'");
        assertContains(network(layers()), "it has no layers");
        assertContains(network(layers(layer("clamp", "", ""))), "layer 0");
        assertContains(network(layers(INPUT, INPUT)), "layer 1: it is of kind 'input'");
        assertContains(network(layers(INPUT, layer("mystery", "0", ""))), "layer 1: there is no kind of layer 'mystery'; known are ");
        for (String source : List.of("1", "-1", "7", "0.5", "\"0\"", "99999999999999999999")) {
            assertContains(network(layers(INPUT, layer("clamp", source, ""))), "expected positions of layers before it");
        }
        assertContains(network(layers(INPUT, layer("clamp", "0,0", ""))), "layer 1: ");
        assertContains(network(layers(INPUT, layer("dropout", "0", "\"probability\":\"x\""))), "attribute 'probability' is x");
        assertContains(network(layers(INPUT, layer("dropout", "0", "\"probability\":{}"))), "attribute 'probability' is an object");
        assertContains(network(layers(INPUT, layer("dropout", "0", ""))), "attribute 'probability' is missing");
        assertContains(network(layers(INPUT, layer("clamp", "0", ""), layer("clamp", "0", ""))), "nothing reads layer 1");
        assertContains(network(layers("{\"kind\":\"input\",\"attributes\":{\"shape\":[3,2147483647,2147483647]}}")),
                "layer 0: shape 3×2147483647×2147483647 has more than");
        String linear = layer("linear", "0", "\"name\":\"a\",\"outputs\":2147483647,\"bias\":true,\"prunable\":false");
        assertContains(network(layers(INPUT, linear)), "layer 1: ");
        String small = layer("linear", "0", "\"name\":\"a\",\"outputs\":3,\"bias\":true,\"prunable\":true");
        assertContains(network(layers(INPUT, small)), "belongs to no block");
        assertContains(network("{\"format\":".repeat(200)), "the metadata describe no network");
    }

    /** A few hundred bytes, or some hundred thousand, must not keep a reader for minutes. */
    @Test
    void hugeExtentsAndListsTakeNoTime() {
        String wide = layer("conv2d", "0", "\"name\":\"c\",\"dimensions\":2,\"output_channels\":700000000,\"kernel\":[1,1],\"stride\":"
                + "[1,1],\"padding\":[0,0,0,0],\"dilation\":[1,1],\"groups\":1,\"bias\":false,\"prunable\":false");
        String input = "{\"kind\":\"input\",\"attributes\":{\"shape\":[3,1,1]}}";
        String sources = "0,".repeat(300_000) + "0";
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            assertEquals(700_000_000, NetworkJson.read(layers(input, wide, layer("concat", "1", ""))).classes());
            assertEquals(900_003, NetworkJson.read(layers(input, layer("concat", sources, ""))).classes());
        });
    }

    @Test
    void whatMayBePrunedIsSaidOnce() throws IOException {
        Path path = folder.resolve("twice");
        new SafetensorsWriter().metadata("fedtiny.network", NetworkJson.write(network())).metadata("fedtiny.never_pruned",
                "body.plain.weight").write(path);
        assertContains(assertThrows(SafetensorsException.class, () -> ModelFile.load(path)).getMessage(),
                "'fedtiny.never_pruned' beside a network whose layers say themselves");
    }

    /** Further metadata that would be taken for a known architecture's. */
    @Test
    void noFurtherKeyHidesTheNetwork() throws IOException {
        ModelState state = ModelFileTest.masked(network(), 0.4, 3);
        Path path = folder.resolve("model");
        for (String key : List.of("architecture", "input", "width", "classes", "format", "fedtiny.network")) {
            assertContains(assertThrows(IllegalArgumentException.class, () -> ModelFile.save(state, path, Form.SPARSE, Map.of(key, "mine")))
                    .getMessage(), "metadata key '" + key + "' is taken");
        }
        ModelFile.save(state, path, Form.SPARSE, Map.of("model", "mine"));
        ModelFileTest.assertSame(state, ModelFile.load(path));
    }

    private static void assertContains(String message, String part) {
        assertTrue(message.contains(part), message);
    }

    @ParameterizedTest
    @CsvSource({"null", "'a text'", "17"})
    void whatIsNoNetworkIsRefused(String json) throws IOException {
        assertContains(network(json), "the metadata describe no network");
    }

    /** Characters of the graph that are changed, in files that are otherwise whole. */
    @Test
    void damagedGraphs() throws IOException {
        ModelState state = ModelFileTest.masked(network(), 0.4, 3);
        Path path = folder.resolve("model");
        ModelFile.save(state, path, Form.SPARSE);
        byte[] whole = Files.readAllBytes(path);
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        int from = text.indexOf("fedtiny.network");
        int to = text.indexOf("blocks", from);
        RandomStream random = RandomStream.of(2, "graph-damage");
        int taken = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = whole.clone();
            int place = from + random.nextInt(to - from);
            damaged[place] = (byte) (random.nextInt(3) == 0 ? random.nextInt(128) : '0' + random.nextInt(10));
            try {
                ModelFile.load(ByteSource.of(damaged, "damaged")).check();
                taken++;
            } catch (SafetensorsException e) {
                assertTrue(e.getMessage().startsWith("damaged"), e.getMessage());
            }
        }
        assertTrue(taken > 10 && taken < 2900, taken + " of 3000 taken");
    }

    @Test
    void everyKindOfTheEngineIsKnown() {
        assertTrue(LayerKinds.byKey().keySet().containsAll(List.of("add", "batch_norm2d", "conv2d", "dropout",
                "global_average_pool", "input", "linear", "max_pool2d", "signed_square")), LayerKinds.byKey().keySet().toString());
    }
}
