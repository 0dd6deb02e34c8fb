package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ImageSharing;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An image in bands gives bit by bit what it gives without, whichever threads compute the bands. */
class BandedInferenceTest {
    private static final int IMAGES = 3;

    private static void check(Network network, Sparsity sparsity, ConvolutionAlgorithm algorithm, String message) {
        SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(new AlgorithmPolicy.Always(algorithm));
        Sample sample = Sample.of(network, sparsity, IMAGES, 17);
        for (int threads = 1; threads <= 3; threads++) {
            try (Workers workers = Workers.of(threads);
                    Session whole = Session.open(sample.state(), Mode.INFERENCE, 1, Workers.of(1), options);
                    Session banded = Session.open(sample.state(), Mode.INFERENCE, 1, workers, options.withSharing(ImageSharing.BANDS))) {
                MemoryEstimate estimate = MemoryEstimate.of(sample.state(), Mode.INFERENCE, 1, threads,
                        options.withSharing(ImageSharing.BANDS));
                assertEquals(estimate.total(), banded.bytes(), message);
                for (int image = 0; image < IMAGES; image++) {
                    float[] values = Arrays.copyOfRange(sample.images(), image * network.input().size(),
                            (image + 1) * network.input().size());
                    assertArrayEquals(outputs(whole, values), outputs(banded, values), message + ", " + threads + " threads");
                }
            }
        }
    }

    private static float[] outputs(Session session, float[] image) {
        session.setImages(image, 1);
        session.forward(1);
        return session.outputs();
    }

    @Test
    void randomNetworks() {
        for (long seed = 0; seed < 60; seed++) {
            ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.STORED.get((int) (seed % 3));
            check(RandomNetworks.any(seed), Sparsity.values()[(int) (seed % Sparsity.values().length)], algorithm, "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void resNet18(ConvolutionAlgorithm algorithm) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 8, 10), Sparsity.THIRTY_PERCENT, algorithm, "");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 31, 36})
    void resNet18OfOddSizes(int extent) {
        check(TestNetworks.known(Architecture.RESNET18, new Shape(1, extent - 3, extent), 4, 3), Sparsity.FIVE_PERCENT,
                ConvolutionAlgorithm.CSR, "");
    }
}
