package dev.fedtiny.benchmarks.peers;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.add;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.zeros;

import dev.fedtiny.engine.layer.Add;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
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

/**
 * A network of our engine in libtorch: the same layers under the same names, dense, with gradients. Activations in place where PyTorch's
 * own models have them so.
 */
final class TorchNetwork {
    private final Network network;
    private final boolean channelsLast;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> statistics = new LinkedHashMap<>();
    private final List<Operator> operators = new ArrayList<>();
    private boolean training = true;

    /** What a layer does with what it reads. */
    private interface Operator {
        Tensor apply(Tensor[] inputs);
    }

    private TorchNetwork(Network network, boolean channelsLast) {
        this.network = network;
        this.channelsLast = channelsLast;
        int[] readers = new int[network.layers().size()];
        network.layers().forEach(layer -> layer.sources().forEach(source -> readers[source]++));
        for (Layer layer : network.layers()) {
            boolean alone = !layer.sources().isEmpty() && readers[layer.sources().getFirst()] == 1
                    && !(network.layers().get(layer.sources().getFirst()) instanceof Input);
            operators.add(operator(layer, alone));
        }
    }

    /**
     * A network with random weights.
     *
     * @throws IllegalArgumentException naming a layer that this class has no form for
     */
    static TorchNetwork of(Network network, boolean channelsLast) {
        return new TorchNetwork(network, channelsLast);
    }

    Tensor forward(Tensor images) {
        List<Layer> layers = network.layers();
        Tensor[] outputs = new Tensor[layers.size()];
        outputs[0] = images;
        for (int i = 1; i < outputs.length; i++) {
            outputs[i] = operators.get(i).apply(layers.get(i).sources().stream().map(source -> outputs[source]).toArray(Tensor[]::new));
        }
        return outputs[outputs.length - 1];
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

    /** @param alone whether nothing else reads the layer's first source, so that it may be overwritten */
    private Operator operator(Layer layer, boolean alone) {
        List<Tensor> own = layer.parameters().stream().map(this::tensor).toList();
        return switch (layer) {
            case Input _ -> inputs -> inputs[0];
            case Conv2d convolution -> each(convolution(convolution.geometry(), own.getFirst(), optional(own, 1)));
            case Linear _ -> each(x -> torch.linear(flat(x), own.getFirst(), optional(own, 1)));
            case BatchNorm2d norm -> each(x -> batch_norm(x, optional(own, 0), optional(own, 1), optional(own, 2), optional(own, 3),
                    training, norm.momentum(), norm.epsilon(), false));
            case Add _ -> inputs -> alone ? inputs[0].add_(inputs[1]) : add(inputs[0], inputs[1]);
            case Clamp clamp -> each(clamp(clamp, alone));
            case MaxPool2d pool -> each(maxPool(pool.geometry()));
            case GlobalAveragePool _ -> each(x -> adaptive_avg_pool2d(x, 1, 1));
            case Concat _ -> inputs -> torch.cat(new TensorVector(inputs), 1);
            case Dropout dropout -> each(x -> torch.dropout(x, dropout.probability(), training));
            default -> throw new IllegalArgumentException("no libtorch twin of layer " + layer.describe());
        };
    }

    private static Operator each(UnaryOperator<Tensor> operator) {
        return inputs -> operator.apply(inputs[0]);
    }

    private static Tensor flat(Tensor x) {
        return x.dim() > 2 ? x.flatten(1, -1) : x;
    }

    private static UnaryOperator<Tensor> clamp(Clamp clamp, boolean alone) {
        if (clamp.lower() == 0 && clamp.upper() == Float.POSITIVE_INFINITY) {
            return alone ? Tensor::relu_ : Tensor::relu;
        }
        // PyTorch's ReLU6 is a hard tanh between other bounds.
        Scalar lower = new Scalar(clamp.lower());
        Scalar upper = new Scalar(clamp.upper());
        return x -> alone ? torch.hardtanh_(x, lower, upper) : torch.hardtanh(x, lower, upper);
    }

    private static UnaryOperator<Tensor> maxPool(Pool2dGeometry geometry) {
        Padding padding = geometry.padding();
        if (padding.top() != padding.bottom() || padding.left() != padding.right()) {
            throw new IllegalArgumentException("no libtorch twin of max pooling with padding " + padding);
        }
        long[] zeros = {padding.top(), padding.left()};
        return x -> torch.max_pool2d(x, both(geometry.kernel()), both(geometry.stride()), zeros, both(PerAxis.ONE), geometry.ceilMode());
    }

    private Tensor tensor(Parameter parameter) {
        long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
        return switch (parameter.kind()) {
            case CONVOLUTION_WEIGHT, LINEAR_WEIGHT -> {
                long inputs = parameter.size() / shape[0];
                yield trained(parameter.name(), randn(shape).mul(new Scalar((float) Math.sqrt(2.0 / inputs))));
            }
            case GAMMA -> trained(parameter.name(), ones(shape));
            case BETA, BIAS -> trained(parameter.name(), zeros(shape));
            case RUNNING_MEAN -> statistic(parameter.name(), zeros(shape));
            case RUNNING_VARIANCE -> statistic(parameter.name(), ones(shape));
        };
    }

    private Tensor trained(String name, Tensor values) {
        Tensor leaf = arranged(values).detach();
        leaf.set_requires_grad(true);
        parameters.put(name, leaf);
        return leaf;
    }

    private Tensor statistic(String name, Tensor values) {
        statistics.put(name, values);
        return values;
    }

    private static TensorOptional optional(List<Tensor> tensors, int place) {
        return place < tensors.size() ? new TensorOptional(tensors.get(place)) : new TensorOptional();
    }

    private static UnaryOperator<Tensor> convolution(Conv2dGeometry geometry, Tensor weight, TensorOptional bias) {
        Padding padding = geometry.padding();
        boolean even = padding.top() == padding.bottom() && padding.left() == padding.right();
        long[] strides = both(geometry.stride());
        long[] dilations = both(geometry.dilation());
        long[] zeros = even ? new long[] {padding.top(), padding.left()} : new long[2];
        long[] sides = {padding.left(), padding.right(), padding.top(), padding.bottom()};
        return x -> conv2d(even ? x : torch.constant_pad_nd(x, sides), weight, bias, strides, zeros, dilations, geometry.groups());
    }

    private static long[] both(PerAxis axes) {
        return new long[] {axes.height(), axes.width()};
    }
}
