package dev.fedtiny.engine.session;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Networks that nobody has thought of: layers of every kind in any order, on whatever is there already, and in the end one output of all
 * that nothing reads.
 */
final class RandomNetworks {
    private static final int CLASSES = 4;
    private static final int MOST_VALUES = 400;

    private final RandomStream random;
    private final Network.Builder net;
    private final boolean rows;
    /** Layers that nothing reads yet. */
    private final TreeSet<Integer> unread = new TreeSet<>(List.of(0));
    private int last;
    private int names;

    private RandomNetworks(long seed) {
        random = RandomStream.of(seed, "network");
        rows = random.nextInt(6) == 0;
        net = Network.builder(new Shape(between(1, 5), rows ? 1 : between(1, 9), between(2, 10))).block("all");
    }

    /** Layers of every kind. */
    static Network any(long seed) {
        RandomNetworks made = new RandomNetworks(seed);
        int layers = made.between(2, 10);
        for (int i = 0; i < layers; i++) {
            made.anyLayer();
        }
        return made.finished();
    }

    /** Pointwise and depthwise convolutions, and what goes with them in networks whose single images are computed with pixels in lanes. */
    static Network depthwise(long seed) {
        RandomNetworks made = new RandomNetworks(seed);
        made.convolution(0, made.net.shape(0).channels() + 1);
        made.convolution(made.last, made.net.shape(made.last).channels());
        int layers = made.between(2, 9);
        for (int i = 0; i < layers; i++) {
            made.depthwiseLayer();
        }
        return made.finished();
    }

    private int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private boolean oneIn(int of) {
        return random.nextInt(of) == 0;
    }

    private String name() {
        return "layer" + names++;
    }

    private int added(int layer, int... sources) {
        IntStream.of(sources).forEach(unread::remove);
        unread.add(layer);
        last = layer;
        return layer;
    }

    /** The last layer, or now and then any other. */
    private int source() {
        return oneIn(3) ? random.nextInt(last + 1) : last;
    }

    /** Layers whose output a test of shapes takes. */
    private List<Integer> layersLike(java.util.function.Predicate<Shape> shapes) {
        return IntStream.rangeClosed(0, last).filter(layer -> shapes.test(net.shape(layer))).boxed().toList();
    }

    private int oneOf(List<Integer> layers) {
        return layers.get(random.nextInt(layers.size()));
    }

    private void anyLayer() {
        int x = source();
        switch (random.nextInt(18)) {
            case 0, 1, 2, 3 -> convolution(x, oneIn(3) ? net.shape(x).channels() : net.shape(x).channels() % 2 == 0 && oneIn(3) ? 2 : 1);
            case 4 -> added(net.batchNorm2d(name(), x), x);
            case 5 -> added(net.add(new Clamp(x, net.shape(x), oneIn(2) ? -1 : Float.NEGATIVE_INFINITY, 0.7f)), x);
            case 6, 7 -> sum(x);
            case 8 -> function(x);
            case 9 -> product(x);
            case 10 -> concatenation(x);
            case 11 -> added(net.softmax(x), x);
            case 12 -> added(net.layerNorm(name(), x, 1e-3), x);
            case 13 -> added(net.groupNorm(name(), x, net.shape(x).channels() % 2 == 0 ? 2 : 1, 1e-3), x);
            case 14 -> pool(x);
            case 15 -> enlargement(x);
            case 16 -> added(oneIn(2) ? net.flatten(x) : net.globalAveragePool(x), x);
            default -> linear(x);
        }
    }

    private void depthwiseLayer() {
        int x = source();
        switch (random.nextInt(7)) {
            case 0, 1 -> convolution(x, net.shape(x).channels());
            case 2, 3 -> added(net.conv2d(name(), x, between(1, 12), 1, 1, 0, oneIn(2), true), x);
            case 4 -> sum(x);
            case 5 -> function(x);
            default -> {
                int gate = net.activation(net.linear(name(), net.globalAveragePool(x), net.shape(x).channels(), true, true),
                        Activation.Function.HARD_SIGMOID);
                added(net.multiply(x, gate), x);
            }
        }
    }

