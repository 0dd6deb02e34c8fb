package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;

/**
 * DS-CNN for keyword spotting, as in MLPerf Tiny (Zhang et al., "Hello Edge", 2017): a 10×4 convolution of stride 2 over a spectrogram of
 * 1 × 49 × 10, four depthwise separable blocks of one width (64 there), global average pool and a linear layer. Zeros around the first
 * convolution so that its output is half as large, rounded up.
 */
final class DsCnn {
    private static final int BLOCKS = 4;
    private static final PerAxis KERNEL = new PerAxis(10, 4);
    private static final int STRIDE = 2;

    private DsCnn() {
    }

    static Network build(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.conv2d("conv", 0, new Conv2dGeometry(spec.input(), spec.width(), KERNEL, PerAxis.both(STRIDE), padding(spec.input()),
                PerAxis.ONE, 1), false, false);
        x = net.relu(net.batchNorm2d("bn", x));
        for (int i = 0; i < BLOCKS; i++) {
            net.block("block" + (i + 1));
            x = SeparableBlock.add(net, "blocks." + i + ".", x, spec.width(), 1);
        }
        net.linear("fc", net.globalAveragePool(x), spec.classes(), true, true);
        return net.build(spec);
    }

    private static Padding padding(Shape input) {
        int rows = zeros(input.height(), KERNEL.height());
        int columns = zeros(input.width(), KERNEL.width());
        return new Padding(rows / 2, columns / 2, rows - rows / 2, columns - columns / 2);
    }

    /** Zeros on both sides together. */
    private static int zeros(int extent, int kernel) {
        return Math.max(0, (Math.ceilDiv(extent, STRIDE) - 1) * STRIDE + kernel - extent);
    }
}
