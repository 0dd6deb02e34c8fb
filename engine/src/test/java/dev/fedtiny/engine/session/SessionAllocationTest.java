package dev.fedtiny.engine.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A training step allocates nothing, on any thread, once it is compiled: vectors in code that is not yet compiled are objects. */
class SessionAllocationTest {
    private static final int ZERO_STEPS = 20;
    private static final long WARM_UP_LIMIT_NANOS = 120_000_000_000L;

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

    private void check(Network network, AlgorithmPolicy algorithms, int workerCount) {
        check(network, SessionOptions.DEFAULT.withAlgorithms(algorithms), workerCount);
    }

    private void check(Network network, SessionOptions options, int workerCount) {
        Sample sample = Sample.of(network, Sparsity.THIRTY_PERCENT, 11, 8);
        try (Workers workers = Workers.of(workerCount);
                Session session = Session.open(sample.state(), Mode.TRAINING, 16, workers, options)) {
            sample.feed(session);
            long[] threadIds = new long[workerCount];
            workers.run((worker, count) -> threadIds[worker] = Thread.currentThread().threadId());
            Optimizer.Updater updater = new Sgd(0.9, 5e-4).bind(session);
            int[] growing = session.network().prunable().stream().mapToInt(i -> i).filter(network::isTrained).toArray();
            TopK[] growth = new TopK[growing.length];
            for (int i = 0; i < growth.length; i++) {
                growth[i] = new TopK(5);
            }
            Runnable step = () -> {
                session.forward(sample.count());
                session.backward();
                updater.step(1e-3);
                for (TopK buffer : growth) {
                    buffer.clear();
                }
                session.forward(sample.count());
                session.backward(growing, growth);
                updater.step(1e-3);
            };
            long start = System.nanoTime();
            int zeroSteps = 0;
            int steps = 0;
            long last = 0;
            while (zeroSteps < ZERO_STEPS && System.nanoTime() - start < WARM_UP_LIMIT_NANOS) {
                long bytes = allocated(threadIds, step);
                zeroSteps = bytes == 0 ? zeroSteps + 1 : 0;
                last = bytes == 0 ? last : bytes;
                steps++;
            }
            String message = "after " + steps + " steps still " + last + " bytes a step, " + zeroSteps + " steps in a row without any";
            assertTrue(zeroSteps == ZERO_STEPS, message);
        }
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
