package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.sparse.GradientSink;
import dev.fedtiny.engine.sparse.SquaredGradients;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Same state, same images, same bits: for any number of threads, any form of the weights, and however often the code has run. */
class SessionDeterminismTest {
    /** Two steps of gradient descent: a bit that differs in one step would spread in the next ones. */
    private static List<Long> train(Sample sample, int batch, int threads, ConvolutionAlgorithm algorithm) {
        return train(sample, batch, threads, new AlgorithmPolicy.Always(algorithm));
    }

    private static List<Long> train(Sample sample, int batch, int threads, AlgorithmPolicy algorithms) {
        List<Long> bits = new ArrayList<>();
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(sample.state(), Mode.TRAINING, batch, workers, algorithms)) {
            Optimizer.Updater updater = new Sgd(0.9, 5e-4).bind(session);
            for (int step = 0; step < 2; step++) {
                bits.addAll(SessionBits.step(session, sample));
                updater.step(0.05);
            }
        }
        return bits;
    }

    /** Every form on every number of threads. */
    private static void checkAll(Network network, Sparsity sparsity, int count, int batch) {
        Sample sample = Sample.of(network, sparsity, count, 5);
        List<Long> expected = train(sample, batch, 1, ConvolutionAlgorithm.DENSE);
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            for (int threads = 1; threads <= 4; threads++) {
                assertEquals(expected, train(sample, batch, threads, algorithm), algorithm + " on " + threads + " threads");
            }
        }
    }

    /** Every form once, on another number of threads each. */
    private static void checkSome(Network network, Sparsity sparsity, int count, int batch) {
        Sample sample = Sample.of(network, sparsity, count, 5);
        List<Long> expected = train(sample, batch, 1, ConvolutionAlgorithm.CSR);
        assertEquals(expected, train(sample, batch, 2, ConvolutionAlgorithm.CSR), "CSR on 2 threads");
        assertEquals(expected, train(sample, batch, 3, ConvolutionAlgorithm.DENSE), "dense on 3 threads");
        assertEquals(expected, train(sample, batch, 4, ConvolutionAlgorithm.BITMASK), "bitmask on 4 threads");
    }

    @Test
    void residualNetworkInAllForms() {
        checkAll(TestNetworks.residual(), Sparsity.THIRTY_PERCENT, 19, 24);
    }

    @ParameterizedTest
    @EnumSource
    void plainNetwork(Sparsity sparsity) {
        checkSome(TestNetworks.plain(), sparsity, 11, 11);
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "EMPTY_ROWS", "EMPTY_LAYER"})
    void residualNetwork(Sparsity sparsity) {
        checkSome(TestNetworks.residual(), sparsity, 17, 40);
    }

    @ParameterizedTest
    @EnumSource
    void fanNetwork(Sparsity sparsity) {
        checkSome(TestNetworks.fan(), sparsity, 19, 24);
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "THIRTY_PERCENT"})
    void groupedNetwork(Sparsity sparsity) {
        checkSome(TestNetworks.grouped(), sparsity, 19, 24);
    }

    /** Three groups on five and on sixteen threads, which then share them; whole groups and one that is shared on two. */
    @Test
    void moreThreadsThanGroups() {
        for (Network network : List.of(TestNetworks.residual(), TestNetworks.fan(), TestNetworks.grouped(), TestNetworks.signals(),
                TestNetworks.foreign(), TestNetworks.normalized(), TestNetworks.even())) {
            Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 19, 5);
            for (AlgorithmPolicy algorithms : Forms.all()) {
                List<Long> expected = train(sample, 24, 1, algorithms);
                for (int threads : new int[] {2, 5, 16}) {
                    assertEquals(expected, train(sample, 24, threads, algorithms),
                            network + ", " + algorithms + ", " + threads + " threads");
                }
            }
        }
    }

    /** What a layer could grow by, of rows and parts of rows that threads share. */
    @Test
    void growthOnManyThreads() {
        for (Network network : List.of(TestNetworks.residual(), TestNetworks.even(), TestNetworks.grouped(), TestNetworks.signals())) {
            Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 19, 5);
            for (AlgorithmPolicy algorithms : List.of(new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR), Forms.GROWN)) {
                List<Long> expected = grown(sample, 1, algorithms);
                for (int threads : new int[] {2, 16}) {
                    assertEquals(expected, grown(sample, threads, algorithms),
                            network + ", " + algorithms + ", " + threads + " threads");
                }
            }
        }
    }

    /** Gradients of the whole network, the largest of pruned positions of every weight, and the squares of all. */
    private static List<Long> grown(Sample sample, int threads, AlgorithmPolicy algorithms) {
        Network network = sample.state().network();
        int[] weights = IntStream.range(0, network.parameters().size()).filter(i -> network.parameters().get(i).prunable()).toArray();
        TopK[] largest = IntStream.of(weights).mapToObj(i -> new TopK(17)).toArray(TopK[]::new);
        SquaredGradients[] squares = IntStream.of(weights).mapToObj(i -> new SquaredGradients(network.parameters().get(i).size()))
                .toArray(SquaredGradients[]::new);
        List<Long> bits = new ArrayList<>();
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(sample.state(), Mode.TRAINING, 24, workers, algorithms)) {
            for (GradientSink[] sinks : List.<GradientSink[]>of(largest, squares)) {
                sample.feed(session);
                session.forward(sample.count());
                session.backward(weights, sinks);
                for (int i : weights) {
                    for (float value : session.gradient(i)) {
                        bits.add((long) Float.floatToRawIntBits(value));
                    }
                }
            }
        }
        for (int i = 0; i < weights.length; i++) {
            TopK.Entries entries = largest[i].sorted();
            for (int j = 0; j < entries.indices().length; j++) {
                bits.add((long) entries.indices()[j] << 32 | Float.floatToRawIntBits(entries.values()[j]) & 0xffffffffL);
            }
            for (float sum : squares[i].sums()) {
                bits.add((long) Float.floatToRawIntBits(sum));
            }
        }
        return bits;
    }

    /** Winograd's bits are others than those of the forms above, but the same on any number of threads. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "THIRTY_PERCENT", "EMPTY_LAYER"})
    void transformedLayers(Sparsity sparsity) {
        Sample sample = Sample.of(TestNetworks.even(), sparsity, 19, 5);
        for (AlgorithmPolicy algorithms : List.of(Forms.WINOGRAD, Forms.GROWN)) {
            List<Long> expected = train(sample, 24, 1, algorithms);
            for (int threads = 2; threads <= 4; threads++) {
                assertEquals(expected, train(sample, 24, threads, algorithms), algorithms + ", " + threads + " threads");
            }
            assertNotEquals(expected, train(sample, 24, 1, ConvolutionAlgorithm.DENSE));
        }
    }

    /** The other modes as well, for batches and for few images, which are cut into tiles. */
    @ParameterizedTest
    @EnumSource(names = {"INFERENCE", "STATISTICS"})
    void transformedLayersThatDoNotTrain(Mode mode) {
        for (int images : new int[] {19, 2}) {
            Sample sample = Sample.of(TestNetworks.even(), Sparsity.THIRTY_PERCENT, images, 5);
            List<Long> expected = forward(sample, mode, 1, Forms.WINOGRAD);
            for (int threads = 2; threads <= 4; threads++) {
                assertEquals(expected, forward(sample, mode, threads, Forms.WINOGRAD), threads + " threads");
            }
            // Two images of 6 × 12 pixels in tiles are too small for the transform.
            boolean tiled = mode == Mode.INFERENCE && images == 2;
            assertEquals(tiled, expected.equals(forward(sample, mode, 1, AlgorithmPolicy.DIRECT)));
        }
    }

    /** Few images of networks that are large enough for threads to share them, which they do not with small ones. */
    @Test
    void fewImagesOnManyThreads() {
        for (Network network : List.of(TestNetworks.known(Architecture.RESNET18, new Shape(3, 32, 32), 32, 10),
                TestNetworks.known(Architecture.MOBILENET_V2, new Shape(3, 32, 32), 32, 10))) {
            Sample sample = Sample.of(network, Sparsity.DENSE, 3, 5);
            for (AlgorithmPolicy algorithms : List.of(new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR), AlgorithmPolicy.AUTOMATIC)) {
                List<Long> expected = forward(sample, Mode.INFERENCE, 1, algorithms);
                for (int threads : new int[] {2, 3, 16}) {
                    assertEquals(expected, forward(sample, Mode.INFERENCE, threads, algorithms),
                            network + ", " + algorithms + ", " + threads + " threads");
                }
            }
        }
    }

    private static List<Long> forward(Sample sample, Mode mode, int threads, AlgorithmPolicy algorithms) {
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(sample.state(), mode, sample.count(), workers, algorithms)) {
            sample.feed(session);
            session.forward(sample.count());
            return LongStream.range(0, (long) sample.count() * session.network().classes()).mapToObj(i -> (long) Float.floatToRawIntBits(
                    session.logit((int) i / session.network().classes(), (int) i % session.network().classes()))).toList();
        }
    }

    @Test
    void resNet18() {
        checkSome(TestNetworks.known(Architecture.RESNET18, new Shape(3, 8, 8), 4, 10), Sparsity.THIRTY_PERCENT, 10, 16);
    }

    @Test
    void vgg11() {
        checkSome(TestNetworks.known(Architecture.VGG11_SMALL, new Shape(3, 32, 32), 2, 10), Sparsity.THIRTY_PERCENT, 9, 9);
    }

    /** The first of the passes are interpreted, the last ones compiled by C2. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "CSR", "BITMASK"})
    void sameBitsBeforeAndAfterCompilation(ConvolutionAlgorithm algorithm) {
        Sample sample = Sample.of(TestNetworks.tiny(), Sparsity.THIRTY_PERCENT, 5, 8);
        try (Session session = Session.open(sample.state(), Mode.TRAINING, 8, Workers.of(1), new AlgorithmPolicy.Always(algorithm))) {
            List<Long> first = SessionBits.step(session, sample);
            for (int repetition = 1; repetition < 200; repetition++) {
                session.load(sample.state());
                assertEquals(first, SessionBits.step(session, sample), "repetition " + repetition);
            }
        }
    }

    /** What a backward pass has begun must not show in the passes after it, wherever it failed. */
    @ParameterizedTest
    @ValueSource(strings = {"stem", "wide", "near", "last", "out"})
    void aFailedBackwardPassLeavesNothingBehind(String failing) {
        Network network = TestNetworks.fan();
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 19, 5);
        int[] growing = {network.indexOf(failing + ".weight")};
        GradientSink sink = (index, value) -> {
            throw new ArithmeticException("no more");
        };
        List<List<Long>> bits = new ArrayList<>();
        for (boolean fails : new boolean[] {false, true}) {
            try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.TRAINING, 24, workers,
                    new AlgorithmPolicy.Always(ConvolutionAlgorithm.CSR))) {
                if (fails) {
                    sample.feed(session);
                    session.forward(sample.count());
                    assertThrows(IllegalStateException.class, () -> session.backward(growing, new GradientSink[] {sink}));
                }
                // Running statistics have taken the first forward pass in.
                session.load(sample.state());
                bits.add(SessionBits.step(session, sample));
            }
        }
        assertEquals(bits.getFirst(), bits.getLast());
    }

    @Test
    void otherImagesGiveOtherBits() {
        Network network = TestNetworks.tiny();
        assertNotEquals(train(Sample.of(network, Sparsity.DENSE, 3, 1), 8, 1, ConvolutionAlgorithm.CSR),
                train(Sample.of(network, Sparsity.DENSE, 3, 2), 8, 1, ConvolutionAlgorithm.CSR));
    }
}
