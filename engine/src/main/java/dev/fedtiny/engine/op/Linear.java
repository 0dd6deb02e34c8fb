package dev.fedtiny.engine.op;

import dev.fedtiny.engine.model.FormatChoice;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/** A fully connected layer over weights of any form; a map is flattened in C,H,W order. */
public final class Linear {
    private final SingleLayer layer;

    /**
     * A linear layer.
     *
     * @param name for errors
     * @param input shape of one image
     * @param weights out rows of in columns
     * @param bias out values
     * @throws IllegalArgumentException if weights or bias do not fit the input
     */
    public Linear(String name, Shape input, Weights weights, float[] bias) {
        String what = "linear '" + name + "'";
        Objects.requireNonNull(bias, what + ": the bias is null, expected one value a row; zeros where there is none");
        if (weights.columns() != input.size() || bias.length != weights.rows()) {
            throw new IllegalArgumentException(what + ": weights are " + weights.rows() + " × " + weights.columns() + " and the bias has "
                    + bias.length + " values; expected " + input.size() + " columns for an input of " + input + " and one bias a row");
        }
        Network.Builder net = Network.builder(input).block(name);
        net.linear(name, 0, weights.rows(), true, true);
        layer = new SingleLayer(what, net.build(), List.of(weights.mask(), Mask.full(bias.length)), List.of(weights.values(), bias),
                Mode.TRAINING, new FormatChoice.Always(weights.format()));
    }

    /** The output, out × 1 × 1. */
    public Tensor forward(Tensor x) {
        return layer.forward(x);
    }

    /** Gradients of the last forward pass for a gradient of its output. */
    public Conv2d.Gradients backward(Tensor dy) {
        Tensor dx = layer.backward(dy);
        return new Conv2d.Gradients(dx, layer.session().gradient(0).clone(), layer.session().gradient(1).clone());
    }
}
