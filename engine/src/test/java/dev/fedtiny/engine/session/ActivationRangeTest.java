package dev.fedtiny.engine.session;

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
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.train.Adam;
import dev.fedtiny.engine.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Activations far beyond 65,504, stored in bfloat16: they keep the range of float32, and what trains there trains here. */
class ActivationRangeTest {
    private static final SessionOptions HALF = SessionOptions.DEFAULT.withActivations(ActivationStorage.BFLOAT16);

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

    /** Raw values of a sensor, whose sums pass what 16-bit floats of five exponent bits hold before they are normalised. */
    @Test
    void whatTrainsInFloat32TrainsInBfloat16() {
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
        double[] half = losses(network, sample, ActivationStorage.BFLOAT16);
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
