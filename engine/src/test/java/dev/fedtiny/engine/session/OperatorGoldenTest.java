package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.SafetensorsFile;
import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.reference.GoldenFiles;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator without weights against PyTorch: output, and gradients of inputs and parameters. */
class OperatorGoldenTest {
    /** Of the largest magnitude of a tensor; PyTorch's own error is up to 3e-7. */
    private static final double TOLERANCE = 1e-6;
    private static final String[] KINDS = {"avgpool-padded-", "concat-", "dropout-off-", "flatten-linear-", "gelu-erf-", "gelu-tanh-",
        "globalmaxpool-", "groupnorm-", "hardsigmoid-", "hardswish-", "layernorm-", "leakyrelu-", "maxpool-ceil-", "maxpool-padded-",
        "multiply-", "sigmoid-", "silu-", "softmax-", "tanh-", "upsample-nearest-"};

    static List<Path> files() throws IOException, URISyntaxException {
        return GoldenFiles.operators(KINDS);
    }

    @Test
    void resourcesHoldEveryKind() throws Exception {
        for (String kind : KINDS) {
            assertTrue(!GoldenFiles.operators(kind).isEmpty(), kind);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void agreesWithPyTorch(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            String kind = path.getFileName().toString().replaceAll("-\\d+\\.safetensors", "");
            List<String> inputs = inputs(file);
            Network.Builder net = Network.builder(stacked(file, inputs));
            List<float[]> values = new ArrayList<>();
            List<String> gradients = new ArrayList<>();
            int[] sources = inputs.size() == 1 ? new int[] {0} : split(net, file, inputs, values, gradients);
            operator(net, kind, file, sources, values, gradients);
            check(file, net.build(), inputs, values, gradients, kind.equals("dropout-off") ? Mode.INFERENCE : Mode.TRAINING);
        }
    }

    private static List<String> inputs(SafetensorsFile file) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : List.of("x", "x0", "x1", "x2", "s")) {
            if (file.find(name).isPresent()) {
                names.add(name);
            }
        }
        return names;
    }

    private static Shape shape(SafetensorsFile file, String name) throws IOException {
        List<Long> shape = file.get(name).shape();
        return shape.size() == 2 ? Shape.features(Math.toIntExact(shape.get(1))) : new Shape(Math.toIntExact(shape.get(1)),
                Math.toIntExact(shape.get(2)), Math.toIntExact(shape.get(3)));
    }

    /** The shape of an image that holds all inputs, one behind the other; a smaller one is repeated over the map. */
    private static Shape stacked(SafetensorsFile file, List<String> inputs) throws IOException {
        Shape first = shape(file, inputs.getFirst());
        int channels = 0;
        for (String input : inputs) {
            channels += shape(file, input).channels();
        }
        return new Shape(channels, first.height(), first.width());
    }

    /** Convolutions of 1×1 that each take one input's channels; the mean of equal values for one that was repeated. */
    private static int[] split(Network.Builder net, SafetensorsFile file, List<String> inputs, List<float[]> values,
            List<String> gradients) throws IOException {
        int[] sources = new int[inputs.size()];
        int total = net.shape(0).channels();
        int first = 0;
        for (int i = 0; i < sources.length; i++) {
            Shape shape = shape(file, inputs.get(i));
            float[] weight = new float[shape.channels() * total];
            for (int c = 0; c < shape.channels(); c++) {
                weight[c * total + first + c] = 1;
            }
            first += shape.channels();
            values.add(weight);
            gradients.add("");
            sources[i] = net.conv2d("take" + i, 0, shape.channels(), 1, 1, 0, false, false);
            sources[i] = shape.pixels() < net.shape(0).pixels() ? net.globalAveragePool(sources[i]) : sources[i];
        }
        return sources;
    }

    private static void operator(Network.Builder net, String kind, SafetensorsFile file, int[] sources, List<float[]> values,
            List<String> gradients) throws IOException {
        int x = sources[0];
        switch (kind) {
            case "avgpool-padded" -> net.averagePool2d(x, pool(net, file), Boolean.parseBoolean(file.metadata().get("count_include_pad")));
            case "maxpool-ceil", "maxpool-padded" -> net.maxPool2d(x, pool(net, file));
            case "globalmaxpool" -> net.globalMaxPool(x);
            case "concat" -> net.concat(sources);
            case "multiply" -> net.multiply(x, sources[1]);
            case "upsample-nearest" -> net.upsample(x, PerAxis.both(2));
            case "softmax" -> net.softmax(x);
            case "dropout-off" -> net.dropout(x, 0.5);
            case "leakyrelu" -> net.activation(x, Activation.Function.LEAKY_RELU, number(file, "negative_slope"), 0);
            case "layernorm", "groupnorm" -> {
                values.addAll(List.of(file.readFloats("gamma"), file.readFloats("beta")));
                gradients.addAll(List.of("dgamma", "dbeta"));
                if (kind.equals("layernorm")) {
                    net.layerNorm("norm", x, number(file, "eps"));
                } else {
                    net.groupNorm("norm", x, (int) number(file, "groups"), number(file, "eps"));
                }
            }
            case "flatten-linear" -> {
                values.addAll(List.of(file.readFloats("weight"), file.readFloats("bias")));
                gradients.addAll(List.of(file.find("dweight_dense").isPresent() ? "dweight_dense" : "dweight", "dbias"));
                net.linear("out", net.flatten(x), values.getLast().length, true, false);
            }
            default -> net.activation(x, switch (kind) {
                case "gelu-erf" -> Activation.Function.GELU;
                case "gelu-tanh" -> Activation.Function.GELU_TANH;
                case "hardsigmoid" -> Activation.Function.HARD_SIGMOID;
                case "hardswish" -> Activation.Function.HARD_SWISH;
                case "sigmoid" -> Activation.Function.SIGMOID;
                case "silu" -> Activation.Function.SILU;
                case "tanh" -> Activation.Function.TANH;
                default -> throw new AssertionError("no operator for '" + kind + "'");
            });
        }
    }

    private static double number(SafetensorsFile file, String setting) {
        return Double.parseDouble(file.metadata().get(setting));
    }

    private static int[] numbers(SafetensorsFile file, String setting) {
        return Arrays.stream(file.metadata().get(setting).split(",")).mapToInt(Integer::parseInt).toArray();
    }

    private static Pool2dGeometry pool(Network.Builder net, SafetensorsFile file) {
        int[] kernel = numbers(file, "kernel");
        int[] stride = numbers(file, "stride");
        int[] padding = numbers(file, "padding");
        return new Pool2dGeometry(net.shape(0), new PerAxis(kernel[0], kernel[1]), new PerAxis(stride[0], stride[1]),
                new Padding(padding[0], padding[1], padding[2], padding[3]), Boolean.parseBoolean(file.metadata().get("ceil_mode")));
    }

    private static void check(SafetensorsFile file, Network network, List<String> inputs, List<float[]> values, List<String> gradients,
            Mode mode) throws IOException {
        int count = Math.toIntExact(file.get("y").shape().getFirst());
        ModelState state = ModelState.of(network, values.stream().map(value -> Mask.full(value.length)).toList(), values);
        SessionOptions options = SessionOptions.DEFAULT.withInputGradient(mode == Mode.TRAINING ? InputGradient.COMPUTED
                : InputGradient.NONE);
        try (Workers workers = Workers.of(2); Session session = Session.open(state, mode, count, workers, options)) {
            session.setImages(stack(file, inputs, count), count);
            session.forward(count);
            close(file, "y", session.outputs());
            if (mode == Mode.TRAINING) {
                session.backward(file.readFloats("dy"));
                unstack(file, inputs, count, session.inputGradient());
                for (int i = 0; i < gradients.size(); i++) {
                    if (!gradients.get(i).isEmpty()) {
                        close(file, gradients.get(i), session.gradient(i));
                    }
                }
            }
        }
    }

    private static float[] stack(SafetensorsFile file, List<String> inputs, int count) throws IOException {
        Shape all = stacked(file, inputs);
        float[] images = new float[count * all.size()];
        int first = 0;
        for (String input : inputs) {
            Shape shape = shape(file, input);
            float[] x = file.readFloats(input);
            for (int i = 0; i < count * shape.channels() * all.pixels(); i++) {
                int image = i / (shape.channels() * all.pixels());
                int channel = i / all.pixels() % shape.channels();
                int pixel = i % all.pixels();
                images[image * all.size() + (first + channel) * all.pixels() + pixel] =
                        x[(image * shape.channels() + channel) * shape.pixels() + pixel % shape.pixels()];
            }
            first += shape.channels();
        }
        return images;
    }

    /** Compares each input's gradient; that of a repeated value is the sum over the map. */
    private static void unstack(SafetensorsFile file, List<String> inputs, int count, float[] gradient) throws IOException {
        Shape all = stacked(file, inputs);
        int first = 0;
        for (String input : inputs) {
            Shape shape = shape(file, input);
            float[] dx = new float[count * shape.size()];
            for (int i = 0; i < count * shape.channels() * all.pixels(); i++) {
                int image = i / (shape.channels() * all.pixels());
                int channel = i / all.pixels() % shape.channels();
                int pixel = i % all.pixels();
                dx[(image * shape.channels() + channel) * shape.pixels() + pixel % shape.pixels()] +=
                        gradient[image * all.size() + (first + channel) * all.pixels() + pixel];
            }
            close(file, "d" + input, dx);
            first += shape.channels();
        }
    }

    private static void close(SafetensorsFile file, String name, float[] actual) throws IOException {
        float[] expected = file.readFloats(name);
        double largest = Float.MIN_NORMAL;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(expected, actual, (float) (TOLERANCE * largest), file.name() + " " + name);
    }
}
