package dev.fedtiny.benchmarks.comparison;

import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.checkpoint.Checkpoint;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rounds of a federation of many devices, some of which take part, beside rounds of one that has only so many: what devices cost that are
 * there and not asked. The embedded images are dealt out with repetitions, so that every device of both has as many, and pixels are there
 * once. A round is that of a run: local training, averaging, evaluation on a hundred test images, a checkpoint.
 *
 * @param devices of the large federation
 * @param asked devices of the small one, and those that take part in a round of either
 * @param images of every device
 * @param settings of both experiments
 */
public record ManyDevices(int devices, int asked, int images, Map<SettingSpec<?>, String> settings) {
    private static final int COLLECTIONS = 3;

    /**
     * What one federation took.
     *
     * @param devices how many there are
     * @param readyMillis until its devices were greeted
     * @param heapBytes on the heap after a collection, its images' pixels apart: what it holds between two rounds
     * @param checkpointBytes of the last checkpoint
     * @param roundMillis one figure a round, in order
     */
    public record Cost(int devices, double readyMillis, long heapBytes, long checkpointBytes, List<Double> roundMillis) {
    }

    /** A federation that is kept open between its rounds. */
    private final class Federation implements AutoCloseable {
        private final int devices;
        private final Method method;
        private final FederationContext context;
        private final Path checkpoint;
        private final double readyMillis;
        private final List<Double> rounds = new ArrayList<>();
        private final List<TestResult> curve = new ArrayList<>();
        private MethodState state;
        private long heapBytes;

        private Federation(int devices, TrainTest all, Path folder) {
            this.devices = devices;
            this.checkpoint = folder.resolve("checkpoint-" + devices);
            Map<SettingSpec<?>, String> own = new LinkedHashMap<>(settings);
            own.put(Setting.DEVICES, Integer.toString(devices));
            own.put(Setting.SAMPLE, Integer.toString(asked));
            Experiment experiment = Experiment.of(own);
            method = experiment.method();
            TrainingPlan plan = experiment.plan(all.train());
            long start = System.nanoTime();
            context = FederationContext.inProcess(plan, DealtImages.deal(all, devices, images), experiment.threads(), experiment.slots());
            readyMillis = (System.nanoTime() - start) / 1e6;
        }

        private void begin() {
            state = method.init(context).state();
            curve.add(context.evaluate(state.model()));
        }

        private void round(boolean counts) throws IOException {
            long start = System.nanoTime();
            state = method.round(context, state).state();
            curve.add(method.evaluate(context, state));
            new Checkpoint(state, curve, 0, 0, 0, 0).write(checkpoint);
            if (counts) {
                rounds.add((System.nanoTime() - start) / 1e6);
            }
        }

        private Cost cost() throws IOException {
            return new Cost(devices, readyMillis, heapBytes, Files.size(checkpoint), List.copyOf(rounds));
        }

        @Override
        public void close() {
            context.close();
        }
    }

    /**
     * Measures. Rounds of both alternate, the small federation's first, so that what the machine does besides meets both.
     *
     * @param warmUp rounds of each that do not count
     * @param rounds of each that count
     * @param folder for checkpoints
     * @return the small federation's figures, and the large one's
     * @throws IOException if a checkpoint cannot be written
     */
    public List<Cost> measure(int warmUp, int rounds, Path folder) throws IOException {
        TrainTest all = Datasets.demo();
        long before = usedHeap();
        try (Federation few = new Federation(asked, all, folder)) {
            few.begin();
            alternate(warmUp, false, few);
            few.heapBytes = usedHeap() - before;
            try (Federation many = new Federation(devices, all, folder)) {
                many.begin();
                alternate(warmUp, false, few, many);
                alternate(rounds, true, few, many);
                many.heapBytes = usedHeap() - before - few.heapBytes;
                Reference.reachabilityFence(all);
                return List.of(few.cost(), many.cost());
            }
        }
    }

    private static void alternate(int rounds, boolean count, Federation... federations) throws IOException {
        for (int round = 0; round < rounds; round++) {
            for (Federation federation : federations) {
                federation.round(count);
            }
        }
    }

    /** What lives on the heap. */
    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
