package dev.fedtiny.engine.session;

import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;

/** Networks for tests: the known ones, small, and others that no architecture has. */
public final class TestNetworks {
    private TestNetworks() {
    }

    static Network known(Architecture architecture, Shape input, int width, int classes) {
        return new NetworkSpec(architecture, input, width, classes).build();
    }

    /** Convolutions without normalisation, kernels 5 and 2, stride 2 on odd extents, rectangular images, overlapping pools. */
    static Network plain() {
        Network.Builder net = Network.builder(new Shape(2, 9, 13)).block("all");
        int x = net.relu(net.conv2d("first", 0, 5, 5, 2, 2, true, true));
        x = net.maxPool2d(x, 3, 1);
        x = net.relu(net.conv2d("second", x, 7, 2, 1, 1, true, true));
        x = net.relu(net.conv2d("third", x, 3, 3, 3, 0, false, true));
        x = net.relu(net.linear("hidden", x, 9, false, true));
        net.linear("out", x, 4, true, true);
        return net.build();
    }

    /** Two residual sums with projections of 1×1, one of them with stride 2, odd extents and channels, normalisations everywhere. */
    public static Network residual() {
        Network.Builder net = Network.builder(new Shape(3, 7, 5)).block("all");
        int stem = net.relu(net.batchNorm2d("norm", net.conv2d("stem", 0, 6, 3, 1, 1, false, true)));
        int main = net.batchNorm2d("norm1", net.conv2d("main", stem, 9, 3, 2, 1, false, true));
        int side = net.batchNorm2d("norm2", net.conv2d("side", stem, 9, 1, 2, 0, false, true));
        int x = net.relu(net.add(main, side));
        int again = net.batchNorm2d("norm3", net.conv2d("again", x, 9, 3, 1, 1, false, true));
        x = net.relu(net.add(x, again));
        net.linear("out", net.globalAveragePool(x), 5, true, true);
        return net.build();
    }

    /** A value that two convolutions of stride 2 and three 1×1 ones read, one of these with another stride. */
    static Network fan() {
        Network.Builder net = Network.builder(new Shape(2, 9, 6)).block("all");
        int stem = net.relu(net.batchNorm2d("norm", net.conv2d("stem", 0, 11, 3, 1, 1, false, true)));
        int x = net.conv2d("wide", stem, 5, 3, 2, 1, false, true);
        x = net.add(x, net.conv2d("near", stem, 5, 1, 2, 0, false, true));
        x = net.add(x, net.conv2d("far", stem, 5, 1, 2, 0, true, true));
        x = net.add(x, net.conv2d("wider", stem, 5, 5, 2, 2, false, true));
        int other = net.relu(net.conv2d("other", stem, 3, 1, 3, 0, false, true));
        int pooled = net.globalAveragePool(net.conv2d("last", other, 5, 1, 1, 0, false, true));
        net.linear("out", net.add(net.globalAveragePool(net.relu(x)), pooled), 3, true, true);
        return net.build();
    }

    /** Even maps, which Winograd's transform takes, in blocks of tiles full and not, packs of rows full and not, a bias, a sum. */
    static Network even() {
        Network.Builder net = Network.builder(new Shape(3, 6, 12)).block("all");
        int stem = net.relu(net.conv2d("stem", 0, 9, 3, 1, 1, true, true));
        int main = net.batchNorm2d("norm1", net.conv2d("main", stem, 9, 3, 1, 1, false, true));
        int x = net.relu(net.add(main, stem));
        x = net.relu(net.batchNorm2d("norm2", net.conv2d("wider", x, 17, 3, 1, 1, false, true)));
        x = net.relu(net.batchNorm2d("norm3", net.conv2d("odd", x, 8, 3, 2, 1, false, true)));
        net.linear("out", net.globalAveragePool(x), 4, true, true);
        return net.build();
    }

    /** One channel, one pixel wide maps, a single class more than nothing, a repetition and a dropout of probability 0. */
    static Network narrow() {
        Network.Builder net = Network.builder(new Shape(1, 8, 1)).block("all");
        int x = net.relu(net.conv2d("first", 0, 1, 3, 1, 1, true, false));
        x = net.relu(net.conv2d("second", x, 4, 1, 2, 0, true, true));
        x = net.repeat(net.globalAveragePool(x), 3, 2);
        x = net.dropout(net.relu(net.linear("hidden", x, 6, true, true)), 0);
        net.linear("out", x, 2, false, true);
        return net.build();
    }

    /** A network of a few hundred multiply-adds. */
    static Network tiny() {
        Network.Builder net = Network.builder(new Shape(2, 4, 4)).block("all");
        int stem = net.relu(net.batchNorm2d("norm", net.conv2d("stem", 0, 4, 3, 1, 1, false, true)));
        int main = net.batchNorm2d("norm1", net.conv2d("main", stem, 4, 3, 1, 1, false, true));
        int x = net.maxPool2d(net.relu(net.add(main, stem)), 2, 2);
        net.linear("out", net.globalAveragePool(x), 3, true, true);
        return net.build();
    }
}
