package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;

/**
 * ResNet18 (He et al., 2016): a stem, four stages of two basic blocks of width, 2, 4 and 8 times width, strides 1, 2, 2, 2, a 1×1
 * projection with batch normalisation where the shape changes, global average pool and a linear layer. No convolution has a bias. Names as
 * in torchvision.
 */
final class ResNet18 {
    private ResNet18() {
    }

    /** The form for CIFAR: a 3×3 stem of stride 1, without max pool. */
    static Network cifar(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.conv2d("conv1", 0, spec.width(), 3, 1, 1, false, false);
        return build(spec, net, net.relu(net.batchNorm2d("bn1", x)));
    }

    /** The form for ImageNet: a 7×7 stem of stride 2 and a 3×3 max pool of stride 2. */
    static Network imageNet(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.relu(net.batchNorm2d("bn1", net.conv2d("conv1", 0, spec.width(), 7, 2, 3, false, false)));
        return build(spec, net, net.maxPool2d(x, new Pool2dGeometry(net.shape(x), PerAxis.both(3), PerAxis.both(2), Padding.all(1),
                false)));
    }

    private static Network build(NetworkSpec spec, Network.Builder net, int stem) {
        int x = stem;
        for (int stage = 1; stage <= 4; stage++) {
            net.block("conv" + (stage + 1) + "_x");
            int channels = spec.width() << (stage - 1);
            x = basicBlock(net, "layer" + stage + ".0.", x, channels, stage == 1 ? 1 : 2);
            x = basicBlock(net, "layer" + stage + ".1.", x, channels, 1);
        }
        // The classifier belongs to the last block.
        net.linear("fc", net.globalAveragePool(x), spec.classes(), true, true);
        return net.build(spec);
    }

    private static int basicBlock(Network.Builder net, String prefix, int input, int channels, int stride) {
        int x = net.conv2d(prefix + "conv1", input, channels, 3, stride, 1, false, true);
        x = net.relu(net.batchNorm2d(prefix + "bn1", x));
        x = net.conv2d(prefix + "conv2", x, channels, 3, 1, 1, false, true);
        x = net.batchNorm2d(prefix + "bn2", x);
        int shortcut = input;
        if (stride != 1 || net.shape(input).channels() != channels) {
            shortcut = net.conv2d(prefix + "downsample.0", input, channels, 1, stride, 0, false, true);
            shortcut = net.batchNorm2d(prefix + "downsample.1", shortcut);
        }
        return net.relu(net.add(x, shortcut));
    }
}
