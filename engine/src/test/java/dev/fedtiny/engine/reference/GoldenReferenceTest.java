package dev.fedtiny.engine.reference;

import static dev.fedtiny.engine.reference.GoldenFiles.assertClose;
import static dev.fedtiny.engine.reference.GoldenFiles.doubles;
import static dev.fedtiny.engine.reference.GoldenFiles.extent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.testing.BatchNorm2dReference;
import dev.fedtiny.engine.testing.BatchNorm2dReference.Statistics;
import dev.fedtiny.engine.testing.Conv2dReference;
import dev.fedtiny.engine.testing.CrossEntropyReference;
import dev.fedtiny.engine.testing.ElementwiseReference;
import dev.fedtiny.engine.testing.LinearReference;
import dev.fedtiny.engine.testing.MaxPool2dReference;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference operators against PyTorch's: this decides that the formulas are the right ones. */
class GoldenReferenceTest {
    /** PyTorch computed in float. */
    private static final double TOLERANCE = 5e-6;

    static List<Path> operators() throws IOException, URISyntaxException {
        return GoldenFiles.find("conv-0", "batchnorm-0", "maxpool-0", "avgpool-0", "linear-cross-entropy-0");
    }

    @ParameterizedTest
    @MethodSource("operators")
    void agreesWithPyTorch(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            String op = file.metadata().get("op");
            switch (op) {
                case "conv2d" -> convolution(file);
                case "batch_norm2d" -> batchNormalisation(file);
                case "max_pool2d" -> maxPool(file);
                case "global_avg_pool2d" -> averagePool(file);
                case "linear + mean cross entropy" -> linearCrossEntropy(file);
                default -> throw new AssertionError("no reference of '" + op + "' in " + path);
            }
        }
    }

    @Test
    void resourcesHoldEveryOperator() throws Exception {
        assertTrue(operators().size() >= 15);
        for (String prefix : List.of("conv-", "batchnorm-", "maxpool-", "avgpool-", "linear-cross-entropy-")) {
            assertTrue(!GoldenFiles.find(prefix).isEmpty(), prefix);
        }
    }

    private static int setting(SafetensorsFile file, String key) {
        return Integer.parseInt(file.metadata().get(key));
    }

    private static Shape shape(SafetensorsFile file) throws IOException {
        return new Shape(extent(file, "x", 1), extent(file, "x", 2), extent(file, "x", 3));
    }

    private static void convolution(SafetensorsFile file) throws IOException {
        Conv2dReference conv = new Conv2dReference(new Conv2dGeometry(shape(file), extent(file, "weight", 0), extent(file, "weight", 2),
                extent(file, "weight", 3), setting(file, "stride"), setting(file, "padding")));
        int images = extent(file, "x", 0);
        boolean bias = file.find("bias").isPresent();
        double[] x = doubles(file, "x");
        double[] dy = doubles(file, "dy");
        double[] weight = doubles(file, "weight");
        double[] mask = doubles(file, "mask");
        for (int i = 0; i < mask.length; i++) {
            assertTrue(mask[i] == 1 || mask[i] == 0 && weight[i] == 0, "weight " + i + " under its mask");
        }
        assertClose(file, "y", conv.forward(images, x, weight, bias ? doubles(file, "bias") : null), TOLERANCE);
        assertClose(file, "dx", conv.inputGradient(images, weight, dy), TOLERANCE);
        assertClose(file, "dweight_dense", conv.weightGradient(images, x, dy), TOLERANCE);
        if (bias) {
            assertClose(file, "dbias", conv.biasGradient(dy), TOLERANCE);
        }
    }

    private static void batchNormalisation(SafetensorsFile file) throws IOException {
        BatchNorm2dReference norm = new BatchNorm2dReference(shape(file));
        double[] x = doubles(file, "x");
        double[] gamma = doubles(file, "gamma");
        double[] beta = doubles(file, "beta");
        double[] mean = doubles(file, "running_mean_before");
        double[] variance = doubles(file, "running_var_before");
        Statistics batch = norm.statistics(x);
        assertClose(file, "y_train", norm.apply(x, batch, gamma, beta), TOLERANCE);
        assertClose(file, "y_eval", norm.apply(x, new Statistics(mean, variance), gamma, beta), TOLERANCE);
        assertClose(file, "running_mean_after", norm.runningMean(mean, batch), TOLERANCE);
        assertClose(file, "running_var_after", norm.runningVariance(extent(file, "x", 0), variance, batch), TOLERANCE);
        BatchNorm2dReference.Gradients gradients = norm.gradients(x, batch, gamma, doubles(file, "dy"));
        assertClose(file, "dx", gradients.x(), TOLERANCE);
        assertClose(file, "dgamma", gradients.gamma(), TOLERANCE);
        assertClose(file, "dbeta", gradients.beta(), TOLERANCE);
    }

    private static void maxPool(SafetensorsFile file) throws IOException {
        MaxPool2dReference pool = new MaxPool2dReference(new Pool2dGeometry(shape(file), setting(file, "kernel"), setting(file, "stride")));
        int images = extent(file, "x", 0);
        double[] x = doubles(file, "x");
        int[] winners = pool.winners(images, x);
        assertClose(file, "y", pool.forward(x, winners), 0);
        assertClose(file, "dx", pool.inputGradient(images, winners, doubles(file, "dy")), 1e-7);
    }

    private static void averagePool(SafetensorsFile file) throws IOException {
        int images = extent(file, "x", 0);
        assertClose(file, "y", ElementwiseReference.globalAveragePool(images, shape(file), doubles(file, "x")), TOLERANCE);
        assertClose(file, "dx", ElementwiseReference.globalAveragePoolGradient(images, shape(file), doubles(file, "dy")), TOLERANCE);
    }

    private static void linearCrossEntropy(SafetensorsFile file) throws IOException {
        int images = extent(file, "x", 0);
        LinearReference linear = new LinearReference(extent(file, "weight", 1), extent(file, "weight", 0));
        CrossEntropyReference loss = new CrossEntropyReference(linear.outputs());
        double[] x = doubles(file, "x");
        double[] weight = doubles(file, "weight");
        int[] labels = GoldenFiles.labels(file, "labels");
        double[] logits = linear.forward(images, x, weight, doubles(file, "bias"));
        assertClose(file, "logits", logits, TOLERANCE);
        assertEquals(file.readFloats("loss")[0], loss.lossSum(logits, labels) / images, 1e-5);
        double[] dy = loss.meanGradient(logits, labels);
        assertClose(file, "dx", linear.inputGradient(images, weight, dy), TOLERANCE);
        assertClose(file, "dweight", linear.weightGradient(images, x, dy), TOLERANCE);
        assertClose(file, "dbias", linear.biasGradient(dy), TOLERANCE);
    }
}
