package dev.fedtiny.engine.model;

/**
 * Small convolutional networks without batch normalisation: two 5×5 convolutions, each with ReLU and a 2×2 max pool, and linear layers with
 * ReLU between.
 */
final class LeNet {
    private LeNet() {
    }

    /**
     * LeNet-5 (LeCun et al., 1998) with max pools and ReLU, as it is mostly used today: 6 and 16 channels, 120 and 84 units, for 28×28
     * pixels; two zeros around the images, none around the second convolution.
     */
    static Network lenet5(NetworkSpec spec) {
        return build(spec, 6, 16, 0, 120, 84);
    }

    /** The network of LEAF's FEMNIST (Caldas et al., 2018): 32 and 64 channels, zeros around both convolutions, 2,048 units. */
    static Network femnist(NetworkSpec spec) {
        return build(spec, 32, 64, 2, 2048);
    }

    private static Network build(NetworkSpec spec, int first, int second, int secondPadding, int... units) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.maxPool2d(net.relu(net.conv2d("conv1", 0, first, 5, 1, 2, true, false)), 2, 2);
        net.block("convolutions");
        x = net.maxPool2d(net.relu(net.conv2d("conv2", x, second, 5, 1, secondPadding, true, true)), 2, 2);
        net.block("classifier");
        for (int i = 0; i < units.length; i++) {
            x = net.relu(net.linear("fc" + (i + 1), x, units[i], true, true));
        }
        net.linear("fc" + (units.length + 1), x, spec.classes(), true, true);
        return net.build(spec);
    }
}
