package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.Attributes;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Division;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Reads;
import dev.fedtiny.engine.layer.Slice;
import dev.fedtiny.engine.layer.Softmax;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.InputGradient;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import example.Tempered;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators whose channels depend on others of theirs, or whose pixels on all channels, are shared by threads that outnumber groups. */
@Timeout(120)
class SharedOperatorsTest {
    private static final Shape SHAPE = new Shape(32, 4, 3);
    /** Pixels of 16 blocks of a layer norm, 64 of others. */
    private static final Shape WIDE = new Shape(3, 16, 32);

    /** The layer that is looked at, of two maps of {@link #SHAPE}. */
    private static OperatorLayer normalization(List<Integer> sources) {
        return new GroupNorm("group", sources.getFirst(), SHAPE, 16, 1e-5);
    }

    private static OperatorLayer concatenation(List<Integer> sources) {
        return new Concat(sources, List.of(SHAPE, SHAPE));
    }

    private static OperatorLayer flattening(List<Integer> sources) {
        return new Flatten(sources.getFirst(), SHAPE);
    }

    /** Layers of which every pixel needs all channels; the last is an embedder's own. */
    private static Stream<Function<List<Integer>, OperatorLayer>> ofPixels(Shape shape) {
        return Stream.of(sources -> new Softmax(sources.getFirst(), shape),
                sources -> new LayerNorm("layer", sources.getFirst(), shape, 1e-5),
                sources -> new Multiply(sources.get(0), sources.get(1), shape, new Shape(1, shape.height(), shape.width())),
                sources -> new Tempered(sources.getFirst(), shape, false));
    }

    static Stream<Arguments> cases() {
        Stream<Function<List<Integer>, OperatorLayer>> ofChannels = Stream.of(SharedOperatorsTest::normalization,
                SharedOperatorsTest::concatenation, SharedOperatorsTest::flattening);
        return Stream.concat(Stream.concat(ofChannels, ofPixels(WIDE)).flatMap(layer -> Stream.of(Arguments.of(layer, 2, 1),
                Arguments.of(layer, 4, 1), Arguments.of(layer, 4, 2), Arguments.of(layer, 16, 1))),
                ofPixels(WIDE).map(layer -> Arguments.of(layer, 16, 8)));
    }

    /** A network around the layer: convolutions before it, a linear layer behind. */
    private static Network network(Function<List<Integer>, OperatorLayer> layer) {
        List<Shape> shapes = layer.apply(List.of(0, 1)).inputs();
        Shape first = shapes.getFirst();
        Network.Builder net = Network.builder(new Shape(2, first.height(), first.width())).block("all");
        int left = net.relu(net.batchNorm2d("norm", net.conv2d("left", 0, first.channels(), 3, 1, 1, false, true)));
        int right = net.conv2d("right", 0, shapes.getLast().channels(), 1, 1, 0, true, true);
        OperatorLayer made = layer.apply(List.of(left, right));
        int x = net.add(made.sources().size() == 1 ? layer.apply(List.of(net.add(left, right))) : made);
        net.linear("out", x, 3, true, true);
        return net.build();
    }

