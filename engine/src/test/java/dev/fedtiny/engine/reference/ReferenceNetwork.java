package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.model.Layer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.Parameter;
import dev.fedtiny.engine.testing.BatchNorm2dReference;
import dev.fedtiny.engine.testing.BatchNorm2dReference.Statistics;
import dev.fedtiny.engine.testing.Conv2dReference;
import dev.fedtiny.engine.testing.CrossEntropyReference;
import dev.fedtiny.engine.testing.ElementwiseReference;
import dev.fedtiny.engine.testing.LinearReference;
import dev.fedtiny.engine.testing.MaxPool2dReference;
import java.util.List;
import java.util.Map;

/**
 * Runs any network in double precision. Parameters are dense arrays, one a parameter in {@code state_dict} order, zero where pruned;
 * gradients come for every position of every trainable parameter, pruned or not.
 */
public final class ReferenceNetwork {
    private final Network network;

    /** A runner of a network; it keeps no state. */
    public ReferenceNetwork(Network network) {
        this.network = network;
    }

    /** The network. */
    public Network network() {
        return network;
    }

    /** The parameters of a state: dense, zero where pruned. */
    public static double[][] parameters(ModelState state) {
        double[][] parameters = new double[state.network().parameters().size()][];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = toDouble(state.dense(i));
        }
        return parameters;
    }

    /** The same values in double. */
    public static double[] toDouble(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /**
     * What a forward pass leaves behind; arrays of layers are indexed by the layer's position.
     *
     * @param images N
     * @param parameters what the pass read
     * @param parametersAfter the same arrays, the running statistics replaced where the mode moves them
     * @param outputs each layer's output, N,C,H,W
     * @param statistics what batch normalisations used, null at other layers
     * @param winners where max pools took their values, null at other layers
     * @param dropoutFactors the factors of dropouts in training, null at other layers
     */
    public record Pass(int images, double[][] parameters, double[][] parametersAfter, double[][] outputs, Statistics[] statistics,
            int[][] winners, double[][] dropoutFactors) {
        /** The last layer's output, N × classes. */
        public double[] logits() {
            return outputs[outputs.length - 1];
        }
    }

    /** A pass of a network without dropout. */
    public Pass forward(Mode mode, double[][] parameters, double[] images, int count) {
        return forward(mode, parameters, images, count, Map.of());
    }

    /**
     * A pass.
     *
     * @param dropoutFactors by layer, the factor of each element, used in training alone
     */
    public Pass forward(Mode mode, double[][] parameters, double[] images, int count, Map<Integer, double[]> dropoutFactors) {
        int layers = network.layers().size();
        Pass pass = new Pass(count, parameters, parameters.clone(), new double[layers][], new Statistics[layers], new int[layers][],
                new double[layers][]);
        for (int i = 0; i < layers; i++) {
            pass.outputs()[i] = output(mode, pass, i, images, dropoutFactors);
        }
        return pass;
    }

    private double[] output(Mode mode, Pass pass, int at, double[] images, Map<Integer, double[]> dropoutFactors) {
        int count = pass.images();
        double[][] outputs = pass.outputs();
        return switch (network.layers().get(at)) {
            case Layer.Input _ -> images;
            case Layer.Conv2d layer -> new Conv2dReference(layer.geometry()).forward(count, outputs[layer.source()],
                    parameter(pass, layer, "weight"), layer.bias() ? parameter(pass, layer, "bias") : null);
            case Layer.BatchNorm2d layer -> batchNorm2d(mode, pass, at, layer);
            case Layer.Relu layer -> ElementwiseReference.relu(outputs[layer.source()]);
            case Layer.Add layer -> ElementwiseReference.add(outputs[layer.left()], outputs[layer.right()]);
            case Layer.MaxPool2d layer -> {
                MaxPool2dReference pool = pool(layer);
                pass.winners()[at] = pool.winners(count, outputs[layer.source()]);
                yield pool.forward(outputs[layer.source()], pass.winners()[at]);
            }
            case Layer.GlobalAveragePool layer -> ElementwiseReference.globalAveragePool(count, layer.input(), outputs[layer.source()]);
            case Layer.Repeat layer -> ElementwiseReference.repeat(count, layer.output(), outputs[layer.source()]);
            case Layer.Dropout layer -> {
                if (mode != Mode.TRAINING || layer.probability() == 0) {
                    yield outputs[layer.source()];
                }
                pass.dropoutFactors()[at] = dropoutFactors.get(at);
                yield ElementwiseReference.dropout(outputs[layer.source()], dropoutFactors.get(at));
            }
            case Layer.Linear layer -> linear(layer).forward(count, outputs[layer.source()], parameter(pass, layer, "weight"),
                    layer.bias() ? parameter(pass, layer, "bias") : null);
        };
    }

    private double[] batchNorm2d(Mode mode, Pass pass, int at, Layer.BatchNorm2d layer) {
        BatchNorm2dReference norm = new BatchNorm2dReference(layer.output());
        double[] x = pass.outputs()[layer.source()];
        double[] mean = parameter(pass, layer, "running_mean");
        double[] variance = parameter(pass, layer, "running_var");
        Statistics statistics = new Statistics(mean, variance);
        if (mode != Mode.INFERENCE) {
            statistics = norm.statistics(x);
            pass.parametersAfter()[index(layer, "running_mean")] = norm.runningMean(mean, statistics);
            pass.parametersAfter()[index(layer, "running_var")] = norm.runningVariance(pass.images(), variance, statistics);
        }
        pass.statistics()[at] = statistics;
        return norm.apply(x, statistics, parameter(pass, layer, "weight"), parameter(pass, layer, "bias"));
    }

    /** Σ over the images of the cross entropy. */
    public double lossSum(Pass pass, int[] labels) {
        return new CrossEntropyReference(network.classes()).lossSum(pass.logits(), labels);
    }

    /** The mean cross entropy. */
    public double loss(Pass pass, int[] labels) {
        return lossSum(pass, labels) / pass.images();
    }

    /**
     * Gradients of the mean cross entropy of a training pass.
     *
     * @return one dense array a trainable parameter, null for running statistics
     */
    public double[][] gradients(Pass pass, int[] labels) {
        List<Layer> layers = network.layers();
        double[][] gradients = new double[network.parameters().size()][];
        double[][] upstream = new double[layers.size()][];
        upstream[layers.size() - 1] = new CrossEntropyReference(network.classes()).meanGradient(pass.logits(), labels);
        for (int i = layers.size() - 1; i > 0; i--) {
            // A layer that nothing uses has no gradient.
            double[] dy = upstream[i] == null ? new double[pass.outputs()[i].length] : upstream[i];
            backward(pass, i, dy, upstream, gradients);
            // No user of layer i is left: its gradient is not needed any more.
            upstream[i] = null;
        }
        return gradients;
    }

    private void backward(Pass pass, int at, double[] dy, double[][] upstream, double[][] gradients) {
        int count = pass.images();
        switch (network.layers().get(at)) {
            case Layer.Input _ -> throw new IllegalStateException("only the first layer is an input");
            case Layer.Conv2d layer -> {
                Conv2dReference conv = new Conv2dReference(layer.geometry());
                gradients[index(layer, "weight")] = conv.weightGradient(count, pass.outputs()[layer.source()], dy);
                if (layer.bias()) {
                    gradients[index(layer, "bias")] = conv.biasGradient(dy);
                }
                accumulate(upstream, layer.source(), conv.inputGradient(count, parameter(pass, layer, "weight"), dy));
            }
            case Layer.BatchNorm2d layer -> {
                BatchNorm2dReference.Gradients result = new BatchNorm2dReference(layer.output()).gradients(pass.outputs()[layer.source()],
                        pass.statistics()[at], parameter(pass, layer, "weight"), dy);
                gradients[index(layer, "weight")] = result.gamma();
                gradients[index(layer, "bias")] = result.beta();
                accumulate(upstream, layer.source(), result.x());
            }
            case Layer.Relu layer -> accumulate(upstream, layer.source(), ElementwiseReference.reluGradient(pass.outputs()[layer.source()],
                    dy));
            case Layer.Add layer -> {
                accumulate(upstream, layer.left(), dy);
                accumulate(upstream, layer.right(), dy);
            }
            case Layer.MaxPool2d layer -> accumulate(upstream, layer.source(), pool(layer).inputGradient(count, pass.winners()[at], dy));
            case Layer.GlobalAveragePool layer ->
                    accumulate(upstream, layer.source(), ElementwiseReference.globalAveragePoolGradient(count, layer.input(), dy));
            case Layer.Repeat layer -> accumulate(upstream, layer.source(), ElementwiseReference.repeatGradient(count, layer.output(), dy));
            case Layer.Dropout layer -> accumulate(upstream, layer.source(),
                    pass.dropoutFactors()[at] == null ? dy : ElementwiseReference.dropout(dy, pass.dropoutFactors()[at]));
            case Layer.Linear layer -> {
                gradients[index(layer, "weight")] = linear(layer).weightGradient(count, pass.outputs()[layer.source()], dy);
                if (layer.bias()) {
                    gradients[index(layer, "bias")] = linear(layer).biasGradient(dy);
                }
                accumulate(upstream, layer.source(), linear(layer).inputGradient(count, parameter(pass, layer, "weight"), dy));
            }
        }
    }

    /** Adds to the gradient of a layer's output, which may have several users. */
    private static void accumulate(double[][] upstream, int layer, double[] gradient) {
        upstream[layer] = upstream[layer] == null ? gradient.clone() : ElementwiseReference.add(upstream[layer], gradient);
    }

    private int index(Layer.Named layer, String suffix) {
        return network.indexOf(layer.name() + "." + suffix);
    }

    private double[] parameter(Pass pass, Layer.Named layer, String suffix) {
        return pass.parameters()[index(layer, suffix)];
    }

    private static MaxPool2dReference pool(Layer.MaxPool2d layer) {
        return new MaxPool2dReference(layer.input(), layer.kernel(), layer.stride());
    }

    private static LinearReference linear(Layer.Linear layer) {
        return new LinearReference(layer.inputs(), layer.outputs());
    }

    /** Which side of every kink a pass is on: equal for two passes between which the loss is smooth. */
    public long pattern(Pass pass) {
        long hash = 1;
        for (int i = 0; i < network.layers().size(); i++) {
            if (network.layers().get(i) instanceof Layer.Relu relu) {
                for (double x : pass.outputs()[relu.source()]) {
                    hash = 31 * hash + (x > 0 ? 1 : 0);
                }
            } else if (network.layers().get(i) instanceof Layer.MaxPool2d) {
                for (int winner : pass.winners()[i]) {
                    hash = 31 * hash + winner;
                }
            }
        }
        return hash;
    }

    /**
     * The smallest distance of any value from a kink, relative to the largest value of its map, exact hits left out: rounding below it
     * cannot send a gradient another way.
     */
    public double margin(Pass pass) {
        double margin = Double.POSITIVE_INFINITY;
        for (Layer layer : network.layers()) {
            if (layer instanceof Layer.Relu relu) {
                double[] x = pass.outputs()[relu.source()];
                double smallest = Double.POSITIVE_INFINITY;
                for (double value : x) {
                    smallest = value == 0 ? smallest : Math.min(smallest, Math.abs(value));
                }
                margin = Math.min(margin, smallest / largest(x));
            } else if (layer instanceof Layer.MaxPool2d pool) {
                double[] x = pass.outputs()[pool.source()];
                margin = Math.min(margin, pool(pool).margin(pass.images(), x) / largest(x));
            }
        }
        return margin;
    }

    private static double largest(double[] values) {
        double largest = Double.MIN_NORMAL;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** Whether the gradient of a parameter is zero in theory, so that only rounding is left: a bias before a normalisation. */
    public boolean vanishes(int parameter) {
        Parameter bias = network.parameters().get(parameter);
        if (bias.kind() != Parameter.Kind.BIAS) {
            return false;
        }
        for (int i = 0; i < network.layers().size(); i++) {
            if (network.layers().get(i) instanceof Layer.Conv2d conv && bias.name().equals(conv.name() + ".bias")) {
                int at = i;
                return network.layers().stream().anyMatch(l -> l instanceof Layer.BatchNorm2d norm && norm.source() == at);
            }
        }
        return false;
    }
}
