package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Conv2dGeometry;

/**
 * MobileNetV2 (Sandler et al., 2018) under torchvision's names: a 3×3 convolution, seventeen inverted residuals (1×1 to six times the
 * channels, 3×3 depthwise, 1×1 back, a shortcut where nothing changes), a 1×1 convolution, mean, and a linear layer; ReLU6. A width of 32
 * is the paper's multiplier of 1; channels are rounded to multiples of eight as there. Images of less than 64 pixels a side keep their
 * resolution in the first convolution and in the second stage, as is usual for CIFAR. Depthwise weights are not pruned: they are few.
 */
final class MobileNetV2 {
    private static final int LARGE_IMAGE = 64;
    private static final double FULL_WIDTH = 32;
    private static final int LAST_CHANNELS = 1280;
    /** Expansion, channels at full width, repetitions, first stride. */
    private static final int[][] STAGES = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2},
        {6, 320, 1, 1}};

    private MobileNetV2() {
    }

    static Network build(NetworkSpec spec) {
        double multiplier = spec.width() / FULL_WIDTH;
        boolean small = Math.min(spec.input().height(), spec.input().width()) < LARGE_IMAGE;
        Network.Builder net = Network.builder(spec.input());
        int x = net.conv2d("features.0.0", 0, rounded(spec.width()), 3, small ? 1 : 2, 1, false, false);
        x = net.relu6(net.batchNorm2d("features.0.1", x));
        int module = 1;
        for (int stage = 0; stage < STAGES.length; stage++) {
            int[] row = STAGES[stage];
            net.block("stage" + (stage + 1));
            for (int i = 0; i < row[2]; i++) {
                int stride = i > 0 || small && stage == 1 ? 1 : row[3];
                x = residual(net, "features." + module++ + ".conv.", x, row[0], rounded(row[1] * multiplier), stride);
            }
        }
        net.block("head");
        String last = "features." + module + ".";
        x = net.conv2d(last + "0", x, rounded(LAST_CHANNELS * Math.max(1, multiplier)), 1, 1, 0, false, true);
        x = net.dropout(net.globalAveragePool(net.relu6(net.batchNorm2d(last + "1", x))), 0.2);
        net.linear("classifier.1", x, spec.classes(), true, true);
        return net.build(spec);
    }

    private static int residual(Network.Builder net, String prefix, int source, int expansion, int channels, int stride) {
        int x = source;
        int module = 0;
        if (expansion > 1) {
            x = net.conv2d(prefix + "0.0", x, net.shape(x).channels() * expansion, 1, 1, 0, false, true);
            x = net.relu6(net.batchNorm2d(prefix + "0.1", x));
            module++;
        }
        int hidden = net.shape(x).channels();
        Conv2dGeometry depthwise = new Conv2dGeometry(net.shape(x), hidden, 3, 3, stride, 1).withGroups(hidden);
        x = net.conv2d(prefix + module + ".0", x, depthwise, false, false);
        x = net.relu6(net.batchNorm2d(prefix + module + ".1", x));
        x = net.conv2d(prefix + (module + 1), x, channels, 1, 1, 0, false, true);
        x = net.batchNorm2d(prefix + (module + 2), x);
        return stride == 1 && net.shape(source).channels() == channels ? net.add(source, x) : x;
    }

    /** The nearest multiple of eight, at least eight and not below nine tenths of the channels. */
    private static int rounded(double channels) {
        int near = Math.max(8, (int) (channels + 4) / 8 * 8);
        return near < 0.9 * channels ? near + 8 : near;
    }
}
