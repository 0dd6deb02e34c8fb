package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.measure.Meter;
import dev.fedtiny.engine.measure.MeterReading;
import dev.fedtiny.engine.measure.OperatorCost;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The meter's multiply-adds are those of the formula and of a count that walks masks, pixels and images one by one. */
class MeteredWorkTest {
    private static final int BATCH = 24;

    static Stream<Arguments> cases() {
        return ConvolutionAlgorithm.STORED.stream().flatMap(algorithm -> Stream.of(1, 3).flatMap(threads -> Stream.of(24, 11)
                .flatMap(images -> Stream.of(Sparsity.THIRTY_PERCENT, Sparsity.EMPTY_LAYER).map(sparsity ->
                        Arguments.of(algorithm, threads, images, sparsity)))));
    }

    private static MeterReading step(Sample sample, ConvolutionAlgorithm algorithm, int threads, int[] growing) {
        TopK[] buffers = Stream.generate(() -> new TopK(3)).limit(growing.length).toArray(TopK[]::new);
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(sample.state(), Mode.TRAINING, BATCH, workers, new AlgorithmPolicy.Always(algorithm))) {
            Meter meter = new Meter(workers);
            session.measure(meter);
            sample.feed(session);
            session.forward(sample.count());
            session.backward(growing, buffers);
            return meter.read();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void usefulWorkIsTheFormulas(ConvolutionAlgorithm algorithm, int threads, int images, Sparsity sparsity) {
        for (Network network : List.of(TestNetworks.plain(), TestNetworks.residual(), TestNetworks.narrow(), TestNetworks.grouped(),
                TestNetworks.signals())) {
            Sample sample = Sample.of(network, sparsity, images, 7);
            MeterReading reading = step(sample, algorithm, threads, new int[0]);
            long forward = images * ExactCost.forwardMacs(sample.state());
            long data = images * ExactCost.backwardDataMacs(sample.state());
            assertEquals(forward, reading.total(PassKind.FORWARD, OperatorCost::usefulMacs));
            assertEquals(data, reading.total(PassKind.BACKWARD_DATA, OperatorCost::usefulMacs));
            assertEquals(forward, reading.total(PassKind.BACKWARD_WEIGHT, OperatorCost::usefulMacs));
            assertEquals(ExactCost.trainingFlops(sample.state(), images), 2 * reading.total(OperatorCost::usefulMacs));
        }
    }

    /** In few images lanes hold tiles of them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 9})
    void inferenceIsTheFormulas(int images) {
        for (Network network : List.of(TestNetworks.plain(), TestNetworks.residual(), TestNetworks.tiny(), TestNetworks.grouped())) {
            Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, images, 6);
            try (Workers workers = Workers.of(2);
                    Session session = Session.open(sample.state(), Mode.INFERENCE, images, workers, AlgorithmPolicy.AUTOMATIC)) {
                Meter meter = new Meter(workers);
                session.measure(meter);
                session.setImages(sample.images(), images);
                session.forward(images);
                MeterReading reading = meter.read();
                assertEquals(images * ExactCost.forwardMacs(sample.state()), reading.total(OperatorCost::usefulMacs));
                assertTrue(reading.total(OperatorCost::executedMacs) >= reading.total(OperatorCost::usefulMacs));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void growthIsTheFormulas(ConvolutionAlgorithm algorithm, int threads, int images, Sparsity sparsity) {
        Network network = TestNetworks.residual();
        Sample sample = Sample.of(network, sparsity, images, 8);
        List<Integer> growing = List.of(network.indexOf("main.weight"), network.indexOf("out.weight"));
        MeterReading reading = step(sample, algorithm, threads, growing.stream().mapToInt(p -> p).toArray());
        assertEquals(ExactCost.trainingFlops(sample.state(), images) + ExactCost.growthFlops(sample.state(), growing, images),
                2 * reading.total(OperatorCost::usefulMacs));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothCountsAreThoseOfAWalkOverTheMask(ConvolutionAlgorithm algorithm, int threads, int images, Sparsity sparsity) {
        for (Network network : List.of(TestNetworks.plain(), TestNetworks.residual())) {
            Sample sample = Sample.of(network, sparsity, images, 9);
            MeterReading reading = step(sample, algorithm, threads, new int[0]);
            for (Layer layer : network.layers()) {
                if (layer instanceof Conv2d conv) {
                    Mask mask = sample.state().mask(network.indexOf(conv.name() + ".weight"));
                    checkConvolution(conv, mask, algorithm, images, network.layers().get(conv.source()) instanceof Input, reading);
                }
            }
        }
    }

    /** Windows over a single image as it lies have weights at all positions, whatever form the policy names. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void windowsOverASingleImageWalkAllWeights(ConvolutionAlgorithm algorithm) {
        Network network = TestNetworks.pixels();
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 1, 10);
        Mask mask = sample.state().mask(network.indexOf("around.weight"));
        OperatorCost dense = ofWindows(sample, ConvolutionAlgorithm.DENSE, PassKind.FORWARD);
        assertEquals(dense.trafficBytes(), ofWindows(sample, algorithm, PassKind.FORWARD).trafficBytes());
        assertEquals(2 * 4 * mask.count(), ofWindows(sample, algorithm, PassKind.REFRESH).trafficBytes());
    }

    private static OperatorCost ofWindows(Sample sample, ConvolutionAlgorithm algorithm, PassKind pass) {
        try (Workers workers = Workers.of(1);
                Session session = Session.open(sample.state(), Mode.INFERENCE, 1, workers, new AlgorithmPolicy.Always(algorithm))) {
            Meter meter = new Meter(workers);
            session.measure(meter);
            session.load(sample.state());
            session.setImages(sample.images(), 1);
            session.forward(1);
            return of(meter.read(), "around", pass);
        }
    }

    private static void checkConvolution(Conv2d conv, Mask mask, ConvolutionAlgorithm algorithm, int images, boolean first,
            MeterReading reading) {
        Conv2dGeometry g = conv.geometry();
        long useful = 0;
        long executed = 0;
        long back = 0;
        for (int index = 0; index < mask.size(); index++) {
            boolean kept = mask.contains(index);
            if (!kept && (algorithm != ConvolutionAlgorithm.DENSE || g.isDepthwise())) {
                continue;
            }
            for (int lane = 0; lane < Math.ceilDiv(images, 8) * 8; lane++) {
                executed += g.outputHeight() * g.outputWidth();
                useful += kept && lane < images ? g.outputHeight() * g.outputWidth() : 0;
                back += inputPixels(g, index);
            }
        }
        OperatorCost forward = of(reading, conv.name(), PassKind.FORWARD);
        assertEquals(List.of(useful, executed), List.of(forward.usefulMacs(), forward.executedMacs()), conv.name());
        OperatorCost weights = of(reading, conv.name(), PassKind.BACKWARD_WEIGHT);
        assertEquals(List.of(useful, executed), List.of(weights.usefulMacs(), weights.executedMacs()), conv.name());
        assertEquals((long) mask.size() * g.outputHeight() * g.outputWidth() * images, forward.denseMacs(), conv.name());
        if (!first) {
            OperatorCost data = of(reading, conv.name(), PassKind.BACKWARD_DATA);
            assertEquals(List.of(useful, back), List.of(data.usefulMacs(), data.executedMacs()), conv.name());
        }
    }

    /** Input pixels that a tap can reach from an output of the unbounded plane. */
    private static long inputPixels(Conv2dGeometry g, int index) {
        int tap = index % g.taps();
        int r = tap / g.kernelWidth();
        int s = tap % g.kernelWidth();
        long pixels = 0;
        for (int h = 0; h < g.input().height(); h++) {
            for (int w = 0; w < g.input().width(); w++) {
                pixels += Math.floorMod(h - g.vertical().pixel(0, r), g.stride().height()) == 0
                        && Math.floorMod(w - g.horizontal().pixel(0, s), g.stride().width()) == 0 ? 1 : 0;
            }
        }
        return pixels;
    }

    private static OperatorCost of(MeterReading reading, String operator, PassKind pass) {
        return reading.operators().stream().filter(o -> o.operator().equals(operator) && o.pass() == pass).findFirst().orElseThrow();
    }
}
