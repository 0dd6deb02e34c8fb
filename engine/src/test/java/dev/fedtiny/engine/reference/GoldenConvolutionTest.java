package dev.fedtiny.engine.reference;

import static dev.fedtiny.engine.reference.GoldenFiles.assertClose;
import static dev.fedtiny.engine.reference.GoldenFiles.doubles;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.op.Conv2d;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import dev.fedtiny.engine.testing.Conv2dReference;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Convolutions with groups, dilation, strides per axis, padding per side, and of one dimension, against PyTorch's: the reference in double,
 * and the engine in every form on every kernel that this JVM has.
 */
class GoldenConvolutionTest {
    private static final List<String> KINDS = List.of("conv-grouped-", "conv-depthwise-", "conv-dilated-", "conv-stride-", "conv-padding-",
            "conv1d-");
    private static final double REFERENCE_TOLERANCE = 5e-6;
    private static final double TOLERANCE = 2e-5;

    static List<Path> files() throws IOException, URISyntaxException {
        return GoldenFiles.operators(KINDS.toArray(String[]::new));
    }

    @Test
    void resourcesHoldEveryKind() throws Exception {
        for (String kind : KINDS) {
            assertTrue(!GoldenFiles.operators(kind).isEmpty(), kind);
        }
    }

    private static List<Integer> numbers(SafetensorsFile file, String key) {
        return Stream.of(file.metadata().get(key).split(",")).map(Integer::parseInt).toList();
    }

    private static PerAxis perAxis(SafetensorsFile file, String key) {
        List<Integer> numbers = numbers(file, key);
        return numbers.size() == 1 ? new PerAxis(1, numbers.getFirst()) : new PerAxis(numbers.get(0), numbers.get(1));
    }

    /** N × C × L is N × C × 1 × L. */
    private static List<Integer> shape(SafetensorsFile file, String name) throws IOException {
        List<Integer> shape = new ArrayList<>(file.get(name).shape().stream().map(Math::toIntExact).toList());
        if (shape.size() == 3) {
            shape.add(2, 1);
        }
        return Collections.unmodifiableList(shape);
    }

    private static Tensor tensor(SafetensorsFile file, String name) throws IOException {
        List<Integer> shape = shape(file, name);
        return Tensor.ofNchw(shape.get(0), new Shape(shape.get(1), shape.get(2), shape.get(3)), file.readFloats(name));
    }

    private static Conv2dGeometry geometry(SafetensorsFile file) throws IOException {
        List<Integer> padding = numbers(file, "padding");
        return new Conv2dGeometry(tensor(file, "x").shape(), shape(file, "weight").getFirst(), perAxis(file, "kernel"),
                perAxis(file, "stride"),
                padding.size() == 2 ? Padding.horizontal(padding.get(0), padding.get(1))
                        : new Padding(padding.get(0), padding.get(1), padding.get(2), padding.get(3)),
                perAxis(file, "dilation"), numbers(file, "groups").getFirst());
    }

    private static Mask mask(SafetensorsFile file, Conv2dGeometry geometry) throws IOException {
        return file.find("mask").isPresent() ? Mask.ofNonZero(file.readNumbers("mask")) : Mask.full(geometry.weights());
    }

    @ParameterizedTest
    @MethodSource("files")
    void theReferenceAgreesWithPyTorch(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Conv2dReference conv = new Conv2dReference(geometry(file));
            int images = shape(file, "x").getFirst();
            double[] weight = doubles(file, "weight");
            double[] dy = doubles(file, "dy");
            boolean bias = file.find("bias").isPresent();
            assertClose(file, "y", conv.forward(images, doubles(file, "x"), weight, bias ? doubles(file, "bias") : null),
                    REFERENCE_TOLERANCE);
            assertClose(file, "dx", conv.inputGradient(images, weight, dy), REFERENCE_TOLERANCE);
            assertClose(file, file.find("mask").isPresent() ? "dweight_dense" : "dweight",
                    conv.weightGradient(images, doubles(file, "x"), dy), REFERENCE_TOLERANCE);
            if (bias) {
                assertClose(file, "dbias", conv.biasGradient(dy), REFERENCE_TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFormOnEveryKernelAgreesWithPyTorch(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (ConvolutionAlgorithm form : ConvolutionAlgorithm.STORED) {
                for (KernelChoice kernels : KernelChoice.values()) {
                    if (kernels.refusal().isEmpty()) {
                        compare(file, form, kernels);
                    }
                }
            }
        }
    }

    private static void compare(SafetensorsFile file, ConvolutionAlgorithm form, KernelChoice kernels) throws IOException {
        Conv2dGeometry geometry = geometry(file);
        Mask mask = mask(file, geometry);
        boolean bias = file.find("bias").isPresent();
        Weights weights = Weights.of(form, geometry.outputChannels(), geometry.columns(), mask, mask.gather(file.readFloats("weight")));
        Conv2d conv = new Conv2d("c", geometry, weights, bias ? file.readFloats("bias") : null, kernels);
        assertClose(file, "y", ReferenceNetwork.toDouble(conv.forward(tensor(file, "x")).toNchw()), TOLERANCE);
        Conv2d.Gradients gradients = conv.backward(tensor(file, "dy"));
        assertClose(file, "dx", ReferenceNetwork.toDouble(gradients.input().toNchw()), TOLERANCE);
        Mask stored = gradients.weights().length == mask.count() ? mask : Mask.full(mask.size());
        float[] expected = file.readFloats(file.find("mask").isPresent() ? "dweight_dense" : "dweight");
        GoldenFiles.assertClose(file.name() + " dweight, " + form + " on " + kernels,
                ReferenceNetwork.toDouble(stored.gather(expected)), ReferenceNetwork.toDouble(gradients.weights()), TOLERANCE);
        if (bias) {
            assertClose(file, "dbias", ReferenceNetwork.toDouble(gradients.bias()), TOLERANCE);
        }
    }
}
