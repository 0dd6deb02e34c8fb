package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Activations and gradients stored in 16 bits: the same bits however they are computed, near the results of float32, in less memory. */
class ActivationStorageTest {
    private static final SessionOptions HALF = SessionOptions.DEFAULT.withActivations(ActivationStorage.BFLOAT16);

    static List<Network> networks() {
        return List.of(TestNetworks.residual(), TestNetworks.plain(), TestNetworks.grouped(),
                TestNetworks.known(Architecture.RESNET18, new Shape(3, 16, 16), 4, 10),
                TestNetworks.known(Architecture.VGG11_SMALL, new Shape(3, 32, 32), 2, 10));
    }

    private static List<Long> train(Sample sample, int batch, int threads, SessionOptions options) {
        List<Long> bits = new ArrayList<>();
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(sample.state(), Mode.TRAINING, batch, workers, options)) {
            Optimizer.Updater updater = new Sgd(0.9, 5e-4).bind(session);
            for (int step = 0; step < 2; step++) {
                bits.addAll(SessionBits.step(session, sample));
                updater.step(0.05);
            }
        }
        return bits;
    }

    @ParameterizedTest
    @MethodSource("networks")
    void sameBitsForAllThreadsAndForms(Network network) {
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 19, 5);
        List<Long> expected = train(sample, 24, 1, HALF.withAlgorithms(new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR)));
        int threads = 2;
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            assertEquals(expected, train(sample, 24, threads, HALF.withAlgorithms(new AlgorithmPolicy.Always(algorithm))), algorithm + ", "
                    + threads);
            threads++;
        }
        assertNotEquals(expected, train(sample, 24, 1, SessionOptions.DEFAULT));
    }

    /**
     * What float32 would have given stays the direction, though eighteen narrow layers feed on each other's rounding; what this form has to
     * give is held by {@link RoundedSessionTest}.
     */
    @ParameterizedTest
    @MethodSource("networks")
    void gradientsKeepTheDirectionOfFloat32(Network network) {
        Sample sample = Sample.of(network, Sparsity.DENSE, 16, 7);
        try (Workers workers = Workers.of(1);
                Session single = Session.open(sample.state(), Mode.TRAINING, 16, workers, SessionOptions.DEFAULT);
                Session half = Session.open(sample.state(), Mode.TRAINING, 16, workers, HALF)) {
            assertTrue(half.bytes() < single.bytes(), half.bytes() + " bytes, in float32 " + single.bytes());
            for (Session session : List.of(single, half)) {
                sample.feed(session);
                session.forward(16);
                session.backward();
            }
            assertEquals(single.lossSum(), half.lossSum(), 5e-3 * single.lossSum());
            double length = 0;
            double product = 0;
            double halfLength = 0;
            for (int p = 0; p < network.parameters().size(); p++) {
                float[] exact = single.gradient(p);
                for (int i = 0; exact != null && i < exact.length; i++) {
                    length += Math.pow(exact[i], 2);
                    product += (double) half.gradient(p)[i] * exact[i];
                    halfLength += Math.pow(half.gradient(p)[i], 2);
                }
            }
            assertTrue(product / Math.sqrt(length * halfLength) > 0.975, "cosine " + product / Math.sqrt(length * halfLength));
        }
    }

    /** Rounding does not keep a network from learning its samples. */
    @Test
    void trainingGoesTheSameWay() {
        Network network = TestNetworks.residual();
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 16, 9);
        double[] losses = new double[2];
        for (ActivationStorage storage : ActivationStorage.values()) {
            try (Session session = Session.open(sample.state(), Mode.TRAINING, 16, Workers.of(1),
                    SessionOptions.DEFAULT.withActivations(storage))) {
                Optimizer.Updater updater = new Sgd(0.9, 0).bind(session);
                sample.feed(session);
                for (int step = 0; step < 20; step++) {
                    session.forward(16);
                    losses[storage.ordinal()] = session.lossSum();
                    session.backward();
                    updater.step(0.02);
                }
            }
        }
        assertEquals(losses[0], losses[1], 0.02 * losses[0]);
    }
}
