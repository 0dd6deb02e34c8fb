package dev.fedtiny.engine.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Shape;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Finite differences hold the gradients of whole networks, at kept and at pruned positions. */
class NetworkGradientTest {
    private static final double STEP = 1e-5;

    private static double[][] randomParameters(Network network, double density) {
        double[][] parameters = new double[network.parameters().size()][];
        for (int i = 0; i < parameters.length; i++) {
            Parameter parameter = network.parameters().get(i);
            RandomStream random = RandomStream.of(11, "parameter", i);
            parameters[i] = new double[parameter.size()];
            for (int j = 0; j < parameters[i].length; j++) {
                double value = random.nextGaussian();
                parameters[i][j] = switch (parameter.kind()) {
                    case CONVOLUTION_WEIGHT, LINEAR_WEIGHT ->
                            parameter.prunable() && random.nextDouble() >= density ? 0 : value / Math.sqrt(parameter.columns() * density);
                    case GAMMA, RUNNING_VARIANCE -> 1 + 0.2 * Math.abs(value);
                    default -> 0.3 * value;
                };
            }
        }
        return parameters;
    }

    private static double[] gaussians(String purpose, int length) {
        RandomStream random = RandomStream.of(12, purpose);
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }

    /** Compares up to {@code sample} positions of every parameter; those whose difference crosses a kink are left out. */
    private static void check(Network network, int images, double density, int sample, Map<Integer, double[]> dropout) {
        ReferenceNetwork reference = new ReferenceNetwork(network);
        double[][] parameters = randomParameters(network, density);
        double[] input = gaussians("input", images * network.input().size());
        int[] labels = new int[images];
        for (int n = 0; n < images; n++) {
            labels[n] = n * 5 % network.classes();
        }
        ReferenceNetwork.Pass pass = reference.forward(Mode.TRAINING, parameters, input, images, dropout);
        double[][] gradients = reference.gradients(pass, labels);
        long pattern = reference.pattern(pass);
        int compared = 0;
        int crossed = 0;
        for (int i = 0; i < parameters.length; i++) {
            if (!network.parameters().get(i).kind().trainable()) {
                assertNull(gradients[i]);
                continue;
            }
            double scale = 1e-2;
            for (double value : gradients[i]) {
                scale = Math.max(scale, Math.abs(value));
            }
            RandomStream random = RandomStream.of(13, "sample", i);
            for (int j = 0; j < sample; j++) {
                int at = random.nextInt(parameters[i].length);
                double value = parameters[i][at];
                parameters[i][at] = value + STEP;
                ReferenceNetwork.Pass above = reference.forward(Mode.TRAINING, parameters, input, images, dropout);
                parameters[i][at] = value - STEP;
                ReferenceNetwork.Pass below = reference.forward(Mode.TRAINING, parameters, input, images, dropout);
                parameters[i][at] = value;
                if (reference.pattern(above) != pattern || reference.pattern(below) != pattern) {
                    crossed++;
                    continue;
                }
                double difference = (reference.loss(above, labels) - reference.loss(below, labels)) / (2 * STEP);
                assertEquals(difference, gradients[i][at], 1e-6 * scale, network.parameters().get(i).name() + " at " + at);
                compared++;
            }
        }
        assertTrue(compared > 4 * crossed, compared + " positions compared, " + crossed + " crossed a kink");
    }

    @Test
    void resNet18() {
        check(new NetworkSpec(Architecture.RESNET18, new Shape(3, 16, 16), 2, 5).build(), 3, 1, 3, Map.of());
    }

    @Test
    void resNet18Sparse() {
        check(new NetworkSpec(Architecture.RESNET18, new Shape(1, 16, 16), 2, 4).build(), 2, 0.3, 3, Map.of());
    }

    @Test
    void vgg11() {
        check(new NetworkSpec(Architecture.VGG11_SINGLE, new Shape(3, 32, 32), 2, 10).build(), 3, 1, 2, Map.of());
    }

    @Test
    void vgg11SmallHead() {
        check(new NetworkSpec(Architecture.VGG11_SMALL, new Shape(3, 32, 32), 2, 10).build(), 3, 0.5, 2, Map.of());
    }

    @Test
    void smallCnn() {
        check(new NetworkSpec(Architecture.CNN_8_8_8, new Shape(1, 20, 19), 1, 3).build(), 2, 0.5, 12, Map.of());
    }

    @Test
    void everyLayerKind() {
        Network.Builder builder = Network.builder(new Shape(2, 7, 9)).block("all");
        int left = builder.conv2d("left", 0, 3, 5, 2, 2, true, true);
        int right = builder.batchNorm2d("norm", builder.conv2d("right", 0, 3, 1, 2, 0, false, true));
        int x = builder.relu(builder.add(left, right));
        // One layer with three users: its gradient is the sum of theirs.
        x = builder.add(builder.add(x, x), builder.conv2d("again", x, 3, 3, 1, 1, false, true));
        x = builder.dropout(builder.maxPool2d(x, 3, 1), 0.4);
        int dropout = x;
        x = builder.repeat(builder.globalAveragePool(x), 3, 2);
        x = builder.relu(builder.linear("hidden", x, 6, false, true));
        builder.linear("out", x, 4, true, true);
        Network network = builder.build();
        int images = 3;
        double[] factors = gaussians("dropout", images * network.layers().get(dropout).output().size());
        for (int i = 0; i < factors.length; i++) {
            factors[i] = factors[i] < -0.3 ? 0 : 1 / 0.6;
        }
        check(network, images, 1, 20, Map.of(dropout, factors));
    }

    @Test
    void modesDifferInStatisticsAlone() {
        Network.Builder builder = Network.builder(new Shape(2, 3, 4)).block("all");
        int norm = builder.batchNorm2d("norm", builder.conv2d("conv", 0, 3, 3, 1, 1, false, true));
        builder.linear("out", builder.relu(norm), 2, true, true);
        Network network = builder.build();
        double[][] parameters = randomParameters(network, 1);
        double[] input = gaussians("input", 4 * network.input().size());
        ReferenceNetwork reference = new ReferenceNetwork(network);
        var training = reference.forward(Mode.TRAINING, parameters, input, 4);
        var statistics = reference.forward(Mode.STATISTICS, parameters, input, 4);
        var inference = reference.forward(Mode.INFERENCE, parameters, input, 4);
        assertArrayEquals(training.logits(), statistics.logits());
        assertTrue(Math.abs(training.logits()[0] - inference.logits()[0]) > 1e-3);
        int mean = network.indexOf("norm.running_mean");
        assertTrue(inference.parametersAfter()[mean] == parameters[mean]);
        double[] y = training.outputs()[network.layers().get(norm).sources().getFirst()];
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += i / 12 % 3 == 1 ? y[i] : 0;
        }
        assertEquals(0.9 * parameters[mean][1] + 0.1 * sum / 48, statistics.parametersAfter()[mean][1], 1e-12);
        Map<Integer, Boolean> moved = new HashMap<>();
        for (int i = 0; i < parameters.length; i++) {
            moved.put(i, training.parametersAfter()[i] != parameters[i]);
            assertEquals(!network.parameters().get(i).kind().trainable(), moved.get(i), network.parameters().get(i).name());
        }
    }
}
