package dev.fedtiny.engine.cost;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.WeightedLayer;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import java.util.Collection;
import java.util.function.BiPredicate;

/**
 * The exact count of convolutions and linear layers: from the integer active counts of the actual masks and real image numbers; taps on
 * zero padding included, padding lanes not. A multiply-add is two FLOPs. Nothing is counted for gradients that are not computed: those of
 * frozen weights, and of what no trained parameter lies before, the images first of all. A count that no long can hold is an
 * {@link ArithmeticException} that names its factors.
 */
public final class ExactCost {
    private ExactCost() {
    }

    /**
     * {@return multiply-adds that one active weight costs an image, as its layer says; 0 for other parameters}
     *
     * @param network whose parameter it is
     * @param parameter its place in {@link Network#parameters()}
     */
    public static long positions(Network network, int parameter) {
        Given.notNull(network, "cost: network", "a network: of a NetworkSpec, a builder or a model file");
        return network.layerOf(parameter) instanceof WeightedLayer layer && network.parameters().get(parameter).kind().isWeight()
                ? layer.multiplyAdds() : 0;
    }

    /**
     * {@return multiply-adds of a forward pass of one image}
     *
     * @param state whose active positions count
     */
    public static long forwardMacs(ModelState state) {
        return macs(state, (network, layer) -> true);
    }

    /**
     * {@return multiply-adds of the gradients of layers' inputs for one image, as far as a trained parameter lies before them}
     *
     * @param state whose active positions count
     */
    public static long backwardDataMacs(ModelState state) {
        return macs(state, (network, layer) -> network.needsGradient(network.layers().get(layer).sources().getFirst()));
    }

    /**
     * {@return multiply-adds of the gradients at active positions of trained weights for one image}
     *
     * @param state whose active positions count
     */
    public static long backwardWeightMacs(ModelState state) {
        return macs(state, (network, layer) -> network.isTrained(network.firstParameter(layer)));
    }

    /** Multiply-adds of those layers with weights that count. */
    private static long macs(ModelState state, BiPredicate<Network, Integer> counts) {
        Network network = given(state).network();
        long macs = 0;
        for (int i = 0; i < network.layers().size(); i++) {
            if (network.layers().get(i) instanceof WeightedLayer layer && counts.test(network, i)) {
                macs = Exact.sum("multiply-adds of an image", macs, state.mask(network.firstParameter(i)).count() * layer.multiplyAdds());
            }
        }
        return macs;
    }

    /**
     * {@return FLOPs of forward passes over so many images}
     *
     * @param state whose active positions count
     * @param images in all batches together
     */
    public static long forwardFlops(ModelState state, long images) {
        return flops("forward passes", images, forwardMacs(state));
    }

    /**
     * {@return FLOPs of training steps over so many images in all: forward, gradients of inputs, gradients of active weights}
     *
     * @param state whose active positions count
     * @param images in all batches together
     */
    public static long trainingFlops(ModelState state, long images) {
        return flops("training", images, Exact.sum("multiply-adds of training an image",
                Exact.sum("multiply-adds of training an image", forwardMacs(state), backwardDataMacs(state)), backwardWeightMacs(state)));
    }

    /**
     * {@return FLOPs that gradients at the pruned positions of some weights add to a training step over so many images}
     *
     * @param state whose active positions count
     * @param parameters their places in {@link Network#parameters()}
     * @param images in all batches together
     */
    public static long growthFlops(ModelState state, Collection<Integer> parameters, long images) {
        given(state);
        Given.notNull(parameters, "cost: parameters", "positions of weights in Network.parameters()");
        long macs = 0;
        for (int parameter : parameters) {
            macs = Exact.sum("multiply-adds at pruned positions", macs, Exact.product("multiply-adds at pruned positions",
                    state.mask(parameter).size() - state.mask(parameter).count(), positions(state.network(), parameter)));
        }
        return flops("gradients at pruned positions", images, macs);
    }

    private static ModelState given(ModelState state) {
        return Given.notNull(state, "cost: state", "a model state: of ModelFile.load, Initializer or a method that changes one");
    }

    private static long flops(String what, long images, long macs) {
        return Exact.product("FLOPs of " + what + " (2 · images · multiply-adds of an image)", 2, images, macs);
    }
}
