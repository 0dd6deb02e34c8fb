package dev.fedtiny.engine.reference;

import static dev.fedtiny.engine.testing.FiniteDifferences.awayFromZero;
import static dev.fedtiny.engine.testing.FiniteDifferences.check;
import static dev.fedtiny.engine.testing.FiniteDifferences.dot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.runtime.RandomStream;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Finite differences hold the backward pass of every reference operator; a few results counted by hand hold the forward pass. */
class OperatorGradientTest {
    private static RandomStream random(String purpose) {
        return RandomStream.of(7, purpose);
    }

    @ParameterizedTest
    @CsvSource({
        // images, C, H, W, K, R, S, stride, padding
        "1, 1, 1, 1, 1, 1, 1, 1, 0",
        "1, 1, 5, 4, 1, 3, 3, 1, 1",
        "3, 2, 5, 7, 3, 3, 3, 2, 1",
        "2, 3, 5, 4, 2, 1, 1, 2, 0",
        "1, 2, 6, 5, 2, 1, 1, 1, 1",
        "2, 2, 6, 7, 2, 5, 5, 1, 2",
        "1, 1, 7, 9, 2, 5, 5, 2, 0",
        "3, 1, 4, 6, 2, 3, 3, 3, 2",
        "1, 2, 6, 5, 2, 2, 5, 2, 1",
        "2, 1, 3, 8, 3, 3, 1, 1, 2",
        "1, 2, 3, 3, 2, 3, 3, 1, 0",
    })
    void convolution(int images, int c, int h, int w, int k, int r, int s, int stride, int padding) {
        Conv2dGeometry geometry = new Conv2dGeometry(new Shape(c, h, w), k, r, s, stride, padding);
        Conv2dReference conv = new Conv2dReference(geometry);
        RandomStream random = random("convolution");
        double[] x = awayFromZero(random, images * c * h * w);
        double[] weight = awayFromZero(random, geometry.weights());
        double[] bias = awayFromZero(random, k);
        double[] dy = awayFromZero(random, images * geometry.output().size());
        check("x", x, conv.inputGradient(images, weight, dy), v -> dot(conv.forward(images, v, weight, bias), dy));
        check("weight", weight, conv.weightGradient(images, x, dy), v -> dot(conv.forward(images, x, v, bias), dy));
        check("bias", bias, conv.biasGradient(dy), v -> dot(conv.forward(images, x, weight, v), dy));
    }

