package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.PerAxis;

/**
 * A small U-Net (Ronneberger et al., 2015): two levels down by 2×2 max pools and up again by nearest upsampling, each level's activation
 * concatenated on the way up; blocks of two 3×3 convolutions with batch normalisation and ReLU; a 1×1 convolution to {@code classes} maps.
 * It does not classify images but their pixels: its output is classes × H × W. Height and width are multiples of 4.
 */
final class UNet {
    private UNet() {
    }

    static Network build(NetworkSpec spec) {
        if (spec.input().height() % 4 != 0 || spec.input().width() % 4 != 0) {
            throw new IllegalArgumentException("network: a U-Net of two levels halves images twice, got " + spec.input()
                    + "; height and width must be multiples of 4");
        }
        int width = spec.width();
        Network.Builder net = Network.builder(spec.input());
        int x = convolution(net, "down1.0", 0, width, false);
        net.block("down");
        int first = convolution(net, "down1.1", x, width, true);
        int second = level(net, "down2", net.maxPool2d(first, 2, 2), 2 * width);
        net.block("bottom");
        x = level(net, "bottom", net.maxPool2d(second, 2, 2), 4 * width);
        net.block("up");
        x = level(net, "up2", net.concat(net.upsample(x, PerAxis.both(2)), second), 2 * width);
        x = level(net, "up1", net.concat(net.upsample(x, PerAxis.both(2)), first), width);
        net.conv2d("head", x, spec.classes(), 1, 1, 0, true, false);
        return net.build(spec);
    }

    private static int level(Network.Builder net, String name, int source, int channels) {
        return convolution(net, name + ".1", convolution(net, name + ".0", source, channels, true), channels, true);
    }

    private static int convolution(Network.Builder net, String name, int source, int channels, boolean prunable) {
        return net.relu(net.batchNorm2d(name + ".bn", net.conv2d(name + ".conv", source, channels, 3, 1, 1, false, prunable)));
    }
}
