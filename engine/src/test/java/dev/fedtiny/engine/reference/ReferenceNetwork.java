package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.testing.CrossEntropyReference;
import java.util.List;
import java.util.Map;

/**
 * Runs any network in double precision. Parameters are dense arrays, one a parameter in {@code state_dict} order, zero where pruned;
 * gradients come for every position of every trainable parameter, pruned or not.
 */
public final class ReferenceNetwork {
    private final Network network;
    private final StorageReference storage;

    /** A runner of a network; it keeps no state. */
    public ReferenceNetwork(Network network) {
        this(network, StorageReference.EXACT);
    }

    /** A runner that stores outputs of layers and gradients of what layers read in another form than double, where training would. */
    public ReferenceNetwork(Network network, StorageReference storage) {
        this.network = network;
        this.storage = storage;
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
     * @param mode of the pass
     * @param images N
     * @param input the images, N,C,H,W
     * @param parameters what the pass read
     * @param parametersAfter the same arrays, the running statistics replaced where the mode moves them
     * @param outputs each layer's output, N,C,H,W
     * @param dropoutFactors by layer, the factor of each element in training
     */
    public record Pass(Mode mode, int images, double[] input, double[][] parameters, double[][] parametersAfter, double[][] outputs,
            Map<Integer, double[]> dropoutFactors) {
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
        Pass pass = new Pass(mode, count, images, parameters, parameters.clone(), new double[network.layers().size()][], dropoutFactors);
        for (int i = 0; i < network.layers().size(); i++) {
            Layer layer = network.layers().get(i);
            double[] output = LayerReferences.of(layer).forward(layer, seen(pass, i));
            pass.outputs()[i] = mode == Mode.TRAINING && StorageReference.isStored(network, i) ? storage.store(output) : output;
        }
        return pass;
    }

    private LayerPass seen(Pass pass, int layer) {
        return new LayerPass(network, pass, layer, null, null, storage);
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
            LayerReferences.of(layers.get(i)).backward(layers.get(i), new LayerPass(network, pass, i, upstream, gradients, storage), dy);
            // No user of layer i is left: its gradient is not needed any more.
            upstream[i] = null;
        }
        return gradients;
    }

    /** Which side of every kink a pass is on: equal for two passes between which the loss is smooth. */
    public long pattern(Pass pass) {
        long hash = 1;
        for (int i = 0; i < network.layers().size(); i++) {
            Layer layer = network.layers().get(i);
            hash = 31 * hash + LayerReferences.of(layer).pattern(layer, seen(pass, i));
        }
        return hash;
    }

    /**
     * The smallest distance of any value from a kink, relative to the largest value of its map, exact hits left out: rounding below it
     * cannot send a gradient another way.
     */
    public double margin(Pass pass) {
        double margin = Double.POSITIVE_INFINITY;
        for (int i = 0; i < network.layers().size(); i++) {
            Layer layer = network.layers().get(i);
            margin = Math.min(margin, LayerReferences.of(layer).margin(layer, seen(pass, i)));
        }
        return margin;
    }

    /** Whether the gradient of a parameter is zero in theory, so that only rounding is left: a bias before a normalisation. */
    public boolean vanishes(int parameter) {
        Layer biased = network.layerOf(parameter);
        return network.parameters().get(parameter).kind() == Parameter.Kind.BIAS && network.layers().stream().anyMatch(
                layer -> layer instanceof BatchNorm2d norm && norm.training() == BatchNorm2d.Statistics.BATCH
                        && network.layers().get(norm.source()) == biased);
    }
}