    /** Notes how many values of an image each thread computes, and has it wait for the others at each of its pieces. */
    private record Counted(OperatorLayer layer, Workers workers, CyclicBarrier meeting, AtomicIntegerArray values)
            implements OperatorLayer {
        @Override
        public String kind() {
            return layer.kind();
        }

        @Override
        public String name() {
            return layer.name();
        }

        @Override
        public List<Integer> sources() {
            return layer.sources();
        }

        @Override
        public List<Shape> inputs() {
            return layer.inputs();
        }

        @Override
        public Shape output() {
            return layer.output();
        }

        @Override
        public List<Parameter> parameters() {
            return layer.parameters();
        }

        @Override
        public Attributes attributes() {
            return layer.attributes();
        }

        @Override
        public Counted withSources(List<Integer> sources) {
            return new Counted((OperatorLayer) layer.withSources(sources), workers, meeting, values);
        }

        @Override
        public Reads reads(int input) {
            return layer.reads(input);
        }

        @Override
        public boolean channelwise() {
            return layer.channelwise();
        }

        @Override
        public Division division() {
            return layer.division();
        }

        @Override
        public int firstChannel(int input, int channel) {
            return layer.firstChannel(input, channel);
        }

        @Override
        public ArrayOperator bind(View view) {
            ArrayOperator loops = layer.bind(view);
            return new ArrayOperator() {
                @Override
                public void forward(Slice slice) {
                    meet(slice);
                    loops.forward(slice);
                }

                @Override
                public void backward(Slice slice) {
                    meet(slice);
                    loops.backward(slice);
                }

                @Override
                public boolean readsInputs() {
                    return loops.readsInputs();
                }

                @Override
                public boolean readsOutput() {
                    return loops.readsOutput();
                }

                @Override
                public int scratchFloats() {
                    return loops.scratchFloats();
                }
            };
        }

        private void meet(Slice slice) {
            values.addAndGet(workers.current(), slice.channels() * slice.pixels());
            try {
                meeting.await();
            } catch (InterruptedException | BrokenBarrierException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A thread that has a piece waits there until every other one has one, too: as many values for each, forward and backward. */
    @ParameterizedTest
    @MethodSource("cases")
    void everyThreadDoesAsMuch(Function<List<Integer>, OperatorLayer> layer, int threads, int groups) {
        AtomicIntegerArray values = new AtomicIntegerArray(threads);
        CyclicBarrier meeting = new CyclicBarrier(threads);
        try (Workers workers = Workers.of(threads)) {
            Network network = network(sources -> new Counted(layer.apply(sources), workers, meeting, values));
            Sample sample = Sample.of(network, Sparsity.DENSE, 8 * groups, 5);
            try (Session session = Session.open(sample.state(), Mode.TRAINING, 8 * groups, workers, SessionOptions.DEFAULT)) {
                sample.feed(session);
                session.forward(8 * groups);
                session.backward();
            }
            int all = layer.apply(List.of(0, 1)).output().size() * groups * 2;
            for (int worker = 0; worker < threads; worker++) {
                assertEquals(all / threads, values.get(worker), "values of thread " + worker);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bitsDoNotDependOnThreads(Function<List<Integer>, OperatorLayer> layer, int threads, int groups) {
        Sample sample = Sample.of(network(layer), Sparsity.THIRTY_PERCENT, 8 * groups - 3, 6);
        for (ActivationStorage storage : ActivationStorage.values()) {
            SessionOptions options = SessionOptions.DEFAULT.withActivations(storage);
            try (Workers workers = Workers.of(threads);
                    Session alone = Session.open(sample.state(), Mode.TRAINING, 8 * groups, Workers.of(1), options);
                    Session shared = Session.open(sample.state(), Mode.TRAINING, 8 * groups, workers, options)) {
                assertEquals(SessionBits.step(alone, sample), SessionBits.step(shared, sample));
            }
        }
    }

    /** Maps whose last blocks are smaller, of one row, and of one pixel; more threads than blocks, and than groups or not. */
    @ParameterizedTest
    @CsvSource({"6, 9, 7", "2, 13, 5", "9, 1, 41", "5, 1, 1", "3, 8, 8"})
    void bitsOfPixelsDoNotDependOnThreads(int channels, int height, int width) {
        ofPixels(new Shape(channels, height, width)).forEach(layer -> {
            Sample sample = Sample.of(network(layer), Sparsity.DENSE, 11, 6);
            for (ActivationStorage storage : ActivationStorage.values()) {
                List<Long> expected = null;
                for (int threads : new int[] {1, 2, 3, 5, 16}) {
                    try (Workers workers = Workers.of(threads); Session session = Session.open(sample.state(), Mode.TRAINING, 11, workers,
                            SessionOptions.DEFAULT.withActivations(storage).withInputGradient(InputGradient.COMPUTED))) {
                        List<Long> bits = SessionBits.step(session, sample);
                        expected = expected == null ? bits : expected;
                        assertEquals(expected, bits, () -> threads + " threads, " + storage + ", " + layer.apply(List.of(0, 1)).kind());
                    }
                }
            }
        });
    }

    /** What a layer says of its parts is checked where it is added. */
    @Test
    void partsThatDoNotFitAreNamed() {
        record Wrong(Flatten layer, Division division, IntUnaryOperator reads) implements OperatorLayer {
            @Override
            public String kind() {
                return "wrong";
            }

            @Override
            public List<Integer> sources() {
                return layer.sources();
            }

            @Override
            public List<Shape> inputs() {
                return layer.inputs();
            }

            @Override
            public Shape output() {
                return layer.output();
            }

            @Override
            public Attributes attributes() {
                return Attributes.EMPTY;
            }

            @Override
            public Wrong withSources(List<Integer> sources) {
                return new Wrong(layer.withSources(sources), division, reads);
            }

            @Override
            public boolean channelwise() {
                return false;
            }

            @Override
            public int firstChannel(int input, int channel) {
                return reads.applyAsInt(layer.firstChannel(input, channel));
            }

            @Override
            public ArrayOperator bind(View view) {
                return layer.bind(view);
            }
        }

        Network.Builder net = Network.builder(SHAPE).block("all");
        Flatten flatten = new Flatten(0, SHAPE);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> net.add(new Wrong(flatten, new Division.Channels(7), c -> c)))
                .getMessage().contains("parts of 7 channels"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> net.add(new Wrong(flatten, new Division.Channels(0), c -> c)))
                .getMessage().contains("parts of 0 channels"));
        Division maps = new Division.Channels(12);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> net.add(new Wrong(flatten, maps, c -> Math.max(0, c - 2))))
                .getMessage().contains("expected 0 to 32"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> net.add(new Wrong(flatten, maps, c -> c % 32 == 0 ? c : 32 - c)))
                .getMessage().contains("must not fall"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> net.add(new Wrong(flatten, new Division.Pixels(0), c -> c)))
                .getMessage().contains("blocks of 0 pixels"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> net.add(new Wrong(flatten, Division.PIXELS, c -> c)))
                .getMessage().contains("height and width must be equal"));
    }
}
