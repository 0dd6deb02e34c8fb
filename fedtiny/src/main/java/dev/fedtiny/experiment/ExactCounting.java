package dev.fedtiny.experiment;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.LocalCost;
import dev.fedtiny.device.Recalibration;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.sparse.TopK;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.Selection;
import dev.fedtiny.method.Snip;
import dev.fedtiny.method.SynFlow;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.CachedMasks;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.MessageSizes;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.CandidatePool;
import dev.fedtiny.pruning.LayerCounts;
import dev.fedtiny.pruning.Magnitude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Adds up, round by round, what a run will compute and send. */
final class ExactCounting {
    private static final String SCORING = "FLOPs of scoring";

    private final Experiment experiment;
    private final Method method;
    private final CostClass costClass;
    private final TrainingPlan plan;
    private final FederatedData data;
    private final List<Integer> samples;

    private ExactCounting(Experiment experiment, TrainTest images, CostClass costClass) {
        this.experiment = experiment;
        this.method = experiment.method();
        this.costClass = costClass;
        this.plan = experiment.plan(images.train());
        this.data = experiment.data(images);
        this.samples = data.devices().stream().map(Dataset::count).toList();
    }

    /**
     * Counts an experiment.
     *
     * @param initialise whether to pretrain and choose the mask for real
     */
    static ExactEstimate of(Experiment experiment, TrainTest images, CostClass costClass, boolean initialise) {
        return new ExactCounting(experiment, images, costClass).count(initialise);
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
            model = costClass == CostClass.DENSE ? initial : Magnitude.uniform(initial, method.promise().density());
            scoring = scoringFlops();
        }
        long pretraining = ExactCost.trainingFlops(initial, (long) plan.pretraining().epochs() * data.publicSet().count());
        return new ExactEstimate(initialise, model, samples, pretraining, scoring, stageOne(pretrained), rounds(model, memory),
                EngineMemory.trainingBytes(model, plan.batch(), plan.optimizer(), plan.sessions()));
    }

    /** FLOPs of the server's choice of a mask by scores, every layer at the same density in every step. */
    private long scoringFlops() {
        long flops = 0;
        int[] kept = LayerCounts.uniformOfAll(plan.network(), 1);
        switch (method) {
            case Snip snip -> {
                for (int step = 1; step <= snip.steps(); step++) {
                    flops = Exact.sum(SCORING, flops, ExactCost.trainingFlops(counted(kept), data.publicSet().count()));
                    kept = atMost(kept, 1 - (1 - snip.density()) * step / snip.steps());
                }
            }
            case SynFlow synFlow -> {
                for (int step = 1; step <= synFlow.steps(); step++) {
                    ModelState scored = counted(kept);
                    flops = Exact.sum(SCORING, flops, Exact.sum(SCORING, ExactCost.forwardFlops(scored, 1),
                            ExactCost.trainingFlops(scored, 1)));
                    kept = atMost(kept, StrictMath.pow(synFlow.density(), (double) step / synFlow.steps()));
                }
            }
            default -> {
            }
        }
        return flops;
    }

    private int[] atMost(int[] kept, double density) {
        int[] next = LayerCounts.uniformOfAll(plan.network(), density);
        Arrays.setAll(next, p -> Math.min(kept[p], next[p]));
        return next;
    }

    /** A state that keeps the right number of weights of every parameter, whichever: enough to count FLOPs by. */
    private ModelState counted(int[] kept) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < kept.length; p++) {
            masks.add(Mask.of(plan.network().parameters().get(p).size(), IntStream.range(0, kept[p]).toArray()));
            values.add(new float[kept[p]]);
        }
        return ModelState.of(plan.network(), masks, values);
    }

    private Optional<ExactEstimate.StageOneEstimate> stageOne(ModelState pretrained) {
        if (!(method instanceof FedTiny fedTiny) || fedTiny.density() == 1 || fedTiny.selection() == Selection.NONE) {
            return Optional.empty();
        }
        boolean adaptive = fedTiny.selection() == Selection.ADAPTIVE;
        CandidatePool pool = CandidatePool.draw(pretrained, fedTiny.density(), fedTiny.pool(), plan.seed());
        DevelopmentSplit development = plan.deviceSettings().development();
        long images = 0;
        List<Integer> asked = fedTiny.selectionParticipants(samples.size(), plan.seed());
        for (int device : asked) {
            int held = development.size(samples.get(device));
            images += (long) held * (1L + (adaptive ? Recalibration.passes(held, plan.batch()) : 0));
        }
        long flops = 0;
        long leastKept = Long.MAX_VALUE;
        long mostKept = 0;
        long leastTraining = Long.MAX_VALUE;
        long mostTraining = 0;
        for (int c = 0; c < pool.size(); c++) {
            ModelState candidate = pool.candidate(c);
            flops = Exact.sum("FLOPs of stage one", flops, ExactCost.forwardFlops(candidate, images));
            leastKept = Math.min(leastKept, candidate.prunableKept());
            mostKept = Math.max(mostKept, candidate.prunableKept());
            leastTraining = Math.min(leastTraining, ExactCost.trainingFlops(candidate, 1));
            mostTraining = Math.max(mostTraining, ExactCost.trainingFlops(candidate, 1));
        }
        long down = MessageSizes.poolFrame(pool.union(), pool.size());
        long up = MessageSizes.evaluationFrame(pool.size());
        if (adaptive) {
            down += MessageSizes.candidateStatisticsFrame(plan.network(), pool.size());
            up += MessageSizes.statisticsFrame(plan.network(), pool.size());
        }
        return Optional.of(new ExactEstimate.StageOneEstimate(asked.size(), flops, bytes(asked.size(), down), bytes(asked.size(), up),
                leastKept, mostKept, leastTraining, mostTraining));
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
                Exact.sum("bytes to the devices of a round", bytes(devices.size(), down), bytes(masksSent, maskBytes)), bytes(devices.size(), up), masksSent, bufferBytes(task));
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
