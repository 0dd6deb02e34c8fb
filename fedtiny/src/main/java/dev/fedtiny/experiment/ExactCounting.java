package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.LocalCost;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.MessageSizes;
import dev.fedtiny.pruning.AdjustmentSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Adds up, round by round, what a run will compute and send. */
final class ExactCounting {
    private final Experiment experiment;
    private final Method method;
    private final TrainingPlan plan;
    private final FederatedData data;
    private final List<Integer> samples;

    private ExactCounting(Experiment experiment, TrainTest images) {
        this.experiment = experiment;
        this.method = experiment.method();
        this.plan = experiment.plan(images.train());
        this.data = experiment.data(images);
        this.samples = data.devices().stream().map(Dataset::count).toList();
    }

    /**
     * Counts an experiment.
     *
     * @param initialise whether to pretrain and choose the mask for real
     */
    static ExactEstimate of(Experiment experiment, TrainTest images, boolean initialise) {
        return new ExactCounting(experiment, images).count(initialise);
    }

    private ExactEstimate count(boolean initialise) {
        ModelState initial = Initializer.initialize(plan.network(), plan.seed(), plan.zeroGamma());
        ModelState pretrained = initial;
        ModelState model;
        long scoring;
        AlgorithmState memory = new AlgorithmState.None();
        if (initialise) {
            try (FederationContext context = FederationContext.inProcess(plan, data, experiment.threads(), experiment.slots())) {
                pretrained = context.pretrain().model();
                Method.InitOutcome init = method.init(context);
                model = init.state().model();
                memory = init.state().memory();
                scoring = init.report().scoring().map(report -> report.costs().flops()).orElse(0L);
            }
        } else {
            model = method.expectedStart(initial);
            scoring = method.scoringFlops(plan, data.publicSet().count());
        }
        long pretraining = ExactCost.trainingFlops(initial, (long) plan.pretraining().epochs() * data.publicSet().count());
        return new ExactEstimate(initialise, model, samples, pretraining, scoring, method.expectedSelection(plan, pretrained, samples),
                rounds(model, memory),
                EngineMemory.trainingBytes(model, plan.batch(), plan.optimizer(), plan.sessions()));
    }

    /** Follows masks and their holders through all rounds, as the server does. An adjustment is taken to change the mask. */
    private List<RoundEstimate> rounds(ModelState model, AlgorithmState memory) {
        Optional<AdjustmentSchedule> schedule = method.schedule();
        long maskBytes = MessageSizes.maskBytes(model.network(), model.masks());
        Integer[] held = new Integer[samples.size()];
        Arrays.fill(held, CachedMasks.NONE);
        int version = 0;
        int adjustments = 0;
        List<RoundEstimate> rounds = new ArrayList<>();
        for (int round = 0; round < plan.rounds(); round++) {
            boolean adjusts = schedule.isPresent() && schedule.get().adjusts(round);
            MethodState state = new MethodState(round, model, version, adjustments, Arrays.asList(held), Costs.NONE, memory);
            rounds.add(round(state, adjusts, held, maskBytes));
            if (adjusts) {
                adjustments++;
                version++;
            }
        }
        return rounds;
    }

    private RoundEstimate round(MethodState state, boolean adjusts, Integer[] held, long maskBytes) {
        LocalTask task = method.task(state);
        long down = MessageSizes.trainFrame(state.model(), false, task);
        long up = MessageSizes.longestUpdateFrame(state.model(), task);
        long flops = 0;
        long maxFlops = 0;
        int masksSent = 0;
        List<Integer> devices = plan.participants(samples.size(), state.round());
        for (int device : devices) {
            int count = samples.get(device);
            long ofDevice = LocalCost.flops(state.model(), task, plan.epochs(), plan.batch(), count,
                    plan.deviceSettings().development().size(count));
            flops = Exact.sum("FLOPs of a round", flops, ofDevice);
            maxFlops = Math.max(maxFlops, ofDevice);
            masksSent += held[device] == state.maskVersion() ? 0 : 1;
            held[device] = state.maskVersion();
        }
        return new RoundEstimate(state.round(), devices.size(), adjusts, flops, maxFlops,
                Exact.sum("bytes to the devices of a round", bytes(devices.size(), down), bytes(masksSent, maskBytes)),
                bytes(devices.size(), up), masksSent, bufferBytes(task));
    }

    private static long bytes(int devices, long frame) {
        return Exact.product("bytes of messages (devices · bytes of a frame)", devices, frame);
    }

    private long bufferBytes(LocalTask task) {
        if (task instanceof LocalTask.Accumulate) {
            return plan.network().prunable().stream().mapToLong(p -> 4L * plan.network().parameters().get(p).size()).sum();
        }
        return task.layers().stream().mapToLong(layer -> TopK.bytes(layer.limit())).sum();
    }
}
