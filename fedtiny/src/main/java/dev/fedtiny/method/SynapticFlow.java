package dev.fedtiny.method;

import dev.fedtiny.engine.model.Layer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The network SynFlow scores: every batch normalisation, in evaluation mode with mean 0, variance 1 and β = 0, is a factor |γ|/√(1 + ε) on
 * the rows of the convolution before it, so the network is built without any; dropout is the identity. The product w·∂R/∂w of a weight
 * does not depend on that factor.
 */
final class SynapticFlow {
    private static final double EPSILON = 1e-5;

    private final Network network;
    /** For every parameter of the network without normalisations: the parameter it comes from, and the γ of its rows or −1. */
    private final List<int[]> origins = new ArrayList<>();

    SynapticFlow(Network full) {
        int[] moved = new int[full.layers().size()];
        Network.Builder builder = Network.builder(full.input()).block("all");
        for (int i = 1; i < moved.length; i++) {
            moved[i] = switch (full.layers().get(i)) {
                case Layer.Input _ -> throw new IllegalArgumentException("synflow: a network with two inputs");
                case Layer.Conv2d conv -> {
                    origin(full, conv, scalingOf(full, i));
                    yield builder.conv2d(conv.name(), moved[conv.source()], conv.geometry(), conv.bias(), true);
                }
                case Layer.Linear linear -> {
                    origin(full, linear, -1);
                    yield builder.linear(linear.name(), moved[linear.source()], linear.outputs(), linear.bias(), true);
                }
                case Layer.BatchNorm2d norm -> {
                    if (!(full.layers().get(norm.source()) instanceof Layer.Conv2d)) {
                        throw new IllegalArgumentException("synflow: batch normalisation '" + norm.name()
                                + "' does not follow a convolution");
                    }
                    yield moved[norm.source()];
                }
                case Layer.Relu relu -> builder.relu(moved[relu.source()]);
                case Layer.Add add -> builder.add(moved[add.left()], moved[add.right()]);
                case Layer.MaxPool2d pool -> builder.maxPool2d(moved[pool.source()], pool.kernel(), pool.stride());
                case Layer.GlobalAveragePool pool -> builder.globalAveragePool(moved[pool.source()]);
                case Layer.Repeat repeat -> builder.repeat(moved[repeat.source()], repeat.output().height(), repeat.output().width());
                case Layer.Dropout dropout -> moved[dropout.source()];
            };
        }
        network = builder.build();
    }

    private void origin(Network full, Layer.Named layer, int gamma) {
        origins.add(new int[] {full.indexOf(layer.name() + ".weight"), gamma});
        full.find(layer.name() + ".bias").ifPresent(_ -> origins.add(null));
    }

    /** The γ of the normalisation that reads a layer, or −1. */
    private static int scalingOf(Network full, int layer) {
        for (Layer reader : full.layers()) {
            if (reader instanceof Layer.BatchNorm2d norm && norm.source() == layer) {
                return full.indexOf(norm.name() + ".weight");
            }
        }
        return -1;
    }

    /** The model's weights as absolute values with the normalisations' factors, under its masks; biases 0. */
    ModelState positive(ModelState model) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < origins.size(); p++) {
            int[] origin = origins.get(p);
            if (origin == null) {
                int size = network.parameters().get(p).size();
                masks.add(Mask.full(size));
                values.add(new float[size]);
                continue;
            }
            Mask mask = model.mask(origin[0]);
            float[] weights = model.values(origin[0]).clone();
            int columns = network.parameters().get(p).columns();
            double[] factors = new double[network.parameters().get(p).rows()];
            Arrays.fill(factors, 1);
            for (int k = 0; origin[1] >= 0 && k < factors.length; k++) {
                factors[k] = Math.abs(model.values(origin[1])[k]) / Math.sqrt(1 + EPSILON);
            }
            for (int j = 0; j < weights.length; j++) {
                weights[j] = (float) (Math.abs(weights[j]) * factors[mask.index(j) / columns]);
            }
            masks.add(mask);
            values.add(weights);
        }
        return ModelState.of(network, masks, values);
    }
}