    /** Of any window, with or without normalisation and ReLU behind it. */
    private void convolution(int x, int groups) {
        Shape in = net.shape(x);
        int parts = in.channels() % groups == 0 ? groups : 1;
        boolean same = oneIn(2);
        PerAxis kernel = same ? new PerAxis(rows ? 1 : 3, 3) : new PerAxis(between(1, Math.min(4, in.height())), between(1,
                Math.min(5, in.width())));
        Padding padding = same ? Padding.of(kernel.height() / 2, 1) : new Padding(between(0, 1), between(0, 2), between(0, 2),
                between(0, 1));
        PerAxis stride = oneIn(3) ? new PerAxis(between(1, 3), between(1, 3)) : PerAxis.ONE;
        PerAxis dilation = oneIn(5) && !same ? new PerAxis(kernel.height() == 1 ? 2 : 1, kernel.width() == 1 ? 3 : 1) : PerAxis.ONE;
        int outputs = parts * between(1, parts == 1 ? 12 : 3);
        int y = net.conv2d(name(), x, new Conv2dGeometry(in, outputs, kernel, stride, padding, dilation, parts), oneIn(2), !oneIn(5));
        y = oneIn(2) ? net.batchNorm2d(name(), y) : y;
        added(oneIn(2) ? y : oneIn(2) ? net.relu(y) : net.relu6(y), x);
    }

    private void sum(int x) {
        int other = oneOf(layersLike(net.shape(x)::equals));
        int y = added(net.add(x, other), x, other);
        if (oneIn(3)) {
            added(net.relu(y), y);
        }
    }

    private void function(int x) {
        Activation.Function[] all = Activation.Function.values();
        added(net.activation(x, all[random.nextInt(all.length)]), x);
    }

    private void product(int x) {
        Shape whole = net.shape(x);
        int factor = oneOf(layersLike(shape -> (shape.channels() == 1 || shape.channels() == whole.channels())
                && (shape.height() == 1 || shape.height() == whole.height()) && (shape.width() == 1 || shape.width() == whole.width())));
        added(net.multiply(x, factor), x, factor);
    }

    private void concatenation(int x) {
        int other = oneOf(layersLike(shape -> shape.height() == net.shape(x).height() && shape.width() == net.shape(x).width()));
        added(net.concat(x, other, x), x, other);
    }

    private void pool(int x) {
        Shape in = net.shape(x);
        PerAxis kernel = new PerAxis(between(1, Math.min(3, in.height())), between(1, Math.min(3, in.width())));
        Padding padding = oneIn(2) ? Padding.NONE : new Padding(random.nextInt(kernel.height()), random.nextInt(kernel.width()),
                random.nextInt(kernel.height()), random.nextInt(kernel.width()));
        Pool2dGeometry geometry = new Pool2dGeometry(in, kernel, new PerAxis(between(1, 2), between(1, 3)), padding, oneIn(2));
        added(oneIn(2) ? net.maxPool2d(x, geometry) : net.averagePool2d(x, geometry, oneIn(2)), x);
    }

    private void enlargement(int x) {
        Shape in = net.shape(x);
        if (in.pixels() == 1) {
            added(net.repeat(x, rows ? 1 : between(1, 3), between(2, 3)), x);
        } else if (in.size() <= MOST_VALUES) {
            added(net.upsample(x, new PerAxis(rows ? 1 : 2, between(1, 2))), x);
        }
    }

    private void linear(int x) {
        added(net.linear(name(), x, between(1, 10), oneIn(2), !oneIn(3)), x);
    }

    /** A linear layer over the means of all maps that nothing reads. */
    private Network finished() {
        int[] means = unread.stream().mapToInt(net::globalAveragePool).toArray();
        net.linear("out", means.length == 1 ? means[0] : net.concat(means), CLASSES, true, true);
        return net.build();
    }
}
