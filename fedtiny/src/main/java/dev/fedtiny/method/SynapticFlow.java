package dev.fedtiny.method;

import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.WeightedLayer;
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
final class SynapticFlow implements SynFlow.PositiveNetwork {
    private final Network network;
    /** For every parameter of the network without normalisations: the parameter it comes from, and the γ of its rows or −1. */
    private final List<int[]> origins = new ArrayList<>();

    SynapticFlow(Network full) {
        int[] moved = new int[full.layers().size()];
        Network.Builder builder = Network.builder(full.input()).block("all");
        for (int i = 1; i < moved.length; i++) {
            Layer layer = full.layers().get(i);
            List<Integer> sources = layer.sources().stream().map(source -> moved[source]).toList();
            if (layer instanceof BatchNorm2d norm && !(full.layers().get(norm.source()) instanceof WeightedLayer)) {
                throw new IllegalArgumentException("synflow: batch normalisation '" + norm.name()
                        + "' follows neither a convolution nor a linear layer, so there are no rows of weights for its factors");
            }
            if (layer instanceof BatchNorm2d || layer instanceof OperatorLayer operator && operator.isIdentity(false)) {
                moved[i] = sources.getFirst();
                continue;
            }
            Layer free = layer instanceof WeightedLayer weighted ? weighted.withPrunable(true) : layer;
            moved[i] = builder.add(free.withSources(sources));
            for (int p = 0; p < layer.parameters().size(); p++) {
                origins.add(new int[] {full.firstParameter(i) + p, p == 0 && layer instanceof WeightedLayer ? scalingOf(full, i) : -1});
            }
        }
        network = builder.build();
    }

    /** The γ of the normalisation that reads a layer, or −1. */
    private static int scalingOf(Network full, int layer) {
        for (int i = 0; i < full.layers().size(); i++) {
            if (full.layers().get(i) instanceof BatchNorm2d norm && norm.source() == layer) {
                return full.firstParameter(i);
            }
        }
        return -1;
    }

    /** The model's weights as absolute values with the normalisations' factors, under its masks; what is added is 0 at any scale. */
    @Override
    public ModelState positive(ModelState model, double scale) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < origins.size(); p++) {
            int[] origin = origins.get(p);
            Parameter.Kind kind = network.parameters().get(p).kind();
            if (kind == Parameter.Kind.BIAS || kind == Parameter.Kind.BETA) {
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
            double epsilon = origin[1] >= 0 && model.network().layerOf(origin[1]) instanceof BatchNorm2d norm ? norm.epsilon() : 0;
            for (int k = 0; origin[1] >= 0 && k < factors.length; k++) {
                factors[k] = Math.abs(model.values(origin[1])[k]) / Math.sqrt(1 + epsilon);
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
