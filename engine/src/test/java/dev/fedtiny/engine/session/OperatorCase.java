package dev.fedtiny.engine.session;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntBiFunction;

/**
 * Every operator without weights in a network of its own, between a convolution and a linear layer: a row a operator, and it goes through
 * all that {@link OperatorContractTest} asks for.
 *
 * @param name for errors
 */
record OperatorCase(String name, Network network) {
    /** Odd extents, and more channels than a vector has lanes nowhere. */
    private static final Shape STEM = new Shape(6, 9, 7);

    private static OperatorCase of(String name, ToIntBiFunction<Network.Builder, Integer> operator) {
        Network.Builder net = Network.builder(new Shape(2, 9, 7)).block("all");
        int stem = net.conv2d("stem", 0, STEM.channels(), 3, 1, 1, true, true);
        net.linear("out", operator.applyAsInt(net, stem), 3, true, true);
        return new OperatorCase(name, net.build());
    }

    static List<OperatorCase> all() {
        List<OperatorCase> cases = new ArrayList<>();
        for (Activation.Function function : Activation.Function.values()) {
            cases.add(of(function.key(), (net, x) -> net.activation(x, function)));
        }
        cases.addAll(List.of(
                of("leaky_relu steep", (net, x) -> net.activation(x, Activation.Function.LEAKY_RELU, 0.3, 0)),
                of("hard_sigmoid flat", (net, x) -> net.activation(x, Activation.Function.HARD_SIGMOID, 0.2, 0.4)),
                of("affine", (net, x) -> net.activation(x, Activation.Function.AFFINE, -1.5, 0.25)),
                of("softmax", Network.Builder::softmax),
                of("layer norm", (net, x) -> net.layerNorm("norm", x, 1e-5)),
                of("group norm", (net, x) -> net.groupNorm("norm", x, 3, 1e-5)),
                of("instance norm", (net, x) -> net.groupNorm("norm", net.activation(x, Activation.Function.SILU), 6, 1e-3)),
                of("max pool, padded", (net, x) -> net.maxPool2d(x, new Pool2dGeometry(STEM, new PerAxis(3, 2), new PerAxis(2, 1),
                        new Padding(1, 0, 2, 1), false))),
                of("max pool, rounded up", (net, x) -> net.maxPool2d(x, new Pool2dGeometry(STEM, PerAxis.both(2), PerAxis.both(2),
                        Padding.NONE, true))),
                of("max pool, global", Network.Builder::globalMaxPool),
                of("average pool", (net, x) -> net.averagePool2d(x, new Pool2dGeometry(STEM, 2, 2), true)),
                of("average pool, padded", (net, x) -> net.averagePool2d(x, new Pool2dGeometry(STEM, PerAxis.both(3), new PerAxis(1, 2),
                        Padding.all(1), false), true)),
                of("average pool, padding not counted", (net, x) -> net.averagePool2d(x, new Pool2dGeometry(STEM, PerAxis.both(3),
                        PerAxis.both(2), Padding.of(1, 0), true), false)),
                of("concat", (net, x) -> net.concat(x, net.relu(x), net.conv2d("other", 0, 5, 3, 1, 1, false, true))),
                of("multiply", (net, x) -> net.multiply(x, net.conv2d("other", 0, 6, 1, 1, 0, false, true))),
                of("multiply by itself", (net, x) -> net.multiply(x, x)),
                of("multiply channels", (net, x) -> net.multiply(net.activation(net.globalAveragePool(x), Activation.Function.SIGMOID),
                        x)),
                of("multiply pixels", (net, x) -> net.multiply(x, net.conv2d("other", x, 1, 1, 1, 0, false, true))),
                of("multiply rows", (net, x) -> net.multiply(x, net.averagePool2d(x, new Pool2dGeometry(STEM, new PerAxis(1, 7),
                        PerAxis.ONE, Padding.NONE, false), true))),
                of("upsample", (net, x) -> net.upsample(net.maxPool2d(x, 3, 3), new PerAxis(2, 3))),
                of("flatten", Network.Builder::flatten),
                new OperatorCase("all in one", TestNetworks.operators())));
        return cases;
    }

    @Override
    public String toString() {
        return name + " in " + Arrays.toString(network.layers().stream().map(layer -> layer.describe()).toArray());
    }
}
