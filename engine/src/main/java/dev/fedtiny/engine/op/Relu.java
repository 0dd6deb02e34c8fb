package dev.fedtiny.engine.op;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;

/** max(x, 0); its gradient passes where the output is above 0. */
public final class Relu {
    private final SingleLayer layer;

    /**
     * For maps of one shape.
     *
     * @param shape C × H × W
     */
    public Relu(Shape shape) {
        Network.Builder net = Network.builder(shape);
        net.relu(0);
        layer = new SingleLayer("relu", net.build(), List.of(), List.of(), Mode.TRAINING, AlgorithmPolicy.AUTOMATIC);
    }

    /**
     * {@return the output}
     *
     * @param x the input
     */
    public Tensor forward(Tensor x) {
        return layer.forward(x);
    }

    /**
     * {@return the gradient of the last forward pass's input for a gradient of its output}
     *
     * @param dy gradient of the output, shaped as it
     */
    public Tensor backward(Tensor dy) {
        return layer.backward(dy);
    }
}
