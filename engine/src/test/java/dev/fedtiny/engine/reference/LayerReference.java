package dev.fedtiny.engine.reference;

import dev.fedtiny.engine.layer.Layer;

/**
 * One kind of layer in double precision, N,C,H,W: what {@link ReferenceNetwork} runs. Those of the engine stand in {@link LayerReferences}.
 *
 * @param <L> the layers
 */
public interface LayerReference<L extends Layer> {
    /** The layer's output. */
    double[] forward(L layer, LayerPass pass);

    /** Says what flows back to the sources ({@link LayerPass#flow}) and the gradients of the parameters ({@link LayerPass#gradient}). */
    void backward(L layer, LayerPass pass, double[] dy);

    /** Which side of every kink a pass is on, as a number that two passes share between which the layer is smooth. */
    default long pattern(L layer, LayerPass pass) {
        return 0;
    }

    /** The smallest distance of any input from a kink, relative to the largest input, exact hits left out. */
    default double margin(L layer, LayerPass pass) {
        return Double.POSITIVE_INFINITY;
    }
}
