package dev.fedtiny.engine.model;

/** A multilayer perceptron of two hidden layers of one width with ReLU: the 2NN of McMahan et al. (2017), who take 200 units. */
final class Mlp {
    private Mlp() {
    }

    static Network build(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input()).block("hidden");
        int x = net.relu(net.linear("fc1", 0, spec.width(), true, true));
        x = net.relu(net.linear("fc2", x, spec.width(), true, true));
        net.block("classifier").linear("fc3", x, spec.classes(), true, true);
        return net.build(spec);
    }
}
