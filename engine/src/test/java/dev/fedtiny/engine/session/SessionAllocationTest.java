package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.loss.BinaryCrossEntropy;
import dev.fedtiny.engine.loss.CrossEntropy;
import dev.fedtiny.engine.loss.MeanSquaredError;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.ImageForm;
import dev.fedtiny.engine.model.ImageSharing;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A training step allocates nothing, on any thread, once it is compiled: vectors in code that is not yet compiled are objects. Scalar
 * kernels have none, so their steps allocate nothing before that either: an object that C2 removes in one run it keeps in another.
 */
class SessionAllocationTest {
    private static final int ZERO_STEPS = 20;
    /** Steps, not seconds: on a busy machine a single one that is not compiled yet may take a minute. */
    private static final int MOST_STEPS = 50_000;
    /** Steps that are mostly interpreted. One that allocates nothing is enough: loading classes and entering compiled code allocate. */
    private static final int INTERPRETED_STEPS = 40;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Stream<Arguments> cases() {
        return Forms.all().stream().flatMap(algorithm -> Stream.of(Arguments.of(algorithm, 1), Arguments.of(algorithm, 2)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void compiledStepsAllocateNothing(AlgorithmPolicy algorithms, int workerCount) {
        check(TestNetworks.tiny(), algorithms, workerCount);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledStepsOfDepthwiseLayersAllocateNothing(int workerCount) {
        check(TestNetworks.tinyDepthwise(), AlgorithmPolicy.DIRECT, workerCount);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledStepsOfOperatorsAllocateNothing(int workerCount) {
        check(TestNetworks.operators(), AlgorithmPolicy.DIRECT, workerCount);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledStepsOfFrozenLayersAllocateNothing(int workerCount) {
        check(TestNetworks.tiny().freeze("stem.*").freeze("norm1.*"), AlgorithmPolicy.DIRECT, workerCount);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledStepsOfRoundedActivationsAllocateNothing(int workerCount) {
        check(TestNetworks.tiny(), SessionOptions.DEFAULT.withActivations(ActivationStorage.BFLOAT16), workerCount);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledStepsOfBytesAllocateNothing(int workerCount) {
        ImageForm.Bytes form = ImageForm.bytes(new double[] {0.4, 0.5}, new double[] {0.2, 0.3});
        Sample sample = Sample.of(TestNetworks.tiny(), Sparsity.THIRTY_PERCENT, 11, 8).ofBytes(form, 9);
        check(sample, SessionOptions.DEFAULT.withImages(form), workerCount, Backward.PLAIN);
    }

    /** A single image in two bands: edges, meetings, and channels that both threads share. */
    @Test
    void compiledPassesOfBandsAllocateNothing() {
        Sample sample = Sample.of(TestNetworks.known(Architecture.RESNET18, new Shape(3, 16, 16), 4, 10), Sparsity.THIRTY_PERCENT, 1, 8);
        SessionOptions options = SessionOptions.DEFAULT.withSharing(ImageSharing.BANDS);
        try (Workers workers = Workers.of(2); Session session = Session.open(sample.state(), Mode.INFERENCE, 1, workers, options)) {
            session.setImages(sample.images(), 1);
            awaitNoAllocation(workers, () -> session.forward(1));
        }
    }

    /** A mask of the image, its class and a box, each with a loss of its own. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledStepsOfSeveralOutputsAllocateNothing(int workerCount) {
        record Lesson(float[] mask, int[] labels, float[] box) {
        }

        Network.Builder net = Network.builder(new Shape(3, 8, 6)).block("all");
        int map = net.relu(net.batchNorm2d("norm", net.conv2d("conv", 0, 5, 3, 1, 1, false, true)));
        net.output("mask", net.conv2d("mask", map, 1, 1, 1, 0, true, true));
        int classes = net.linear("class", net.globalAveragePool(map), 4, true, true);
        net.output("class", classes).output("box", net.linear("box", net.relu(classes), 3, true, true));
        BinaryCrossEntropy pixels = new BinaryCrossEntropy();
        CrossEntropy labels = new CrossEntropy();
        MeanSquaredError box = new MeanSquaredError();
        Objective<Lesson> objective = (lesson, terms) -> {
            terms.add("mask", 1, pixels, lesson.mask());
            terms.add("class", 0.5, labels, lesson.labels());
            terms.add("box", 2, box, lesson.box());
        };
        Lesson lesson = new Lesson(new float[11 * 48], new int[11], new float[11 * 3]);
        check(Sample.of(net.build(), Sparsity.THIRTY_PERCENT, 11, 8, 4), SessionOptions.DEFAULT, workerCount, new Backward() {
            @Override
            public void run(Session session) {
                session.backward(objective, lesson);
            }

            @Override
            public void run(Session session, int[] growing, TopK[] growth) {
                session.backward(objective, lesson, growing, growth);
            }
        });
    }

    /** Backward passes from a loss. */
    private interface Backward {
        /** From the session's labels. */
        Backward PLAIN = new Backward() {
            @Override
            public void run(Session session) {
                session.backward();
            }

            @Override
            public void run(Session session, int[] growing, TopK[] growth) {
                session.backward(growing, growth);
            }
        };

        void run(Session session);

        void run(Session session, int[] growing, TopK[] growth);
    }

    private void check(Network network, AlgorithmPolicy algorithms, int workerCount) {
        check(network, SessionOptions.DEFAULT.withAlgorithms(algorithms), workerCount);
    }

    private void check(Network network, SessionOptions options, int workerCount) {
        check(Sample.of(network, Sparsity.THIRTY_PERCENT, 11, 8), options, workerCount, Backward.PLAIN);
    }

    private void check(Sample sample, SessionOptions options, int workerCount, Backward backward) {
        try (Workers workers = Workers.of(workerCount);
                Session session = Session.open(sample.state(), Mode.TRAINING, 16, workers, options)) {
            sample.feed(session);
            Optimizer.Updater updater = new Sgd(0.9, 5e-4).bind(session);
            int[] growing = session.network().prunable().stream().mapToInt(i -> i).filter(session.network()::isTrained).toArray();
            TopK[] growth = new TopK[growing.length];
            for (int i = 0; i < growth.length; i++) {
                growth[i] = new TopK(5);
            }
            Runnable step = () -> {
                session.forward(sample.count());
                backward.run(session);
                updater.step(1e-3);
                for (TopK buffer : growth) {
                    buffer.clear();
                }
                session.forward(sample.count());
                backward.run(session, growing, growth);
                updater.step(1e-3);
            };
            awaitNoAllocation(workers, step);
        }
    }

    /** Runs a step until it allocates nothing, again and again. */
    private void awaitNoAllocation(Workers workers, Runnable step) {
        long[] threadIds = new long[workers.count()];
        workers.run((worker, count) -> threadIds[worker] = Thread.currentThread().threadId());
        int zeroSteps = 0;
        int steps = 0;
        long last = 0;
        long least = Long.MAX_VALUE;
        while (zeroSteps < ZERO_STEPS && steps < MOST_STEPS) {
            long bytes = allocated(threadIds, step);
            zeroSteps = bytes == 0 ? zeroSteps + 1 : 0;
            last = bytes == 0 ? last : bytes;
            least = Math.min(least, bytes);
            steps++;
            if (steps == INTERPRETED_STEPS && Kernels.current().kind() == Kernels.Kind.SCALAR) {
                assertEquals(0, least, "bytes that every one of " + steps + " scalar steps allocates before it is compiled");
            }
        }
        String message = "after " + steps + " steps still " + last + " bytes a step, " + zeroSteps + " steps in a row without any";
        assertTrue(zeroSteps == ZERO_STEPS, message);
    }

    /** Bytes that one step allocates on the caller, which is the first of the threads, and on all others. */
    private long allocated(long[] threadIds, Runnable step) {
        long others = 0;
        for (int i = 1; i < threadIds.length; i++) {
            others -= threads.getThreadAllocatedBytes(threadIds[i]);
        }
        long own = threads.getCurrentThreadAllocatedBytes();
        step.run();
        own = threads.getCurrentThreadAllocatedBytes() - own;
        for (int i = 1; i < threadIds.length; i++) {
            others += threads.getThreadAllocatedBytes(threadIds[i]);
        }
        return own + others;
    }
}
