package dev.fedtiny.engine.op;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;

/** Mean of each channel. */
public final class GlobalAveragePool {
    private final SingleLayer layer;

    /**
     * For maps of one shape.
     *
     * @param shape C × H × W
     */
    public GlobalAveragePool(Shape shape) {
        Network.Builder net = Network.builder(shape);
        net.globalAveragePool(0);
        layer = new SingleLayer("global average pool", net.build(), List.of(), List.of(), Mode.TRAINING, AlgorithmPolicy.AUTOMATIC);
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
