package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Conv2dGeometry;

/**
 * A depthwise separable convolution (Howard et al., "MobileNets", 2017): 3×3 depthwise, batch normalisation, ReLU, 1×1, batch
 * normalisation,
 * ReLU. Only the 1×1 weights are pruned: they are nearly all of them.
 */
final class SeparableBlock {
    private SeparableBlock() {
    }

    /** Adds a block of {@code outputs} channels; answers its last layer. */
    static int add(Network.Builder net, String prefix, int source, int outputs, int stride) {
        int channels = net.shape(source).channels();
        int x = net.conv2d(prefix + "dw", source, new Conv2dGeometry(net.shape(source), channels, 3, 3, stride, 1).withGroups(channels),
                false, false);
        x = net.relu(net.batchNorm2d(prefix + "bn1", x));
        x = net.conv2d(prefix + "pw", x, outputs, 1, 1, 0, false, true);
        return net.relu(net.batchNorm2d(prefix + "bn2", x));
    }
}
