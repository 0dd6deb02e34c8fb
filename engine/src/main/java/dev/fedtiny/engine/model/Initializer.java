package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;

/**
 * Starting values, dense: convolutions Kaiming-normal over fan-out (gain √2), linear weights and biases and convolution
 * biases uniform within 1/√fan-in as PyTorch has them, γ 1, β and biases of layers without a weight 0, running mean 0, running variance 1.
 * Every tensor has its own named stream.
 */
public final class Initializer {
    private Initializer() {
    }

    /**
     * A fresh dense state of a network.
     *
     * @param network what the values are for
     * @param seed the same seed and network give the same bits everywhere
     * @return new arrays under full masks
     */
    public static ModelState initialize(Network network, long seed) {
        return initialize(network, seed, false);
    }

    /**
     * A fresh dense state.
     *
     * @param zeroGamma whether γ of the last batch normalisation of every residual block starts at 0
     * @param network what the values are for
     * @param seed the same seed and network give the same bits everywhere
     * @return new arrays under full masks
     */
    public static ModelState initialize(Network network, long seed, boolean zeroGamma) {
        Given.notNull(network, "initializer: network", "a network: of a NetworkSpec, a builder or a model file");
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        Layer owner = null;
        Parameter weight = null;
        for (int i = 0; i < network.parameters().size(); i++) {
            Parameter parameter = network.parameters().get(i);
            if (parameter.kind().isWeight() || network.layerOf(i) != owner) {
                weight = parameter.kind().isWeight() ? parameter : null;
            }
            owner = network.layerOf(i);
            RandomStream random = RandomStream.of(seed, "initialize", i);
            masks.add(Mask.full(parameter.size()));
            values.add(values(parameter, weight, random, zeroGamma));
        }
        return ModelState.of(network, masks, values).withBatchesTracked(new long[values.size()]);
    }

    /** @param weight whose fan-in a bias goes by; null where it has none */
    private static float[] values(Parameter parameter, Parameter weight, RandomStream random, boolean zeroGamma) {
        float[] values = new float[parameter.size()];
        Kind kind = parameter.kind();
        boolean ones = kind == Kind.RUNNING_VARIANCE || kind == Kind.GAMMA && !(zeroGamma && parameter.name().endsWith(".bn2.weight"));
        if (kind == Kind.CONVOLUTION_WEIGHT) {
            int fanOut = parameter.rows() * (parameter.columns() / parameter.shape().get(1));
            double deviation = StrictMath.sqrt(2.0 / fanOut);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
        } else if (weight != null && (kind == Kind.LINEAR_WEIGHT || kind == Kind.BIAS)) {
            double bound = 1 / StrictMath.sqrt(weight.columns());
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
        } else if (ones) {
            java.util.Arrays.fill(values, 1);
        }
        return values;
    }
}
