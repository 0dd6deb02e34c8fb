package dev.fedtiny.benchmarks.peers;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The networks of our engine in libtorch: the same layers under the same names, dense, with gradients. */
final class TorchNetwork {
    private static final int[] VGG_MULTIPLES = {1, 2, 4, 4, 8, 8, 8, 8};
    private static final boolean[] VGG_POOLED = {true, true, false, true, false, true, false, true};

    private final int width;
    private final int classes;
    private final boolean channelsLast;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> statistics = new LinkedHashMap<>();
    private final UnaryOperator<Tensor> layers;
    private boolean training = true;

    private TorchNetwork(String model, int width, int classes, boolean channelsLast) {
        this.width = width;
        this.classes = classes;
        this.channelsLast = channelsLast;
        this.layers = switch (model) {
            case "resnet18" -> resnet18();
            case "vgg11" -> vgg11();
            default -> throw new IllegalArgumentException("no libtorch twin of '" + model + "'; there are resnet18 and vgg11");
        };
    }

    /** A network by the name our engine has for it, of full width, for 10 classes. */
    static TorchNetwork of(String model, boolean channelsLast) {
        return new TorchNetwork(model, 64, 10, channelsLast);
    }

    /** A network of another width and number of classes. */
    static TorchNetwork of(String model, int width, int classes) {
        return new TorchNetwork(model, width, classes, false);
    }

    Tensor forward(Tensor images) {
        return layers.apply(images);
    }

    /** Whether batch normalisation takes the batch's statistics, as it does at first, or the running ones. */
    void train(boolean on) {
        training = on;
    }

    TensorVector parameters() {
        return new TensorVector(parameters.values().toArray(Tensor[]::new));
    }

    /** What is trained, by its {@code state_dict} key. */
    Map<String, Tensor> named() {
        return parameters;
    }

    /** Running statistics by their {@code state_dict} keys. */
    Map<String, Tensor> statistics() {
        return statistics;
    }

    /** Values that are trained. */
    long parameterCount() {
        return parameters.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** A tensor in the memory format of the network. */
    Tensor arranged(Tensor tensor) {
        return channelsLast && tensor.dim() == 4 ? tensor.contiguous(torch.MemoryFormat.ChannelsLast) : tensor;
    }

    private Tensor parameter(String name, Tensor values) {
        Tensor leaf = arranged(values).detach();
        leaf.set_requires_grad(true);
        parameters.put(name, leaf);
        return leaf;
    }

    private Tensor normal(double deviation, long... shape) {
        return randn(shape).mul(new Scalar((float) deviation));
    }

    private UnaryOperator<Tensor> convolution(String name, int inputs, int outputs, int kernel, int stride, boolean bias) {
        Tensor weight = parameter(name + ".weight", normal(Math.sqrt(2.0 / (inputs * kernel * kernel)), outputs, inputs, kernel, kernel));
        TensorOptional biases = bias ? new TensorOptional(parameter(name + ".bias", zeros(outputs))) : new TensorOptional();
        long[] strides = {stride, stride};
        long[] paddings = {kernel / 2, kernel / 2};
        long[] dilations = {1, 1};
        return x -> conv2d(x, weight, biases, strides, paddings, dilations, 1);
    }

    private UnaryOperator<Tensor> normalization(String name, int channels) {
        TensorOptional gamma = new TensorOptional(parameter(name + ".weight", ones(channels)));
        TensorOptional beta = new TensorOptional(parameter(name + ".bias", zeros(channels)));
        statistics.put(name + ".running_mean", zeros(channels));
        statistics.put(name + ".running_var", ones(channels));
        TensorOptional mean = new TensorOptional(statistics.get(name + ".running_mean"));
        TensorOptional variance = new TensorOptional(statistics.get(name + ".running_var"));
        return x -> batch_norm(x, gamma, beta, mean, variance, training, 0.1, 1e-5, false);
    }

    private UnaryOperator<Tensor> linear(String name, int inputs, int outputs) {
        Tensor weight = parameter(name + ".weight", normal(Math.sqrt(1.0 / inputs), outputs, inputs));
        TensorOptional bias = new TensorOptional(parameter(name + ".bias", zeros(outputs)));
        return x -> torch.linear(x, weight, bias);
    }

    private static UnaryOperator<Tensor> chain(List<UnaryOperator<Tensor>> parts) {
        return x -> {
            Tensor y = x;
            for (UnaryOperator<Tensor> part : parts) {
                y = part.apply(y);
            }
            return y;
        };
    }

    private UnaryOperator<Tensor> basicBlock(String name, int inputs, int outputs, int stride) {
        UnaryOperator<Tensor> main = chain(List.of(convolution(name + ".conv1", inputs, outputs, 3, stride, false),
                normalization(name + ".bn1", outputs), Tensor::relu_, convolution(name + ".conv2", outputs, outputs, 3, 1, false),
                normalization(name + ".bn2", outputs)));
        UnaryOperator<Tensor> shortcut = stride == 1 && inputs == outputs ? x -> x
                : chain(List.of(convolution(name + ".downsample.0", inputs, outputs, 1, stride, false),
                        normalization(name + ".downsample.1", outputs)));
        return x -> main.apply(x).add_(shortcut.apply(x)).relu_();
    }

    private UnaryOperator<Tensor> resnet18() {
        List<UnaryOperator<Tensor>> parts = new ArrayList<>(List.of(convolution("conv1", 3, width, 3, 1, false),
                normalization("bn1", width), Tensor::relu_));
        int inputs = width;
        for (int stage = 1; stage <= 4; stage++) {
            int outputs = width << stage - 1;
            parts.add(basicBlock("layer" + stage + ".0", inputs, outputs, stage == 1 ? 1 : 2));
            parts.add(basicBlock("layer" + stage + ".1", outputs, outputs, 1));
            inputs = outputs;
        }
        parts.add(x -> adaptive_avg_pool2d(x, 1, 1).flatten(1, 3));
        parts.add(linear("fc", 8 * width, classes));
        return chain(parts);
    }

    private UnaryOperator<Tensor> vgg11() {
        List<UnaryOperator<Tensor>> parts = new ArrayList<>();
        int inputs = 3;
        int module = 0;
        for (int i = 0; i < VGG_MULTIPLES.length; i++) {
            int outputs = width * VGG_MULTIPLES[i];
            parts.addAll(List.of(convolution("features." + module, inputs, outputs, 3, 1, true),
                    normalization("features." + (module + 1), outputs), Tensor::relu_));
            module += 3;
            if (VGG_POOLED[i]) {
                parts.add(x -> max_pool2d(x, 2, 2));
                module++;
            }
            inputs = outputs;
        }
        parts.addAll(List.of(x -> x.flatten(1, 3), linear("classifier.0", 8 * width, 4 * width), Tensor::relu_,
                linear("classifier.2", 4 * width, 4 * width), Tensor::relu_, linear("classifier.4", 4 * width, classes)));
        return chain(parts);
    }
}
