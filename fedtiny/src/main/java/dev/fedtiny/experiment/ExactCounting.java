package dev.fedtiny.experiment;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.nn.Initializer;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.federation.Epochs;
import dev.fedtiny.federation.GrowthRequest;
import dev.fedtiny.federation.HeldMasks;
import dev.fedtiny.federation.MessageSizes;
import dev.fedtiny.federation.Recalibration;
import dev.fedtiny.method.FedTiny;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.Selection;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.CandidatePool;
import dev.fedtiny.pruning.Magnitude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Adds up, round by round, what a run will compute and send. */
final class ExactCounting {
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
        if (initialise) {
            try (FederationContext context = FederationContext.inProcess(plan, data, experiment.threads(), experiment.slots())) {
                pretrained = context.pretrain().model();
                model = method.init(context).state().model();
            }
        } else {
            model = costClass == CostClass.DENSE ? initial : Magnitude.uniform(initial, method.promise().density());
        }
        long pretraining = ExactCost.trainingFlops(initial, (long) plan.pretraining().epochs() * data.publicSet().count());
        return new ExactEstimate(initialise, model, samples, pretraining, stageOne(pretrained), rounds(model),
                EngineMemory.trainingBytes(model, plan.batch(), plan.optimizer()));
    }

    private Optional<ExactEstimate.StageOneEstimate> stageOne(ModelState pretrained) {
        if (!(method instanceof FedTiny fedTiny) || fedTiny.density() == 1 || fedTiny.selection() == Selection.NONE) {
            return Optional.empty();
        }
        boolean adaptive = fedTiny.selection() == Selection.ADAPTIVE;
        CandidatePool pool = CandidatePool.draw(pretrained, fedTiny.density(), fedTiny.pool(), plan.seed());
        DevelopmentSplit development = plan.deviceSettings().development();
        long images = 0;
        for (int count : samples) {
            int held = development.size(count);
            images += (long) held * (1 + (adaptive ? Recalibration.passes(held, plan.batch()) : 0));
        }
        long flops = 0;
        long leastKept = Long.MAX_VALUE;
        long mostKept = 0;
        long leastTraining = Long.MAX_VALUE;
        long mostTraining = 0;
        for (int c = 0; c < pool.size(); c++) {
            ModelState candidate = pool.candidate(c);
            flops += ExactCost.forwardFlops(candidate, images);
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
        return Optional.of(new ExactEstimate.StageOneEstimate(flops, down * samples.size(), up * samples.size(), leastKept, mostKept,
                leastTraining, mostTraining));
    }

    /** Follows masks and their holders through all rounds, as the server does. An adjustment is taken to change the mask. */
    private List<RoundEstimate> rounds(ModelState model) {
        Optional<AdjustmentSchedule> schedule = method instanceof FedTiny fedTiny ? fedTiny.schedule() : Optional.empty();
        long maskBytes = MessageSizes.maskBytes(model.network(), model.masks());
        int[] held = new int[samples.size()];
        Arrays.fill(held, HeldMasks.NONE);
        int version = 0;
        int adjustments = 0;
        List<RoundEstimate> rounds = new ArrayList<>();
        for (int round = 0; round < plan.rounds(); round++) {
            boolean adjusts = schedule.isPresent() && schedule.get().adjusts(round);
            List<GrowthRequest> growth = adjusts ? requests(schedule.get(), model, round, adjustments) : List.of();
            RoundEstimate estimate = round(model, round, adjusts, growth, held, version, maskBytes);
            rounds.add(estimate);
            if (adjusts) {
                adjustments++;
                version += growth.isEmpty() ? 0 : 1;
            }
        }
        return rounds;
    }

    private RoundEstimate round(ModelState model, int round, boolean adjusts, List<GrowthRequest> growth, int[] held, int version,
            long maskBytes) {
        long pairs = growth.stream().mapToLong(GrowthRequest::limit).sum();
        long down = MessageSizes.trainFrame(model, false, growth.size());
        long up = MessageSizes.updateFrame(model, growth.size(), pairs);
        long flops = 0;
        long dearest = 0;
        int masksSent = 0;
        List<Integer> devices = plan.participants(samples.size(), round);
        for (int device : devices) {
            long ofDevice = deviceFlops(model, growth, samples.get(device));
            flops += ofDevice;
            dearest = Math.max(dearest, ofDevice);
            masksSent += held[device] == version ? 0 : 1;
            held[device] = version;
        }
        return new RoundEstimate(round, devices.size(), adjusts, flops, dearest, devices.size() * down + masksSent * maskBytes,
                devices.size() * up, masksSent);
    }

    private long deviceFlops(ModelState model, List<GrowthRequest> growth, int count) {
        long images = (long) plan.epochs() * count;
        return ExactCost.trainingFlops(model, images) + ExactCost.growthFlops(model, growth.stream().map(GrowthRequest::parameter).toList(),
                Epochs.growthImages(count, plan.batch()));
    }

    private static List<GrowthRequest> requests(AdjustmentSchedule schedule, ModelState model, int round, int adjustments) {
        return schedule.layers(model.network(), adjustments).stream()
                .map(p -> new GrowthRequest(p, schedule.count(round, model.mask(p).count(), model.mask(p).size())))
                .filter(request -> request.limit() > 0).toList();
    }
}
