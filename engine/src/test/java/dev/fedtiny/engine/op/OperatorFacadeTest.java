package dev.fedtiny.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.sparse.BitmaskWeights;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.CsrWeights;
import dev.fedtiny.engine.sparse.DenseWeights;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The façade against PyTorch's results, and what it says to wrong arguments. */
class OperatorFacadeTest {
    private static SafetensorsFile golden(String name) throws Exception {
        return SafetensorsFile.open(Path.of(OperatorFacadeTest.class.getResource("/golden/" + name + ".safetensors").toURI()));
    }

    private static Tensor tensor(SafetensorsFile file, String name) throws Exception {
        List<Integer> shape = file.get(name).shape().stream().map(n -> Math.toIntExact(((Number) n).longValue())).toList();
        Shape image = shape.size() == 2 ? Shape.features(shape.get(1)) : new Shape(shape.get(1), shape.get(2), shape.get(3));
        return Tensor.ofNchw(shape.get(0), image, file.readFloats(name));
    }

    private static void close(float[] expected, float[] actual) {
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(expected, actual, 2e-5f * Math.max(largest, 1e-3f));
    }

    @Test
    void convolutionInEveryForm() throws Exception {
        try (SafetensorsFile file = golden("conv-00")) {
            Mask mask = Mask.ofNonZero(file.readFloats("mask"));
            Tensor x = tensor(file, "x");
            Conv2dGeometry geometry = new Conv2dGeometry(x.shape(), 5, 3, 3, 1, 1);
            for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
                Weights weights = Weights.of(algorithm, 5, geometry.columns(), mask, mask.gather(file.readFloats("weight")));
                Conv2d conv = new Conv2d("c", geometry, weights, file.readFloats("bias"));
                close(file.readFloats("y"), conv.forward(x).toNchw());
                Conv2d.Gradients gradients = conv.backward(tensor(file, "dy"));
                close(file.readFloats("dx"), gradients.input().toNchw());
                close(mask.gather(file.readFloats("dweight_dense")), gradients.weights());
                close(file.readFloats("dbias"), gradients.bias());
            }
            Weights small = Weights.of(ConvolutionAlgorithm.CSR, 5, 9, Mask.full(45), new float[45]);
            var error = assertThrows(IllegalArgumentException.class, () -> new Conv2d("layer1", geometry, small, null));
            assertTrue(error.getMessage().startsWith("conv2d 'layer1': input has 3 channels"), error.getMessage());
            Weights fits = Weights.of(ConvolutionAlgorithm.CSR, 5, 27, Mask.full(135), new float[135]);
            assertThrows(IllegalArgumentException.class, () -> new Conv2d("c", geometry, fits, null)
                    .forward(Tensor.zeros(1, new Shape(4, 9, 7))));
            assertThrows(IllegalStateException.class, () -> new Conv2d("c", geometry, fits, null).backward(tensor(file, "dy")));
        }
    }

    /** Weights that were put together by hand are looked at before a kernel reads them. */
    @Test
    void weightsThatAreNotWhatTheirFormSays() {
        Conv2dGeometry geometry = new Conv2dGeometry(new Shape(1, 4, 4), 2, 3, 3, 1, 1);
        int[] columns = {1, 2};
        for (Weights wrong : List.of(new DenseWeights(2, 9, new float[5]), new DenseWeights(2, 9, new float[19]),
                new CsrWeights(2, 9, new int[] {0, 2}, columns, new float[2]),
                new CsrWeights(2, 9, new int[] {0, 3, 2}, columns, new float[2]),
                new CsrWeights(2, 9, new int[] {0, 1, 2}, columns, new float[1]),
                new CsrWeights(2, 9, new int[] {0, 1, 2}, new int[] {1, 9}, new float[2]),
                new CsrWeights(2, 9, new int[] {0, 2, 2}, new int[] {2, 1}, new float[2]),
                new BitmaskWeights(2, 9, new long[0], new float[0]), new BitmaskWeights(2, 9, new long[] {3}, new float[1]),
                new BitmaskWeights(2, 9, new long[] {1 << 18}, new float[1]))) {
            String said = assertThrows(IllegalArgumentException.class, () -> new Conv2d("c", geometry, wrong, null)).getMessage();
            assertTrue(said.startsWith("conv2d 'c': "), said);
        }
    }

    @Test
    void batchNormalisation() throws Exception {
        try (SafetensorsFile file = golden("batchnorm-00")) {
            Tensor x = tensor(file, "x");
            BatchNorm2d norm = new BatchNorm2d("b", x.shape(), file.readFloats("gamma"), file.readFloats("beta"),
                    file.readFloats("running_mean_before"), file.readFloats("running_var_before"));
            close(file.readFloats("y_eval"), norm.forwardInference(x).toNchw());
            close(file.readFloats("y_train"), norm.forwardTraining(x).toNchw());
            close(file.readFloats("running_mean_after"), norm.runningMean());
            close(file.readFloats("running_var_after"), norm.runningVariance());
            BatchNorm2d.Gradients gradients = norm.backward(tensor(file, "dy"));
            close(file.readFloats("dx"), gradients.input().toNchw());
            close(file.readFloats("dgamma"), gradients.gamma());
            close(file.readFloats("dbeta"), gradients.beta());
        }
    }

    @Test
    void poolingReluAndAdd() throws Exception {
        try (SafetensorsFile file = golden("maxpool-00")) {
            Operator pool = new Operator(new MaxPool2d(0, new Pool2dGeometry(tensor(file, "x").shape(), 2, 2)));
            assertArrayEquals(file.readFloats("y"), pool.forward(tensor(file, "x")).toNchw());
            assertArrayEquals(file.readFloats("dx"), pool.backward(tensor(file, "dy")).inputs().getFirst().toNchw());
        }
        try (SafetensorsFile file = golden("avgpool-01")) {
            Operator pool = new Operator(new GlobalAveragePool(0, tensor(file, "x").shape()));
            close(file.readFloats("y"), pool.forward(tensor(file, "x")).toNchw());
            close(file.readFloats("dx"), pool.backward(tensor(file, "dy")).inputs().getFirst().toNchw());
        }
        Shape shape = new Shape(1, 1, 3);
        Relu relu = new Relu(shape);
        Tensor x = Tensor.ofNchw(2, shape, new float[] {-1, 0, 2, 3, -4, 5});
        assertArrayEquals(new float[] {0, 0, 2, 3, 0, 5}, relu.forward(x).toNchw());
        assertArrayEquals(new float[] {0, 0, 1, 1, 0, 1}, relu.backward(Tensor.ofNchw(2, shape, new float[] {1, 1, 1, 1, 1, 1})).toNchw());
        assertArrayEquals(new float[] {-2, 0, 4, 6, -8, 10}, Add.forward(x, x).toNchw());
        assertThrows(IllegalArgumentException.class, () -> Add.forward(x, Tensor.zeros(1, shape)));
    }

    /** Several inputs, and parameters of an operator's own. */
    @Test
    void productAndNorm() throws Exception {
        try (SafetensorsFile file = golden("operators/multiply-01")) {
            Tensor x = tensor(file, "x");
            Tensor s = tensor(file, "s");
            Operator product = new Operator(new Multiply(0, 1, x.shape(), s.shape()));
            close(file.readFloats("y"), product.forward(x, s).toNchw());
            Operator.Gradients gradients = product.backward(tensor(file, "dy"));
            close(file.readFloats("dx"), gradients.inputs().get(0).toNchw());
            close(file.readFloats("ds"), gradients.inputs().get(1).toNchw());
            assertThrows(IllegalArgumentException.class, () -> product.forward(x));
            assertThrows(IllegalArgumentException.class, () -> product.forward(s, x));
            assertThrows(IllegalArgumentException.class, () -> product.backward(s));
        }
        try (SafetensorsFile file = golden("operators/layernorm-00")) {
            Tensor x = tensor(file, "x");
            LayerNorm layer = new LayerNorm("norm", 0, x.shape(), 1e-5);
            Operator norm = new Operator(layer, file.readFloats("gamma"), file.readFloats("beta"));
            assertThrows(IllegalStateException.class, () -> norm.backward(x));
            close(file.readFloats("y"), norm.forward(x).toNchw());
            Operator.Gradients gradients = norm.backward(tensor(file, "dy"));
            close(file.readFloats("dx"), gradients.inputs().getFirst().toNchw());
            close(file.readFloats("dgamma"), gradients.parameters().get(0));
            close(file.readFloats("dbeta"), gradients.parameters().get(1));
            String message = assertThrows(IllegalArgumentException.class, () -> new Operator(layer, new float[3])).getMessage();
            assertTrue(message.contains("[8, 8]") && message.contains("[3]"), message);
        }
    }

    /** What lies in another layout is refused, not read as if it were an image a lane. */
    @Test
    void tensorsInTiles() {
        Shape shape = new Shape(2, 4, 8);
        Operator pool = new Operator(new GlobalAveragePool(0, shape));
        Tensor tiles = Tensor.zeros(1, shape, new Layout(2, 1));
        String message = assertThrows(IllegalArgumentException.class, () -> pool.forward(tiles)).getMessage();
        assertTrue(message.contains("expected an image a lane"), message);
        Operator up = new Operator(new Upsample(0, new Shape(2, 2, 4), PerAxis.both(2)));
        up.forward(Tensor.zeros(1, new Shape(2, 2, 4)));
        assertThrows(IllegalArgumentException.class, () -> up.backward(tiles));
    }

    @Test
    void linearAndCrossEntropy() throws Exception {
        try (SafetensorsFile file = golden("linear-cross-entropy-00")) {
            float[] values = file.readFloats("weight");
            Weights weights = Weights.of(ConvolutionAlgorithm.DENSE, 10, 20, Mask.full(200), values);
            Linear linear = new Linear("fc", Shape.features(20), weights, file.readFloats("bias"));
            Tensor logits = linear.forward(tensor(file, "x"));
            close(file.readFloats("logits"), logits.toNchw());
            long[] longs = file.readLongs("labels");
            int[] labels = java.util.Arrays.stream(longs).mapToInt(Math::toIntExact).toArray();
            CrossEntropy.Result result = CrossEntropy.of(logits, labels);
            assertEquals(file.readFloats("loss")[0], result.loss(), 2e-6);
            Conv2d.Gradients gradients = linear.backward(result.gradient());
            close(file.readFloats("dx"), gradients.input().toNchw());
            close(file.readFloats("dweight"), gradients.weights());
            close(file.readFloats("dbias"), gradients.bias());
            labels[0] = 10;
            assertThrows(IllegalArgumentException.class, () -> CrossEntropy.of(logits, labels));
        }
    }
}
