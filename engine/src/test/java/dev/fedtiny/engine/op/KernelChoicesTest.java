package dev.fedtiny.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Single operators give a session's bits, and kernels that a JVM cannot run are refused with the reason. */
class KernelChoicesTest {
    private static final int IMAGES = 19;

    private static float[] floats(RandomStream random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Weights weights(RandomStream random, ConvolutionAlgorithm algorithm, int rows, int columns) {
        Mask mask = Mask.of(rows * columns, IntStream.range(0, rows * columns).filter(i -> random.nextDouble() < 0.4).toArray());
        return Weights.of(algorithm, rows, columns, mask, floats(random, mask.count()));
    }

    private static void sameAsSession(SingleLayer session, Tensor x, Tensor y, Tensor dy, Conv2d.Gradients gradients) {
        assertArrayEquals(session.forward(x).toNchw(), y.toNchw(), "output");
        assertArrayEquals(session.backward(dy).toNchw(), gradients.input().toNchw(), "gradient of the input");
        assertArrayEquals(session.session().gradient(0), gradients.weights(), "gradient of the weights");
        assertArrayEquals(session.session().gradient(1), gradients.bias(), "gradient of the bias");
    }

    @Test
    void convolutionsGiveTheBitsOfASession() {
        Conv2dGeometry geometry = new Conv2dGeometry(new Shape(5, 9, 8), 6, 3, 3, 2, 1);
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            RandomStream random = RandomStream.of(1, "single-convolution");
            Weights weights = weights(random, algorithm, 6, geometry.columns());
            float[] bias = floats(random, 6);
            Tensor x = Tensor.ofNchw(IMAGES, geometry.input(), floats(random, IMAGES * geometry.input().size()));
            Tensor dy = Tensor.ofNchw(IMAGES, geometry.output(), floats(random, IMAGES * geometry.output().size()));
            Conv2d conv = new Conv2d("c", geometry, weights, bias);
            Network.Builder net = Network.builder(geometry.input()).block("c");
            net.conv2d("c", 0, geometry, true, true);
            SingleLayer session = new SingleLayer("c", net.build(), List.of(weights.mask(), Mask.full(6)), List.of(weights.values(), bias),
                    Mode.TRAINING, new AlgorithmPolicy.Always(algorithm));
            sameAsSession(session, x, conv.forward(x), dy, conv.backward(dy));
        }
    }

    @Test
    void linearLayersGiveTheBitsOfASession() {
        Shape input = new Shape(3, 2, 4);
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            RandomStream random = RandomStream.of(1, "single-linear");
            Weights weights = weights(random, algorithm, 7, input.size());
            float[] bias = floats(random, 7);
            Tensor x = Tensor.ofNchw(IMAGES, input, floats(random, IMAGES * input.size()));
            Tensor dy = Tensor.ofNchw(IMAGES, Shape.features(7), floats(random, IMAGES * 7));
            Linear linear = new Linear("l", input, weights, bias);
            Network.Builder net = Network.builder(input).block("l");
            net.linear("l", 0, 7, true, true);
            SingleLayer session = new SingleLayer("l", net.build(), List.of(weights.mask(), Mask.full(7)), List.of(weights.values(), bias),
                    Mode.TRAINING, new AlgorithmPolicy.Always(algorithm));
            sameAsSession(session, x, linear.forward(x), dy, linear.backward(dy));
        }
    }

    @Test
    void changedValuesAreTakenOver() {
        Conv2dGeometry geometry = new Conv2dGeometry(new Shape(1, 1, 1), 1, 1, 1, 1, 0);
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            Weights weights = Weights.of(algorithm, 1, 1, Mask.full(1), new float[] {2});
            Conv2d conv = new Conv2d("c", geometry, weights, null);
            Tensor x = Tensor.ofNchw(1, geometry.input(), new float[] {3});
            assertEquals(6, conv.forward(x).get(0, 0, 0, 0));
            weights.values()[0] = 5;
            assertEquals(15, conv.forward(x).get(0, 0, 0, 0));
            assertEquals(15, conv.backward(x).input().get(0, 0, 0, 0));
        }
    }

    @Test
    void whatThisJvmRunsIsNamedAndTheRestRefused() {
        assertEquals(Kernels.current().name(), Kernels.of(KernelChoice.AUTO).name());
        for (KernelChoice choice : KernelChoice.values()) {
            if (choice.refusal().isEmpty()) {
                assertEquals(choice == KernelChoice.AUTO ? Kernels.current().name() : choice.name().toLowerCase(java.util.Locale.ROOT)
                        .replace("_", ""), Kernels.of(choice).name());
            } else {
                var error = assertThrows(IllegalStateException.class, () -> Kernels.of(choice));
                assertTrue(error.getMessage().startsWith("kernels of " + choice.bits() + " bits: "), error.getMessage());
                assertTrue(error.getMessage().contains("start ") || error.getMessage().contains("start it"), error.getMessage());
            }
        }
        switch (Kernels.current().name()) {
            case "simd512" -> assertTrue(KernelChoice.SIMD_256.refusal().isEmpty(), "256 bits beside 512");
            case "simd256" -> assertTrue(KernelChoice.SIMD_128.refusal().orElseThrow().contains("-XX:MaxVectorSize=16"));
            case "simd128" -> assertTrue(KernelChoice.SIMD_256.refusal().orElseThrow().contains("without -XX:MaxVectorSize"));
            default -> assertTrue(KernelChoice.SIMD_256.refusal().isPresent(), "no vectors here");
        }
    }
}
