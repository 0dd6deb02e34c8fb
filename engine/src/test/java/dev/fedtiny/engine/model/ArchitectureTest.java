package dev.fedtiny.engine.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The networks that can be built by name are those of their papers. */
@Tag("once")
class ArchitectureTest {
    /** Trained parameters: torchvision's, Keras's, MLPerf Tiny's (without the biases in front of batch norms), LEAF's, McMahan's. */
    @ParameterizedTest
    @CsvSource({
        "resnet18-imagenet, 3x224x224, 64, 1000, 11689512",
        "mobilenetv2, 3x224x224, 32, 1000, 3504872",
        "mobilenetv1, 3x224x224, 8, 1000, 470072",
        "squeezenet, 3x224x224, 64, 1000, 1235496",
        "dscnn, 1x49x10, 64, 12, 23180",
        "dscnn, 1x49x10, 16, 12, 2732",
        "resnet8, 3x32x32, 8, 10, 19906",
        "autoencoder, 640x1x1, 128, 640, 267928",
        "lenet, 1x28x28, 6, 10, 61706",
        "femnist-cnn, 1x28x28, 32, 62, 6603710",
        "mlp, 1x28x28, 200, 10, 199210",
        "cnn1d, 9x1x128, 16, 6, 6710"})
    void trainedParametersAreAsPublished(String key, String input, int width, int classes, long parameters) {
        int[] extents = IntStream.of(0, 1, 2).map(i -> Integer.parseInt(input.split("x")[i])).toArray();
        Network network = new NetworkSpec(Architecture.ofKey(key), new Shape(extents[0], extents[1], extents[2]), width, classes).build();
        assertEquals(parameters, network.trainableCount());
        assertEquals(classes, network.classes());
    }

    @ParameterizedTest
    @EnumSource
    void everyOneIsBuiltAndRuns(Architecture architecture) {
        NetworkSpec usual = architecture.usual();
        assertEquals(architecture, Architecture.ofKey(architecture.key()));
        Shape input = usual.input().size() > 100_000 ? new Shape(3, 64, 64) : usual.input();
        Network network = new NetworkSpec(architecture, input, Math.min(8, usual.width()), usual.classes()).build();
        assertFalse(network.blocks().isEmpty(), "blocks that progressive pruning visits");
        assertEquals(network.prunable().size(), network.blocks().stream().mapToInt(block -> block.parameters().size()).sum());
        assertEquals(architecture != Architecture.UNET, network.layers().getLast().output().equals(Shape.features(usual.classes())));
        ModelState state = Initializer.initialize(network, 1);
        try (Session session = Session.open(state, Mode.INFERENCE, 1)) {
            session.setImages(new float[input.size()], 1);
            session.forward(1);
            assertTrue(Float.isFinite(session.logit(0, 0)));
        }
    }

    /** Names as torchvision has them, so that its files can be read. */
    @Test
    void namesAreTorchvisions() {
        List<String> mobile = Architecture.MOBILENET_V2.usual().build().parameters().stream().map(Parameter::name).toList();
        assertEquals("features.0.0.weight", mobile.getFirst());
        assertTrue(mobile.containsAll(List.of("features.1.conv.0.0.weight", "features.1.conv.1.weight", "features.1.conv.2.running_var",
                "features.17.conv.1.0.weight", "features.17.conv.3.bias", "features.18.0.weight", "classifier.1.bias")), mobile.toString());
        List<String> squeeze = Architecture.SQUEEZENET.usual().build().parameters().stream().map(Parameter::name).toList();
        assertTrue(squeeze.containsAll(List.of("features.0.weight", "features.3.squeeze.weight", "features.12.expand3x3.bias",
                "classifier.1.weight")), squeeze.toString());
    }

    @Test
    void pruningLeavesDepthwiseWeights() {
        Network network = Architecture.MOBILENET_V2.usual().build();
        long prunable = network.prunable().stream().mapToLong(i -> network.parameters().get(i).size()).sum();
        assertTrue(prunable > 0.95 * network.trainableCount(), prunable + " of " + network.trainableCount());
        assertFalse(network.parameters().get(network.indexOf("features.1.conv.0.0.weight")).prunable());
    }

    @Test
    void whatCannotBeBuiltSaysWhy() {
        String unknown = assertThrows(IllegalArgumentException.class, () -> Architecture.ofKey("resnet99")).getMessage();
        assertTrue(unknown.contains("resnet99") && unknown.contains("mobilenetv2"), unknown);
        String odd = assertThrows(IllegalArgumentException.class, () -> new NetworkSpec(Architecture.UNET, new Shape(3, 30, 32), 8, 2)
                .build()).getMessage();
        assertTrue(odd.contains("multiples of 4"), odd);
        assertFalse(Architecture.classifiers().contains("autoencoder"));
    }
}