    @Test
    void convolutionCountedByHand() {
        // The kernel takes a pixel, 10 times its right and 100 times its lower neighbour; windows start at rows and columns -1 and 1.
        Conv2dReference conv = new Conv2dReference(new Conv2dGeometry(new Shape(1, 3, 3), 1, 2, 2, 2, 1));
        double[] x = {0, 1, 2, 3, 4, 5, 6, 7, 8};
        double[] y = conv.forward(1, x, new double[] {1, 10, 100, 0}, new double[] {0.5});
        assertArrayEquals(new double[] {0.5, 100.5, 30.5, 754.5}, y, 1e-12);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 3", "3, 1, 1, 1", "3, 2, 3, 4", "2, 5, 1, 2", "5, 3, 2, 2"})
    void batchNormalisation(int images, int c, int h, int w) {
        Shape shape = new Shape(c, h, w);
        BatchNorm2dReference norm = new BatchNorm2dReference(shape);
        RandomStream random = random("batch normalisation");
        double[] x = awayFromZero(random, images * shape.size());
        double[] gamma = awayFromZero(random, c);
        double[] beta = awayFromZero(random, c);
        double[] dy = awayFromZero(random, x.length);
        BatchNorm2dReference.Gradients gradients = norm.gradients(x, norm.statistics(x), gamma, dy);
        check("x", x, gradients.x(), v -> dot(norm.apply(v, norm.statistics(v), gamma, beta), dy));
        check("gamma", gamma, gradients.gamma(), v -> dot(norm.apply(x, norm.statistics(x), v, beta), dy));
        check("beta", beta, gradients.beta(), v -> dot(norm.apply(x, norm.statistics(x), gamma, v), dy));
    }

    @Test
    void batchNormalisationCountedByHand() {
        BatchNorm2dReference norm = new BatchNorm2dReference(new Shape(2, 1, 2));
        // Channel 0: 1, 3 and 5, 7 (mean 4, biased variance 5, unbiased 20/3); channel 1: constant 2.
        double[] x = {1, 3, 2, 2, 5, 7, 2, 2};
        Statistics batch = norm.statistics(x);
        assertArrayEquals(new double[] {4, 2}, batch.mean(), 1e-12);
        assertArrayEquals(new double[] {5, 0}, batch.variance(), 1e-12);
        assertArrayEquals(new double[] {9.4, -0.7}, norm.runningMean(new double[] {10, -1}, batch), 1e-12);
        assertArrayEquals(new double[] {0.9 + 2.0 / 3, 1.8}, norm.runningVariance(2, new double[] {1, 2}, batch), 1e-12);
        double[] y = norm.apply(x, batch, new double[] {2, 3}, new double[] {1, -1});
        assertEquals(1 + 2 * -3 / Math.sqrt(5 + 1e-5), y[0], 1e-12);
        assertEquals(-1, y[2], 1e-12);
        assertEquals(1 + 2 * 3 / Math.sqrt(5 + 1e-5), y[5], 1e-12);
        double[] inference = norm.apply(x, new Statistics(new double[] {1, 0}, new double[] {4, 1}), new double[] {1, 1}, new double[2]);
        assertEquals(2 / Math.sqrt(4 + 1e-5), inference[1], 1e-12);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 2, 2, 2", "3, 2, 5, 7, 2, 2", "2, 1, 7, 5, 3, 2", "1, 3, 4, 6, 2, 1", "2, 2, 8, 7, 3, 3", "1, 1, 7, 3, 1, 2"})
    void maxPool(int images, int c, int h, int w, int kernel, int stride) {
        MaxPool2dReference pool = new MaxPool2dReference(new Pool2dGeometry(new Shape(c, h, w), kernel, stride));
        RandomStream random = random("max pool");
        // Distinct multiples of 1/8 in a random order: no two values trade places within a difference.
        int[] order = new int[images * c * h * w];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        random.shuffle(order);
        double[] x = new double[order.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = order[i] / 8.0 - 3;
        }
        double[] dy = awayFromZero(random, images * pool.output().size());
        check("x", x, pool.inputGradient(images, pool.winners(images, x), dy), v -> dot(pool.forward(v, pool.winners(images, v)), dy));
        assertEquals(kernel > 1, pool.margin(images, x) < Double.POSITIVE_INFINITY);
    }

    @Test
    void maxPoolTakesTheFirstOfEqualValues() {
        MaxPool2dReference pool = new MaxPool2dReference(new Pool2dGeometry(new Shape(1, 3, 5), 2, 2));
        double[] x = {1, 7, 0, 0, 9, 7, 7, 0, 0, 9, 9, 9, 9, 9, 9};
        assertArrayEquals(new int[] {1, 2}, pool.winners(1, x));
        assertArrayEquals(new double[] {7, 0}, pool.forward(x, pool.winners(1, x)));
        assertEquals(6, pool.margin(1, x));
    }

    @Test
    void reluAddAndDropout() {
        RandomStream random = random("maps");
        double[] x = awayFromZero(random, 30);
        double[] other = awayFromZero(random, 30);
        double[] dy = awayFromZero(random, 30);
        double[] factors = new double[30];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = random.nextInt(3) == 0 ? 0 : 1.5;
        }
        check("clamp", x, ElementwiseReference.clampGradient(x, dy, -0.5, 0.75), v -> dot(ElementwiseReference.clamp(v, -0.5, 0.75), dy));
        check("add", x, dy, v -> dot(ElementwiseReference.add(v, other), dy));
        check("dropout", x, ElementwiseReference.dropout(dy, factors), v -> dot(ElementwiseReference.dropout(v, factors), dy));
        assertArrayEquals(new double[] {0, 0, 2, 6, 6}, ElementwiseReference.clamp(new double[] {-1, 0, 2, 6, 7}, 0, 6));
        assertArrayEquals(new double[] {0, 0, 5, 0, 0},
                ElementwiseReference.clampGradient(new double[] {-1, 0, 2, 6, 7}, new double[] {5, 5, 5, 5, 5}, 0, 6));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1", "3, 2, 5, 7", "2, 3, 1, 4"})
    void averagePoolAndRepeat(int images, int c, int h, int w) {
        Shape shape = new Shape(c, h, w);
        RandomStream random = random("average pool");
        double[] map = awayFromZero(random, images * shape.size());
        double[] vector = awayFromZero(random, images * c);
        check("average pool", map, ElementwiseReference.globalAveragePoolGradient(images, shape, vector),
                v -> dot(ElementwiseReference.globalAveragePool(images, shape, v), vector));
        check("repeat", vector, ElementwiseReference.repeatGradient(images, shape, map), v -> dot(ElementwiseReference.repeat(images, shape,
                v), map));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "3, 5, 2", "2, 1, 7", "1, 8, 3"})
    void linear(int images, int inputs, int outputs) {
        LinearReference linear = new LinearReference(inputs, outputs);
        RandomStream random = random("linear");
        double[] x = awayFromZero(random, images * inputs);
        double[] weight = awayFromZero(random, outputs * inputs);
        double[] bias = awayFromZero(random, outputs);
        double[] dy = awayFromZero(random, images * outputs);
        check("x", x, linear.inputGradient(images, weight, dy), v -> dot(linear.forward(images, v, weight, bias), dy));
        check("weight", weight, linear.weightGradient(images, x, dy), v -> dot(linear.forward(images, x, v, null), dy));
        check("bias", bias, linear.biasGradient(dy), v -> dot(linear.forward(images, x, weight, v), dy));
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "3, 5", "4, 1"})
    void crossEntropy(int images, int classes) {
        CrossEntropyReference loss = new CrossEntropyReference(classes);
        RandomStream random = random("cross entropy");
        double[] logits = awayFromZero(random, images * classes);
        int[] labels = new int[images];
        for (int n = 0; n < images; n++) {
            labels[n] = random.nextInt(classes);
        }
        check("logits", logits, loss.meanGradient(logits, labels), v -> loss.lossSum(v, labels) / images);
    }

    @Test
    void crossEntropyCountedByHand() {
        CrossEntropyReference loss = new CrossEntropyReference(3);
        double[] logits = {1000, 1000, 1000, 0, Math.log(2), 0};
        assertEquals(Math.log(3) + Math.log(2), loss.lossSum(logits, new int[] {2, 1}), 1e-12);
        assertEquals(1, loss.correct(logits, new int[] {2, 1}));
        assertEquals(2, loss.correct(logits, new int[] {0, 1}));
        assertArrayEquals(new double[] {1 / 6.0, 1 / 6.0, -1 / 3.0, 1 / 8.0, -1 / 4.0, 1 / 8.0},
                loss.meanGradient(logits, new int[] {2, 1}), 1e-12);
    }
}
