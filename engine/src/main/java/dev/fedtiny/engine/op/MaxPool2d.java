package dev.fedtiny.engine.op;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;

/**
 * Largest value of each window, without padding; an edge that no whole window covers is dropped. The gradient goes to the first
 * largest value.
 */
public final class MaxPool2d {
    private final SingleLayer layer;

    /**
     * For maps of one shape.
     *
     * @param shape C × H × W
     * @param kernel window height and width
     * @param stride pixels between windows
     */
    public MaxPool2d(Shape shape, int kernel, int stride) {
        Network.Builder net = Network.builder(shape);
        net.maxPool2d(0, kernel, stride);
        layer = new SingleLayer("max pool", net.build(), List.of(), List.of(), Mode.TRAINING, AlgorithmPolicy.AUTOMATIC);
    }

    /** The output. */
    public Tensor forward(Tensor x) {
        return layer.forward(x);
    }

    /** The gradient of the last forward pass's input for a gradient of its output. */
    public Tensor backward(Tensor dy) {
        return layer.backward(dy);
    }
}
