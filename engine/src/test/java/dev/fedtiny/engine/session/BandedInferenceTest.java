package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.plan.BandPolicy;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ImageSharing;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An image in bands gives bit by bit what it gives without, whichever threads compute the bands. */
class BandedInferenceTest {
    private static final int IMAGES = 3;

    private static void check(Network network, Sparsity sparsity, ConvolutionAlgorithm algorithm, int threads, String message) {
        SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(new AlgorithmPolicy.Always(algorithm));
        SessionOptions bands = options.withSharing(ImageSharing.BANDS);
        Sample sample = Sample.of(network, sparsity, IMAGES, 17);
        int size = network.input().size();
        try (Workers workers = Workers.of(threads);
                Session whole = Session.open(sample.state(), Mode.INFERENCE, 1, Workers.of(1), options);
                Session banded = Session.open(sample.state(), Mode.INFERENCE, 1, workers, bands);
                Session sharing = banded.openSharing(Workers.of(1))) {
            assertEquals(MemoryEstimate.of(sample.state(), Mode.INFERENCE, 1, threads, bands).total(), banded.bytes(), message);
            for (int image = 0; image < IMAGES; image++) {
                if (image == IMAGES - 1) {
                    Arrays.fill(banded.input(), Float.NaN);
                }
                float[] values = Arrays.copyOfRange(sample.images(), image * size, (image + 1) * size);
                float[] expected = outputs(whole, values);
                assertArrayEquals(expected, outputs(banded, values), message + ", " + threads + " threads");
                assertArrayEquals(expected, outputs(sharing, values), message + ", shared weights");
            }
        }
    }

    private static float[] outputs(Session session, float[] image) {
        session.setImages(image, 1);
        session.forward(1);
        return session.outputs();
    }

    /** Two threads on most, since only they meet; the last is a depthwise convolution in bands. */
    @Test
    void randomNetworks() {
        for (long seed : LongStream.concat(LongStream.range(0, 30), LongStream.of(153)).toArray()) {
            ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.STORED.get((int) (seed % 3));
            int threads = seed % 5 < 3 ? 2 : seed % 5 == 3 ? 1 : 3;
            check(RandomNetworks.any(seed), Sparsity.values()[(int) (seed % Sparsity.values().length)], algorithm, threads, "seed " + seed);
        }
    }

    @Test
    @Tag("long")
    void manyMoreRandomNetworks() {
        for (long seed = 30; seed < 600; seed++) {
            check(RandomNetworks.any(seed), Sparsity.THIRTY_PERCENT, ConvolutionAlgorithm.STORED.get((int) (seed % 3)), 2, "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void resNet18(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 8, 10), Sparsity.THIRTY_PERCENT, algorithm, 2, "");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 31, 36})
    void resNet18OfOddSizes(int extent) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(1, extent - 3, extent), 4, 3), Sparsity.FIVE_PERCENT,
                ConvolutionAlgorithm.CSR, 2, "");
    }

    /** Overlapping pools see the other band's edge, and so do windows of five columns. */
    @Test
    void poolsAndWideWindows() {
        Network.Builder net = Network.builder(new Shape(2, 16, 18)).block("all");
        int wide = net.relu(net.conv2d("wide", 0, 5, 7, 1, 3, true, true));
        int pooled = net.maxPool2d(wide,
                new Pool2dGeometry(net.shape(wide), new PerAxis(3, 3), new PerAxis(2, 2), Padding.of(1, 1), false));
        int five = net.conv2d("five", pooled, 6, 5, 1, 2, true, true);
        net.linear("out", net.globalAveragePool(net.averagePool2d(five, new Pool2dGeometry(net.shape(five), new PerAxis(3, 3), PerAxis.ONE,
                Padding.of(1, 1), false), true)), 4, true, true);
        check(net.build(), Sparsity.THIRTY_PERCENT, ConvolutionAlgorithm.CSR, 2, "");
    }

