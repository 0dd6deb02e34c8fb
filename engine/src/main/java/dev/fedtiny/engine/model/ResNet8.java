package dev.fedtiny.engine.model;

/**
 * ResNet8 for image classification, as in MLPerf Tiny: a 3×3 stem, three stages of one basic block of width, 2 and 4 times width (16
 * there), strides 1, 2, 2, a 1×1 projection with a bias and without batch normalisation where the shape changes, global average pool and
 * a linear layer.
 */
final class ResNet8 {
    private ResNet8() {
    }

    static Network build(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.relu(net.batchNorm2d("bn", net.conv2d("conv", 0, spec.width(), 3, 1, 1, false, false)));
        for (int stage = 0; stage < 3; stage++) {
            net.block("stage" + (stage + 1));
            x = block(net, "stages." + stage + ".", x, spec.width() << stage, stage == 0 ? 1 : 2);
        }
        net.linear("fc", net.globalAveragePool(x), spec.classes(), true, true);
        return net.build(spec);
    }

    private static int block(Network.Builder net, String prefix, int source, int channels, int stride) {
        int x = net.relu(net.batchNorm2d(prefix + "bn1", net.conv2d(prefix + "conv1", source, channels, 3, stride, 1, false, true)));
        x = net.batchNorm2d(prefix + "bn2", net.conv2d(prefix + "conv2", x, channels, 3, 1, 1, false, true));
        int shortcut = stride == 1 ? source : net.conv2d(prefix + "shortcut", source, channels, 1, stride, 0, true, true);
        return net.relu(net.add(x, shortcut));
    }
}
