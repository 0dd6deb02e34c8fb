package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Few images, cut into tiles that lie in the lanes, give bit by bit what eight images in the lanes give. */
class TiledInferenceTest {
    private static final int MOST_TILED = 4;

    /**
     * Every batch that is tiled, every count in it, against a session whose lanes are images: images cut into tiles at once, and, from when
     * the live array is handed out, on the way through that, full of what is no number before.
     */
    private static void check(Network network, Sparsity sparsity, ConvolutionAlgorithm algorithm, int threads) {
        AlgorithmPolicy algorithms = new AlgorithmPolicy.Always(algorithm);
        Sample sample = Sample.of(network, sparsity, MOST_TILED, 31);
        int size = network.input().size();
        float[] expected;
        try (Session images = Session.open(sample.state(), Mode.INFERENCE, Layout.LANES, Workers.of(1), algorithms)) {
            sample.feed(images);
            images.forward(MOST_TILED);
            expected = images.outputs();
        }
        int outputs = expected.length / MOST_TILED;
        try (Workers workers = Workers.of(threads)) {
            for (int batch = 1; batch <= MOST_TILED; batch++) {
                try (Session tiles = Session.open(sample.state(), Mode.INFERENCE, batch, workers, algorithms)) {
                    for (int count = batch; count >= 1; count--) {
                        for (int first = 0; first + count <= MOST_TILED; first += count) {
                            if (first >= 2) {
                                Arrays.fill(tiles.input(), Float.NaN);
                            }
                            tiles.setImages(Arrays.copyOfRange(sample.images(), first * size, (first + count) * size), count);
                            tiles.forward(count);
                            assertArrayEquals(Arrays.copyOfRange(expected, first * outputs, (first + count) * outputs), tiles.outputs(),
                                    algorithm + ", batch " + batch + ", images " + first + " to " + (first + count - 1));
                            for (int i = 0; i < outputs; i++) {
                                assertEquals(expected[first * outputs + i], tiles.logit(0, i));
                            }
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void residualNetworkOfOddExtents(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, algorithm, 2);
    }

    /** Kernels of 5, 2 and 3, stride 3, no padding, overlapping pools, a rectangular image. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void plainNetwork(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.plain(), Sparsity.EMPTY_ROWS, algorithm, 3);
    }

    /** Depthwise and other groups, stride and dilation per axis, padding per side. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void groupedNetwork(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.grouped(), Sparsity.THIRTY_PERCENT, algorithm, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void networkOfOneDimension(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.signals(), Sparsity.THIRTY_PERCENT, algorithm, 2);
    }

    /** Maps of one column, a repetition. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void narrowNetwork(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.narrow(), Sparsity.DENSE, algorithm, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR"})
    void resNet18(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 8, 10), Sparsity.THIRTY_PERCENT, algorithm, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 31, 36})
    void resNet18OfOddSizes(int extent) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(1, extent, extent - 3), 4, 3), Sparsity.FIVE_PERCENT,
                ConvolutionAlgorithm.CSR, 1);
    }

    /** Its last maps have 2 × 2 pixels and one: fewer than there are lanes. */
    @ParameterizedTest
    @EnumSource(names = {"VGG11_SINGLE", "VGG11_SMALL"})
    void vgg11(Architecture architecture) {
        check(TestNetworks.known(architecture, new Shape(3, 32, 32), 2, 10), Sparsity.THIRTY_PERCENT, ConvolutionAlgorithm.CSR, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"CNN_8_16_32", "CNN_8_8_8"})
    void smallCnn(Architecture architecture) {
        check(TestNetworks.known(architecture, new Shape(1, 20, 23), 1, 10), Sparsity.FIVE_PERCENT, ConvolutionAlgorithm.DENSE, 1);
    }

    /** Neighbouring pixels in the lanes, through every operator that takes them. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void pixelsInTheLanes(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.pixels(), Sparsity.THIRTY_PERCENT, algorithm, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"MOBILENET_V1", "MOBILENET_V2", "DS_CNN"})
    void depthwiseNetworks(Architecture architecture) {
        int width = architecture == Architecture.MOBILENET_V2 ? 4 : 8;
        check(TestNetworks.known(architecture, new Shape(3, 40, 37), width, 10), Sparsity.THIRTY_PERCENT, ConvolutionAlgorithm.CSR, 2);
        check(TestNetworks.known(architecture, new Shape(1, 64, 64), width, 10), Sparsity.DENSE, ConvolutionAlgorithm.DENSE, 1);
    }

    /** Windows are computed sixteen at a time, also where a single one is stored, that of a whole map of one column. */
    @Test
    void oneWindowOfAColumn() {
        Network.Builder net = Network.builder(new Shape(4, 6, 1)).block("all");
        int x = net.conv2d("pointwise", 0, 20, 1, 1, 0, true, true);
        Conv2dGeometry column = new Conv2dGeometry(net.shape(x), 40, 6, 1, 1, 0).withGroups(20);
        x = net.relu6(net.batchNorm2d("norm", net.conv2d("column", x, column, true, true)));
        net.linear("out", x, 3, true, true);
        check(net.build(), Sparsity.DENSE, ConvolutionAlgorithm.CSR, 2);
    }

    /** A mean over one pixel and the padding around it, in a network whose single images have their pixels in the lanes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void paddedMeansOfOnePixel(boolean countsPadding) {
        Network.Builder net = Network.builder(new Shape(4, 3, 3)).block("all");
        int x = net.conv2d("depthwise", 0, new Conv2dGeometry(net.shape(0), 4, 3, 3, 1, 0).withGroups(4), true, true);
        Pool2dGeometry around = new Pool2dGeometry(net.shape(x), PerAxis.both(3), new PerAxis(1, 3), new Padding(0, 2, 2, 0), false);
        net.linear("out", net.add(x, net.averagePool2d(x, around, countsPadding)), 3, true, true);
        check(net.build(), Sparsity.DENSE, ConvolutionAlgorithm.CSR, 1);
    }

    /** Features are maps as they are, also where what is built on them would be stored in their place. */
    @Test
    void featuresOfPixels() {
        Network network = TestNetworks.pixels();
        Sample sample = Sample.of(network, Sparsity.DENSE, 1, 31);
        Integer[] layers = IntStream.range(0, network.layers().size()).boxed().toArray(Integer[]::new);
        SessionOptions options = SessionOptions.DEFAULT.withFeatures(layers);
        try (Workers workers = Workers.of(1);
                Session pixels = Session.open(sample.state(), Mode.INFERENCE, 1, workers, options);
                Session images = Session.open(sample.state(), Mode.INFERENCE, Layout.LANES, workers, options)) {
            for (Session session : new Session[] {pixels, images}) {
                session.setImages(sample.images(), 1);
                session.forward(1);
            }
            for (int layer : layers) {
                assertArrayEquals(images.features(layer), pixels.features(layer), network.layers().get(layer).name() + ", " + layer);
            }
        }
    }

    /** A network that is one convolution, so that its outputs are a map in tiles; and the images themselves are a summand. */
    @Test
    void outputsAndImagesInTiles() {
        Network.Builder net = Network.builder(new Shape(3, 11, 6)).block("all");
        net.add(net.conv2d("only", 0, 3, 3, 1, 1, true, true), 0);
        check(net.build(), Sparsity.DENSE, ConvolutionAlgorithm.CSR, 2);
    }

    /** What operators of whole maps give, added to itself, to each other behind a clamp, and twice to others. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void sumsOfWholeMaps(ConvolutionAlgorithm algorithm) {
        Network.Builder net = Network.builder(new Shape(3, 6, 5)).block("all");
        int stem = net.conv2d("stem", 0, 4, 3, 1, 1, true, true);
        int norm = net.groupNorm("norm", stem, 2, 1e-3);
        int twice = net.add(norm, norm);
        int left = net.relu(net.groupNorm("left", twice, 2, 1e-3));
        int right = net.relu(net.groupNorm("right", twice, 1, 1e-3));
        int both = net.add(left, right);
        int again = net.add(net.groupNorm("again", both, 4, 1e-3), left);
        int third = net.add(net.groupNorm("third", stem, 4, 1e-3), left);
        net.linear("out", net.globalAveragePool(net.conv2d("last", net.add(net.add(again, third), both), 5, 3, 2, 1, false, true)), 3,
                true, true);
        check(net.build(), Sparsity.THIRTY_PERCENT, algorithm, 2);
    }

    /** All lanes are filled where the map has enough pixels; no tile is made that would hold none. */
    @Test
    void gridsFollowTheMap() {
        assertEquals(new Layout(4, 2), Layout.tiled(1, 32, 32));
        assertEquals(new Layout(4, 2), Layout.tiled(1, 4, 4));
        assertEquals(new Layout(2, 2), Layout.tiled(1, 2, 2));
        assertEquals(new Layout(8, 1), Layout.tiled(1, 8, 1));
        assertEquals(new Layout(8, 1), Layout.tiled(1, 7, 7));
        assertEquals(Layout.IMAGES, Layout.tiled(1, 1, 1));
        assertEquals(new Layout(2, 2), Layout.tiled(2, 16, 16));
        assertEquals(new Layout(2, 1), Layout.tiled(4, 16, 16));
        assertEquals(Layout.IMAGES, Layout.tiled(5, 16, 16));
    }

    /** The running statistics of a state loaded later are the ones that count. */
    @Test
    void loadingTakesOverStatistics() {
        Network network = TestNetworks.residual();
        Sample one = Sample.of(network, Sparsity.DENSE, 1, 3);
        Sample other = Sample.of(network, Sparsity.DENSE, 1, 4);
        try (Session session = Session.open(one.state(), Mode.INFERENCE, 1);
                Session fresh = Session.open(other.state(), Mode.INFERENCE, 1)) {
            one.feed(session);
            session.forward(1);
            float before = session.logit(0, 0);
            session.load(other.state());
            session.forward(1);
            one.feed(fresh);
            fresh.forward(1);
            assertNotEquals(before, session.logit(0, 0));
            assertArrayEquals(fresh.outputs(), session.outputs());
        }
    }
}
