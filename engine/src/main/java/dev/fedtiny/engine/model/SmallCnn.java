package dev.fedtiny.engine.model;

/**
 * The small dense networks of the "why not just a small network" comparison: three valid 3×3 convolutions, 2×2 max pools
 * after the first two, two linear layers, ReLU between, biases everywhere, no batch normalisation.
 */
final class SmallCnn {
    private SmallCnn() {
    }

    static Network build(NetworkSpec spec, int first, int second, int third, int hidden) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.relu(net.conv2d("conv1", 0, first, 3, 1, 0, true, false));
        x = net.maxPool2d(x, 2, 2);
        net.block("convolutions");
        x = net.relu(net.conv2d("conv2", x, second, 3, 1, 0, true, true));
        x = net.maxPool2d(x, 2, 2);
        x = net.relu(net.conv2d("conv3", x, third, 3, 1, 0, true, true));
        net.block("classifier");
        x = net.relu(net.linear("fc1", x, hidden, true, true));
        net.linear("fc2", x, spec.classes(), true, true);
        return net.build(spec);
    }
}
