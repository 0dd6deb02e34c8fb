package dev.fedtiny.engine.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Sample;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.session.SessionBits;
import dev.fedtiny.engine.session.Sparsity;
import dev.fedtiny.engine.session.TestNetworks;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Activations beyond what half precision has numbers for: they are scaled when they are stored, not lost. */
class HalfPrecisionRangeTest {
    private static final SessionOptions HALF = SessionOptions.DEFAULT.withActivations(ActivationStorage.FLOAT16);

    /** Stores one channel of eight lanes and reads it again. */
    private static float[] stored(float... values) {
        float[] channel = new float[8];
        System.arraycopy(values, 0, channel, 0, values.length);
        try (Workers workers = Workers.of(1)) {
            RunContext pass = new RunContext(Mode.TRAINING, 8, new Team(workers));
            HalfActivation half = new HalfActivation(new StoredActivation(Shape.features(1), Layout.IMAGES, 0, true), pass);
            half.reserve(pass.workspace);
            half.allocate();
            pass.workspace.allocate();
            half.save(channel, 0, 0, 0, 1);
            int at = half.widen(0, 0);
            return java.util.Arrays.copyOfRange(half.widened(), at, at + values.length);
        }
    }

    /** What a channel holds within the range is rounded as ever, bit by bit, up to the last value that is not rounded to infinity. */
    @Test
    void withinTheRangeNothingIsScaled() {
        float[] values = {65_504, -65_504, Math.nextDown(65_520f), 1.0009765f, -0f, 0f, 0x1p-24f, 0x1p-26f};
        float[] read = stored(values);
        for (int i = 0; i < values.length; i++) {
            assertEquals(Float.float16ToFloat(Float.floatToFloat16(values[i])), read[i], "value " + values[i]);
        }
        assertEquals(65_504, read[2]);
        assertEquals(0, HalfActivation.exponent(Float.floatToRawIntBits(Math.nextDown(65_520f))));
    }

    /** Beyond it, eleven bits stay of what is not much smaller than the channel's largest value, whichever sign. */
    @ParameterizedTest
    @ValueSource(floats = {65_520, 65_536, 131_040, 262_143, 1e6f, 4.2e9f, 1e30f, 3e38f, Float.MAX_VALUE})
    void beyondTheRangeElevenBitsStay(float largest) {
        float[] values = {largest, -largest, largest / 3, -largest / 100, 0, -0f};
        float[] read = stored(values);
        for (int i = 0; i < values.length; i++) {
            assertEquals(values[i], read[i], Math.abs(values[i]) * 0x1.01p-11, "value " + values[i]);
        }
        assertEquals(Float.floatToRawIntBits(-0f), Float.floatToRawIntBits(read[5]));
    }

    /** The smallest power that fits, so that no bits are given away. */
    @Test
    void thePowerIsTheSmallestThatFits() {
        assertEquals(1, HalfActivation.exponent(Float.floatToRawIntBits(65_520)));
        assertEquals(1, HalfActivation.exponent(Float.floatToRawIntBits(Math.nextDown(131_040f))));
        assertEquals(2, HalfActivation.exponent(Float.floatToRawIntBits(131_040)));
        assertEquals(112, HalfActivation.exponent(Float.floatToRawIntBits(Float.MAX_VALUE)));
    }

    @Test
    void whatIsNoNumberStaysSo() {
        float[] read = stored(Float.NaN, 1, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
        assertTrue(Float.isNaN(read[0]));
        assertEquals(1, read[1]);
        assertEquals(Float.POSITIVE_INFINITY, read[2]);
        assertEquals(Float.NEGATIVE_INFINITY, read[3]);
        assertTrue(Float.isNaN(stored(Float.NaN, 1e6f)[0]));
        assertEquals(Float.POSITIVE_INFINITY, stored(Float.POSITIVE_INFINITY, 1e6f)[0]);
    }

    private static Sample rawSensor(Network network, int count) {
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, count, 4);
        RandomStream random = RandomStream.of(4, "sensor");
        float[] images = sample.images();
        int size = network.input().size();
        for (int i = 0; i < images.length; i++) {
            // The level of an image says its class, under noise; unsigned values of 16 bits.
            images[i] = Math.clamp(Math.round(25_000 + 8_000 * sample.labels()[i / size] + 6_000 * random.nextGaussian()), 0, 65_535);
        }
        return sample;
    }

    private static double[] losses(Network network, Sample sample, ActivationStorage storage) {
        double[] losses = new double[40];
        try (Session session = Session.open(sample.state(), Mode.TRAINING, sample.count(), Workers.of(1),
                SessionOptions.DEFAULT.withActivations(storage))) {
            Trainer<int[]> trainer = Trainer.of(session).optimizer(Adam.amsgrad(0)).build();
            for (int step = 0; step < losses.length; step++) {
                losses[step] = trainer.step(sample.images(), sample.labels(), 0.01);
            }
        }
        return losses;
    }

    /** Raw values of a sensor, whose sums pass 65,504 before they are normalised. */
    @Test
    void whatTrainsInSinglePrecisionTrainsInHalf() {
        Network network = TestNetworks.residual();
        Sample sample = rawSensor(network, 24);
        try (Session single = Session.open(sample.state(), Mode.STATISTICS, 24)) {
            sample.feed(single);
            single.forward(24);
            // Running statistics have taken a tenth of the batch's in.
            double largest = 0;
            ModelState before = sample.state();
            int mean = network.indexOf("norm.running_mean");
            for (int c = 0; c < 6; c++) {
                double batchMean = 10 * (single.values(mean)[c] - 0.9 * before.values(mean)[c]);
                double variance = 10 * (single.values(mean + 1)[c] - 0.9 * before.values(mean + 1)[c]);
                largest = Math.max(largest, Math.abs(batchMean) + 2 * Math.sqrt(variance));
            }
            assertTrue(largest > 65_504, "the maps do not pass the range: " + largest);
        }
        double[] single = losses(network, sample, ActivationStorage.FLOAT32);
        double[] half = losses(network, sample, ActivationStorage.FLOAT16);
        assertNotEquals(single[1], half[1]);
        assertTrue(single[39] < 0.5 * single[0], single[0] + " to " + single[39]);
        assertEquals(single[39], half[39], 0.1 * single[0]);
        assertEquals(single[0], half[0], 0.02 * single[0]);
    }

    @Test
    void sameBitsForAllThreadsAndForms() {
        Network network = TestNetworks.residual();
        Sample sample = rawSensor(network, 19);
        List<List<Long>> all = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
                try (Workers workers = Workers.of(threads); Session session = Session.open(sample.state(), Mode.TRAINING, 24, workers,
                        HALF.withAlgorithms(new AlgorithmPolicy.Always(algorithm)))) {
                    all.add(SessionBits.step(session, sample));
                }
            }
        }
        all.forEach(bits -> assertEquals(all.getFirst(), bits));
    }
}
