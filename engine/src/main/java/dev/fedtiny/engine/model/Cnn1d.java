package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;

/**
 * A convolutional network for signals of several channels, C × 1 × L, such as an accelerometer's 9 × 128: convolutions of 5, 5 and 3
 * taps, of width, 2 and 2 times width, the second of stride 2, the third of dilation 2, batch normalisation and ReLU behind each, max
 * pools of two values behind the first two, mean over time, and a linear layer.
 */
final class Cnn1d {
    private Cnn1d() {
    }

    static Network build(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.relu(net.batchNorm2d("bn1", net.conv1d("conv1", 0, Conv2dGeometry.conv1d(spec.input(), spec.width(), 5, 1, 2), false,
                false)));
        x = halve(net, x);
        net.block("convolutions");
        x = net.relu(net.batchNorm2d("bn2", net.conv1d("conv2", x, Conv2dGeometry.conv1d(net.shape(x), 2 * spec.width(), 5, 2, 2), false,
                true)));
        x = halve(net, x);
        x = net.relu(net.batchNorm2d("bn3", net.conv1d("conv3", x, Conv2dGeometry.conv1d(net.shape(x), 2 * spec.width(), 3, 1, 2)
                .withDilation(new PerAxis(1, 2)), false, true)));
        net.block("classifier").linear("fc", net.globalAveragePool(x), spec.classes(), true, true);
        return net.build(spec);
    }

    private static int halve(Network.Builder net, int source) {
        PerAxis two = new PerAxis(1, 2);
        return net.maxPool2d(source, new Pool2dGeometry(net.shape(source), two, two, Padding.NONE, false));
    }
}
