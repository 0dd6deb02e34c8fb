package dev.fedtiny.engine.session;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import example.ScaledProduct;
import example.SignedSquare;
import example.Tempered;

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

    /**
     * Groups, depthwise layers with one and two outputs a channel, stride and dilation per axis, padding per side, a sampled shortcut of
     * unequal strides; maps that tiles divide and maps that they do not.
     */
    static Network grouped() {
        Network.Builder net = Network.builder(new Shape(1, 24, 10)).block("all");
        int x = net.conv2d("stem", 0, new Conv2dGeometry(net.shape(0), 6, new PerAxis(5, 4), new PerAxis(1, 2), new Padding(2, 1, 2, 2),
                PerAxis.ONE, 1), true, true);
        x = net.relu(net.batchNorm2d("norm", x));
        x = net.conv2d("depthwise", x, new Conv2dGeometry(net.shape(x), 6, 3, 3, 1, 1).withGroups(6), false, true);
        int wide = net.relu(x);
        x = net.conv2d("doubled", wide, new Conv2dGeometry(net.shape(wide), 12, new PerAxis(3, 3), new PerAxis(2, 1),
                new Padding(0, 1, 1, 1), PerAxis.ONE, 6), false, true);
        int side = net.conv2d("side", wide, new Conv2dGeometry(net.shape(wide), 12, PerAxis.ONE, new PerAxis(2, 1), Padding.NONE,
                PerAxis.ONE, 3), false, true);
        x = net.relu(net.add(net.batchNorm2d("norm2", x), net.batchNorm2d("norm3", side)));
        x = net.relu(net.conv2d("grouped", x, new Conv2dGeometry(net.shape(x), 10, 3, 3, 1, 1).withGroups(2), true, true));
        x = net.relu(net.conv2d("dilated", x, new Conv2dGeometry(net.shape(x), 7, new PerAxis(3, 2), PerAxis.ONE, new Padding(2, 0, 2, 3),
                new PerAxis(2, 3), 1), false, true));
        x = net.conv2d("uneven", x, new Conv2dGeometry(net.shape(x), 5, new PerAxis(2, 3), new PerAxis(3, 1), new Padding(1, 0, 0, 2),
                PerAxis.ONE, 1), true, true);
        net.linear("out", net.globalAveragePool(net.relu(x)), 4, true, true);
        return net.build();
    }

    /** Signals of one dimension: strides, dilation and padding along it, a depthwise layer. */
    static Network signals() {
        Network.Builder net = Network.builder(new Shape(5, 1, 40)).block("all");
        int x = net.conv1d("first", 0, 8, 5, 1, 2, true, true);
        x = net.relu(net.batchNorm2d("norm", x));
        x = net.relu(net.conv1d("depthwise", x, Conv2dGeometry.conv1d(net.shape(x), 8, 3, 2, 1).withGroups(8), true, true));
        x = net.conv2d("dilated", x, new Conv2dGeometry(net.shape(x), 9, new PerAxis(1, 3), PerAxis.ONE, Padding.horizontal(4, 0),
                new PerAxis(1, 2), 1), false, true);
        net.linear("out", net.globalAveragePool(net.relu(x)), 3, true, true);
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

    /** Depthwise layers of stride 1 and 2 with few multiply-adds. */
    static Network tinyDepthwise() {
        Network.Builder net = Network.builder(new Shape(4, 5, 5)).block("all");
        int x = net.conv2d("first", 0, new Conv2dGeometry(net.shape(0), 4, 3, 3, 1, 1).withGroups(4), true, true);
        x = net.relu(net.batchNorm2d("norm", x));
        x = net.relu(net.conv2d("second", x, new Conv2dGeometry(net.shape(x), 8, 3, 3, 2, 1).withGroups(4), false, true));
        net.linear("out", net.globalAveragePool(x), 3, true, true);
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

    /** Operators from outside the engine: one and two inputs, a parameter, all channels together, whole maps, several readers. */
    public static Network foreign() {
        Network.Builder net = Network.builder(new Shape(2, 5, 6)).block("all");
        int stem = net.relu6(net.batchNorm2d("bn", net.conv2d("stem", 0, 5, 3, 1, 1, false, true)));
        int square = net.add(new SignedSquare(stem, net.shape(stem)));
        int product = net.add(new ScaledProduct("product", square, stem, net.shape(stem)));
        int pixels = net.add(new Tempered(product, net.shape(product), false));
        int map = net.add(new Tempered(square, net.shape(square), true));
        int after = net.relu6(net.add(net.batchNorm2d("tempered", pixels), map));
        after = net.add(new ScaledProduct("twice", after, after, net.shape(after)));
        after = net.batchNorm2d("last", net.conv2d("after", after, 4, 3, 2, 1, true, true));
        after = net.add(new SignedSquare(after, net.shape(after)));
        net.linear("out", net.add(new Clamp(after, net.shape(after), -0.5f, 1)), 3, true, true);
        return net.build();
    }

    /** Operators without weights around normalisations, sums and each other: squeeze and excitation, enlargement, concatenation. */
    static Network operators() {
        Network.Builder net = Network.builder(new Shape(3, 10, 8)).block("all");
        int stem = net.activation(net.batchNorm2d("norm", net.conv2d("stem", 0, 8, 3, 1, 1, false, true)), Activation.Function.HARD_SWISH);
        int squeezed = net.activation(net.conv2d("squeeze", net.globalAveragePool(stem), 4, 1, 1, 0, true, true), Activation.Function.SILU);
        int gate = net.activation(net.conv2d("excite", squeezed, 8, 1, 1, 0, true, true), Activation.Function.SIGMOID);
        int x = net.add(net.batchNorm2d("norm1", net.conv2d("main", net.multiply(stem, gate), 8, 3, 1, 1, false, true)), stem);
        int half = net.maxPool2d(x, new Pool2dGeometry(net.shape(x), PerAxis.both(3), PerAxis.both(2), Padding.all(1), false));
        int deep = net.groupNorm("norm2", net.conv2d("deep", half, 6, 3, 1, 1, false, true), 2, 1e-5);
        deep = net.activation(deep, Activation.Function.GELU);
        int wide = net.concat(net.relu(net.batchNorm2d("norm3", net.upsample(deep, PerAxis.both(2)))), x);
        int last = net.layerNorm("norm4", net.conv2d("last", wide, 5, 1, 1, 0, true, true), 1e-5);
        int pooled = net.flatten(net.averagePool2d(net.softmax(last), new Pool2dGeometry(net.shape(last), 5, 5), true));
        net.linear("out", net.activation(pooled, Activation.Function.TANH), 3, true, true);
        return net.build();
    }

    /**
     * Depthwise layers, for which a single image's pixels lie in the lanes side by side: windows of all kinds over maps whose rows are no
     * whole vectors, and every operator that such maps go through.
     */
    static Network pixels() {
        Network.Builder net = Network.builder(new Shape(2, 25, 21)).block("all");
        int stem = net.relu(net.batchNorm2d("norm", net.conv2d("stem", 0, 8, 3, 2, 1, false, true)));
        int x = net.relu6(net.batchNorm2d("norm1", net.conv2d("around", stem, new Conv2dGeometry(net.shape(stem), 8, 3, 3, 1, 1)
                .withGroups(8), false, true)));
        x = net.activation(net.batchNorm2d("norm2", net.conv2d("wider", x, 12, 1, 1, 0, false, true)), Activation.Function.HARD_SWISH);
        int gate = net.activation(net.conv2d("excite", net.globalAveragePool(x), 12, 1, 1, 0, true, true), Activation.Function.SIGMOID);
        int sum = net.add(net.batchNorm2d("norm3", net.conv2d("narrower", net.multiply(x, gate), 8, 1, 1, 0, false, true)), stem);
        int far = net.batchNorm2d("norm4", net.conv2d("far", sum, new Conv2dGeometry(net.shape(sum), 16, new PerAxis(5, 3),
                new PerAxis(3, 2), new Padding(2, 1, 1, 2), new PerAxis(1, 2), 8), true, true));
        int pooled = net.maxPool2d(far, new Pool2dGeometry(net.shape(far), PerAxis.both(3), PerAxis.both(1), Padding.all(1), false));
        int both = net.concat(net.relu(far), net.softmax(pooled));
        int last = net.relu6(net.conv2d("last", net.averagePool2d(both, new Pool2dGeometry(net.shape(both), 2, 2), true), 6, 2, 1, 1, true,
                true));
        net.linear("out", last, 3, true, true);
        return net.build();
    }

    /** Batch normalisations with an ε and momentum of their own, and on their running statistics; one of them right behind the images. */
    static Network normalized() {
        Network.Builder net = Network.builder(new Shape(2, 5, 6)).block("all");
        int x = net.add(new BatchNorm2d("images", 0, net.shape(0), 0.01, 0.3, BatchNorm2d.Statistics.RUNNING));
        x = net.relu(net.batchNorm2d("own", net.conv2d("stem", x, 4, 3, 1, 1, false, true), 1e-3, 0.03));
        int main = net.conv2d("main", x, 4, 3, 1, 1, false, true);
        main = net.add(new BatchNorm2d("frozen", main, net.shape(main), 1e-2, 0.1, BatchNorm2d.Statistics.RUNNING));
        x = net.relu(net.add(main, x));
        net.linear("out", net.globalAveragePool(x), 3, true, true);
        return net.build();
    }
}
