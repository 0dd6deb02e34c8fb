package dev.fedtiny.engine.model;

/**
 * MobileNetV1 (Howard et al., 2017): a 3×3 convolution of stride 2, thirteen depthwise separable blocks, global average pool and a linear
 * layer. A width of 32 is the paper's, 8 is the quarter of it that MLPerf Tiny's visual wake words take (3 × 96 × 96, 2 classes).
 */
final class MobileNetV1 {
    /** Channels over the first convolution's, and strides. */
    private static final int[] MULTIPLES = {2, 4, 4, 8, 8, 16, 16, 16, 16, 16, 16, 32, 32};
    private static final int[] STRIDES = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};

    private MobileNetV1() {
    }

    static Network build(NetworkSpec spec) {
        Network.Builder net = Network.builder(spec.input());
        int x = net.relu(net.batchNorm2d("bn", net.conv2d("conv", 0, spec.width(), 3, 2, 1, false, false)));
        int stage = 1;
        for (int i = 0; i < MULTIPLES.length; i++) {
            if (i == 0 || MULTIPLES[i] != MULTIPLES[i - 1]) {
                net.block("stage" + stage++);
            }
            x = SeparableBlock.add(net, "blocks." + i + ".", x, spec.width() * MULTIPLES[i], STRIDES[i]);
        }
        net.linear("fc", net.globalAveragePool(x), spec.classes(), true, true);
        return net.build(spec);
    }
}
