package dev.fedtiny.benchmarks.peers;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The networks of our engine in libtorch: the same layers, dense, with gradients. */
final class TorchNetwork {
    private static final int CLASSES = 10;
    private static final int[] VGG_CHANNELS = {64, 128, 256, 256, 512, 512, 512, 512};
    private static final boolean[] VGG_POOLED = {true, true, false, true, false, true, false, true};

    private final boolean channelsLast;
    private final List<Tensor> parameters = new ArrayList<>();
    private final UnaryOperator<Tensor> layers;

    private TorchNetwork(String model, boolean channelsLast) {
        this.channelsLast = channelsLast;
        this.layers = switch (model) {
            case "resnet18" -> resnet18();
            case "vgg11" -> vgg11();
            default -> throw new IllegalArgumentException("no libtorch twin of '" + model + "'; there are resnet18 and vgg11");
        };
    }

    /** A network by the name our engine has for it, for 3×32×32 images and 10 classes. */
    static TorchNetwork of(String model, boolean channelsLast) {
        return new TorchNetwork(model, channelsLast);
    }

    Tensor forward(Tensor images) {
        return layers.apply(images);
    }

    TensorVector parameters() {
        return new TensorVector(parameters.toArray(Tensor[]::new));
    }

    /** Values that are trained. */
    long parameterCount() {
        return parameters.stream().mapToLong(Tensor::numel).sum();
    }

    /** A tensor in the memory format of the network. */
    Tensor arranged(Tensor tensor) {
        return channelsLast && tensor.dim() == 4 ? tensor.contiguous(torch.MemoryFormat.ChannelsLast) : tensor;
    }

    private Tensor parameter(Tensor values) {
        Tensor leaf = arranged(values).detach();
        leaf.set_requires_grad(true);
        parameters.add(leaf);
        return leaf;
    }

    private Tensor normal(double deviation, long... shape) {
        return randn(shape).mul(new Scalar((float) deviation));
    }

    private UnaryOperator<Tensor> convolution(int inputs, int outputs, int kernel, int stride, boolean bias) {
        Tensor weight = parameter(normal(Math.sqrt(2.0 / (inputs * kernel * kernel)), outputs, inputs, kernel, kernel));
        TensorOptional biases = bias ? new TensorOptional(parameter(zeros(outputs))) : new TensorOptional();
        long[] strides = {stride, stride};
        long[] paddings = {kernel / 2, kernel / 2};
        long[] dilations = {1, 1};
        return x -> conv2d(x, weight, biases, strides, paddings, dilations, 1);
    }

    private UnaryOperator<Tensor> normalization(int channels) {
        TensorOptional gamma = new TensorOptional(parameter(ones(channels)));
        TensorOptional beta = new TensorOptional(parameter(zeros(channels)));
        TensorOptional mean = new TensorOptional(zeros(channels));
        TensorOptional variance = new TensorOptional(ones(channels));
        return x -> batch_norm(x, gamma, beta, mean, variance, true, 0.1, 1e-5, false);
    }

    private UnaryOperator<Tensor> linear(int inputs, int outputs) {
        Tensor weight = parameter(normal(Math.sqrt(1.0 / inputs), outputs, inputs));
        TensorOptional bias = new TensorOptional(parameter(zeros(outputs)));
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

    private UnaryOperator<Tensor> basicBlock(int inputs, int outputs, int stride) {
        UnaryOperator<Tensor> main = chain(List.of(convolution(inputs, outputs, 3, stride, false), normalization(outputs), Tensor::relu_,
                convolution(outputs, outputs, 3, 1, false), normalization(outputs)));
        UnaryOperator<Tensor> shortcut = stride == 1 && inputs == outputs ? x -> x
                : chain(List.of(convolution(inputs, outputs, 1, stride, false), normalization(outputs)));
        return x -> main.apply(x).add_(shortcut.apply(x)).relu_();
    }

    private UnaryOperator<Tensor> resnet18() {
        List<UnaryOperator<Tensor>> parts = new ArrayList<>(List.of(convolution(3, 64, 3, 1, false), normalization(64), Tensor::relu_));
        int inputs = 64;
        for (int stage = 0; stage < 4; stage++) {
            int outputs = 64 << stage;
            parts.add(basicBlock(inputs, outputs, stage == 0 ? 1 : 2));
            parts.add(basicBlock(outputs, outputs, 1));
            inputs = outputs;
        }
        parts.add(x -> adaptive_avg_pool2d(x, 1, 1).flatten(1, 3));
        parts.add(linear(512, CLASSES));
        return chain(parts);
    }

    private UnaryOperator<Tensor> vgg11() {
        List<UnaryOperator<Tensor>> parts = new ArrayList<>();
        int inputs = 3;
        for (int i = 0; i < VGG_CHANNELS.length; i++) {
            parts.addAll(List.of(convolution(inputs, VGG_CHANNELS[i], 3, 1, true), normalization(VGG_CHANNELS[i]), Tensor::relu_));
            if (VGG_POOLED[i]) {
                parts.add(x -> max_pool2d(x, 2, 2));
            }
            inputs = VGG_CHANNELS[i];
        }
        parts.addAll(List.of(x -> x.flatten(1, 3), linear(512, 256), Tensor::relu_, linear(256, 256), Tensor::relu_, linear(256, CLASSES)));
        return chain(parts);
    }
}
