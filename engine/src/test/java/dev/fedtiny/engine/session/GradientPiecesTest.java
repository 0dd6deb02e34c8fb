package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A layer with a single group of images collects the gradients of some rows at a time: the same bits as of all rows at once. */
class GradientPiecesTest {
    private static final int IMAGES = 8;

    static Stream<Arguments> cases() {
        return Stream.of(ConvolutionAlgorithm.CSR, ConvolutionAlgorithm.BITMASK).flatMap(algorithm -> Stream.of(ActivationStorage.values())
                .flatMap(storage -> Stream.of(1, 2).map(threads -> Arguments.of(algorithm, storage, threads))));
    }

    /** Layers of several thousand weights, strided and linear. */
    private static Network network() {
        Network.Builder net = Network.builder(new Shape(3, 10, 9)).block("all");
        int x = net.relu(net.batchNorm2d("norm1", net.conv2d("conv1", 0, 40, 3, 1, 1, false, true)));
        x = net.relu(net.batchNorm2d("norm2", net.conv2d("conv2", x, 64, 3, 2, 1, false, true)));
        x = net.relu(net.conv2d("conv3", x, 64, 3, 1, 1, true, true));
        net.linear("fc", net.flatten(x), 9, true, true);
        return net.build();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bitsAreThoseOfAllRowsAtOnce(ConvolutionAlgorithm algorithm, ActivationStorage storage, int threads) {
        SessionOptions options = SessionOptions.DEFAULT.withAlgorithms(new AlgorithmPolicy.Always(algorithm)).withActivations(storage);
        Sample sample = Sample.of(network(), Sparsity.THIRTY_PERCENT, IMAGES, 4, 9);
        try (Workers workers = Workers.of(threads);
                Session pieces = Session.open(sample.state(), Mode.TRAINING, IMAGES, workers, options);
                Session whole = Session.open(sample.state(), Mode.TRAINING, 2 * IMAGES, workers, options)) {
            for (Session session : new Session[] {pieces, whole}) {
                sample.feed(session);
                session.forward(IMAGES);
                session.backward();
            }
            for (int i = 0; i < pieces.network().parameters().size(); i++) {
                assertArrayEquals(whole.gradient(i), pieces.gradient(i), pieces.network().parameters().get(i).name());
            }
        }
    }
}
