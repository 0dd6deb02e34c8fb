package dev.fedtiny.engine.model;

import java.util.ArrayList;
import java.util.List;

/**
 * VGG11 with batch normalisation: eight 3×3 convolutions of width × 1, 2, 4, 4, 8, 8, 8, 8 channels, five 2×2 max pools, and one
 * of three heads. Names as in torchvision's {@code vgg11_bn}. Blocks are pairs of consecutive prunable layers counted from the
 * output; an odd rest is the input-most block.
 */
final class Vgg11 {
    /** What follows the convolutions. */
    enum Head {
        /** 8w → 4w → 4w → classes with ReLU (512 → 256 → 256 at full width); convolutions with bias. */
        SMALL,
        /** The 1×1 map repeated to 7×7, then 4,096, 4,096 and the classes with ReLU and dropout 0.5; convolutions with bias. */
        IMAGENET,
        /** One linear layer; convolutions without bias. */
        SINGLE
    }

    private static final int[] MULTIPLES = {1, 2, 4, 4, 8, 8, 8, 8};
    private static final boolean[] POOLED = {true, true, false, true, false, true, false, true};

    private Vgg11() {
    }

    static Network build(NetworkSpec spec, Head head) {
        int linears = head == Head.SINGLE ? 1 : 3;
        int prunable = MULTIPLES.length - 1 + linears;
        Network.Builder net = Network.builder(spec.input());
        int x = 0;
        int module = 0;
        for (int i = 0; i < MULTIPLES.length; i++) {
            if (i > 0) {
                openBlock(net, i - 1, prunable);
            }
            x = net.conv2d("features." + module, x, spec.width() * MULTIPLES[i], 3, 1, 1, head != Head.SINGLE, i > 0);
            x = net.relu(net.batchNorm2d("features." + (module + 1), x));
            module += 3;
            if (POOLED[i]) {
                x = net.maxPool2d(x, 2, 2);
                module++;
            }
        }
        List<Integer> hidden = new ArrayList<>();
        if (head == Head.SMALL) {
            hidden = List.of(4 * spec.width(), 4 * spec.width());
        } else if (head == Head.IMAGENET) {
            x = net.repeat(x, 7, 7);
            hidden = List.of(64 * spec.width(), 64 * spec.width());
        }
        int next = MULTIPLES.length - 1;
        int classifier = 0;
        for (int units : hidden) {
            openBlock(net, next++, prunable);
            x = net.relu(net.linear("classifier." + classifier, x, units, true, true));
            if (head == Head.IMAGENET) {
                x = net.dropout(x, 0.5);
                classifier++;
            }
            classifier += 2;
        }
        openBlock(net, next, prunable);
        net.linear(head == Head.SINGLE ? "classifier" : "classifier." + classifier, x, spec.classes(), true, true);
        return net.build(spec);
    }

    /** Begins a new block before the prunable layer {@code index} of {@code count} when a pair, counted from the output, starts there. */
    private static void openBlock(Network.Builder net, int index, int count) {
        if (index == 0 || (count - index) % 2 == 0) {
            net.block("pair" + Math.ceilDiv(count - index, 2));
        }
    }
}
