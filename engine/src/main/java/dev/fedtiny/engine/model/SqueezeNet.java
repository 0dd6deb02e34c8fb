package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;

/**
 * SqueezeNet 1.1 (Iandola et al., 2016) under torchvision's names: a 3×3 convolution of stride 2, eight fire modules, which squeeze to few
 * channels and expand them by 1×1 and 3×3 convolutions side by side, three max pools, and a 1×1 convolution with ReLU and a mean a class as
 * its classifier. No batch normalisation. A width of 64 is the paper's. Images of less than 64 pixels a side keep their resolution in the
 * first convolution.
 */
final class SqueezeNet {
    private static final int LARGE_IMAGE = 64;
    /** Squeezed and expanded channels over a 64th of the width; 0: a max pool. */
    private static final int[][] MODULES = {{}, {16, 64}, {16, 64}, {}, {32, 128}, {32, 128}, {}, {48, 192}, {48, 192}, {64, 256},
        {64, 256}};
    private static final int FIRST_MODULE = 2;

    private SqueezeNet() {
    }

    static Network build(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int stride = Math.min(spec.input().height(), spec.input().width()) < LARGE_IMAGE ? 1 : 2;
        int x = net.relu(net.conv2d("features.0", 0, spec.width(), 3, stride, stride == 1 ? 1 : 0, true, false));
        int stage = 1;
        for (int i = 0; i < MODULES.length; i++) {
            if (MODULES[i].length == 0) {
                x = net.maxPool2d(x, new Pool2dGeometry(net.shape(x), PerAxis.both(3), PerAxis.both(2), Padding.NONE, true));
                net.block("stage" + stage++);
            } else {
                x = fire(net, "features." + (i + FIRST_MODULE) + ".", x, channels(spec, MODULES[i][0]), channels(spec, MODULES[i][1]));
            }
        }
        x = net.relu(net.conv2d("classifier.1", net.dropout(x, 0.5), spec.classes(), 1, 1, 0, true, true));
        net.globalAveragePool(x);
        return net.build(spec);
    }

    private static int channels(NetworkSpec spec, int ofFullWidth) {
        return Math.max(1, ofFullWidth * spec.width() / 64);
    }

    private static int fire(Network.Builder net, String prefix, int source, int squeezed, int expanded) {
        int x = net.relu(net.conv2d(prefix + "squeeze", source, squeezed, 1, 1, 0, true, true));
        return net.concat(net.relu(net.conv2d(prefix + "expand1x1", x, expanded, 1, 1, 0, true, true)),
                net.relu(net.conv2d(prefix + "expand3x3", x, expanded, 3, 1, 1, true, true)));
    }
}
