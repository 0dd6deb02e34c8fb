package dev.fedtiny.engine.op;

import dev.fedtiny.engine.model.FormatChoice;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;

/** A convolution over weights of any form. Shapes: N × C × H × W to N × K × P × Q. */
public final class Conv2d {
    private final SingleLayer layer;
    private final boolean bias;

    /**
     * Gradients of a convolution or a linear layer.
     *
     * @param input as the input
     * @param weights one value a kept position, in order
     * @param bias one value an output; empty without bias
     */
    public record Gradients(Tensor input, float[] weights, float[] bias) {
    }

    /**
     * A convolution.
     *
     * @param name for errors
     * @param weights K rows of C·R·S columns
     * @param bias K values, or null
     * @throws IllegalArgumentException if weights or bias do not fit the geometry
     */
    public Conv2d(String name, Conv2dGeometry geometry, Weights weights, float[] bias) {
        String what = "conv2d '" + name + "'";
        int k = geometry.outputChannels();
        if (weights.rows() != k || weights.columns() != geometry.columns()) {
            throw new IllegalArgumentException(what + ": input has " + geometry.input().channels() + " channels, weights are "
                    + weights.rows() + " × " + weights.columns() + ", expected " + k + " × " + geometry.columns() + " (K×C×R×S = " + k + "×"
                    + geometry.input().channels() + "×" + geometry.kernelHeight() + "×" + geometry.kernelWidth() + ")");
        }
        if (bias != null && bias.length != k) {
            throw new IllegalArgumentException(what + ": bias has " + bias.length + " values, expected K = " + k);
        }
        this.bias = bias != null;
        Network.Builder net = Network.builder(geometry.input()).block(name);
        net.conv2d(name, 0, geometry, this.bias, true);
        layer = new SingleLayer(what, net.build(), this.bias ? List.of(weights.mask(), Mask.full(k)) : List.of(weights.mask()),
                this.bias ? List.of(weights.values(), bias) : List.of(weights.values()), Mode.TRAINING,
                new FormatChoice.Always(weights.format()));
    }

    /** The output. */
    public Tensor forward(Tensor x) {
        return layer.forward(x);
    }

    /** Gradients of the last forward pass for a gradient of its output. */
    public Gradients backward(Tensor dy) {
        Tensor dx = layer.backward(dy);
        return new Gradients(dx, layer.session().gradient(0).clone(), bias ? layer.session().gradient(1).clone() : new float[0]);
    }
}