    /** A meter counts the work of both bands: multiply-adds as without, and some more traffic, for halos and inputs laid out twice. */
    @Test
    void bothBandsAreCounted() {
        Network network = TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 8, 10);
        MeterReading whole = measured(network, ImageSharing.CHANNELS);
        MeterReading bands = measured(network, ImageSharing.BANDS);
        assertEquals(sum(whole, OperatorCost::usefulMacs), sum(bands, OperatorCost::usefulMacs));
        assertEquals(sum(whole, OperatorCost::executedMacs), sum(bands, OperatorCost::executedMacs));
        double traffic = sum(bands, OperatorCost::trafficBytes) / (double) sum(whole, OperatorCost::trafficBytes);
        assertTrue(traffic >= 1 && traffic < 1.5, "bytes in bands over bytes without: " + traffic);
    }

    /** Tiles of 4 × 4 pixels: of each band the other one sees a column, or two, of them in eight lanes, written once and read once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void edgesBetweenBandsAreCounted(int padding) {
        Network.Builder net = Network.builder(new Shape(6, 16, 16)).block("all");
        int images = net.relu(net.conv2d("all", 0, 6, 1, 1, 0, true, true));
        int stored = net.relu(net.conv2d("it", images, 6, 2 * padding + 1, 1, padding, true, true));
        net.linear("out", net.globalAveragePool(stored), 4, true, true);
        int scratch = (4 + 2 * padding) * (4 + 2 * padding);
        int edges = 2 * 4 * padding;
        long bytes = measured(net.build(), ImageSharing.BANDS).operators().stream()
                .filter(cost -> cost.operator().equals("it") && cost.pass() == PassKind.VALUE).mapToLong(OperatorCost::trafficBytes).sum();
        assertEquals(6 * 2 * 8 * 4 * (4 * 4 + scratch + edges), bytes);
    }

    private static MeterReading measured(Network network, ImageSharing sharing) {
        SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR))
                .withSharing(sharing);
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 1, 17);
        try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.INFERENCE, 1, workers, options)) {
            Meter meter = new Meter(workers);
            session.measure(meter);
            sample.feed(session);
            session.forward(1);
            return meter.read();
        }
    }

    private static long sum(MeterReading reading, ToLongFunction<OperatorCost> figure) {
        return reading.operators().stream().mapToLong(figure).sum();
    }

    /** What is asked for, and what is chosen where nothing is. */
    @Test
    void bandsWhereTheyGain() {
        Shape image = new Shape(3, 32, 32);
        Network wide = TestNetworks.known(Architecture.RESNET18, image, 64, 10);
        assertTrue(chosen(wide, 0.05, 1, 2, ImageSharing.AUTOMATIC));
        assertTrue(chosen(wide, 0.01, 1, 2, ImageSharing.AUTOMATIC));
        assertFalse(chosen(wide, 1, 1, 2, ImageSharing.AUTOMATIC));
        assertFalse(chosen(wide, 0.05, 1, 1, ImageSharing.AUTOMATIC));
        assertFalse(chosen(wide, 0.05, 1, 2, ImageSharing.CHANNELS));
        assertFalse(chosen(wide, 0.05, 2, 2, ImageSharing.BANDS));
        Network narrow = TestNetworks.known(Architecture.RESNET18, image, 16, 10);
        assertFalse(chosen(narrow, 0.05, 1, 2, ImageSharing.AUTOMATIC));
        assertTrue(chosen(narrow, 0.05, 1, 1, ImageSharing.BANDS));
        assertFalse(chosen(TestNetworks.known(Architecture.MOBILENET_V2, image, 32, 10), 0.1, 1, 2, ImageSharing.BANDS));
    }

    private static boolean chosen(Network network, double density, int batch, int threads, ImageSharing sharing) {
        int[] active = network.parameters().stream().mapToInt(parameter -> (int) (density * parameter.size())).toArray();
        return BandPolicy.bands(network, active, Mode.INFERENCE, batch, threads, sharing);
    }
}
