package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.DryFleet;
import dev.fedtiny.federation.MaskVersions;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.UpdateSum;
import dev.fedtiny.method.AlgorithmState;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederatedRound;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.FinalRecalibration;
import dev.fedtiny.method.GrownPositions;
import dev.fedtiny.method.MaskChange;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.ModelParts;
import dev.fedtiny.method.Reliability;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.RoundStep;
import dev.fedtiny.method.ServerMemory;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Does all rounds of a run with devices that do not train ({@link DryFleet}), and reads off what they cost. Every device asked is there and
 * in time.
 */
final class DryRun {
    private final Experiment experiment;
    private final Method method;
    private final TrainingPlan plan;
    private final FederatedData data;
    private final List<Integer> samples;

    private DryRun(Experiment experiment, TrainTest images) {
        this.experiment = experiment;
        this.method = experiment.method();
        this.plan = experiment.plan(images.train());
        this.data = experiment.data(images);
        this.samples = data.devices().stream().map(Dataset::count).toList();
    }

    /**
     * Estimates an experiment.
     *
     * @param initialise whether to pretrain and choose the mask for real
     */
    static ExactEstimate of(Experiment experiment, TrainTest images, boolean initialise) {
        return new DryRun(experiment, images).estimate(initialise);
    }

    /** From what the rounds start, and what choosing it by scores costs. */
    private record Start(ModelState pretrained, ModelState model, AlgorithmState memory, long scoring) {
    }

    private ExactEstimate estimate(boolean initialise) {
        ModelState initial = plan.untrained();
        Start start = initialise ? initialised() : expected(initial);
        long pretraining = ExactCost.trainingFlops(initial, (long) plan.pretraining().epochs() * data.publicSet().count());
        Optional<SelectionEstimate> selection;
        List<RoundEstimate> rounds = new ArrayList<>();
        Optional<RecalibrationEstimate> recalibration;
        List<ClassEstimate> classes;
        try (FederationContext dry = dry()) {
            selection = method.select(dry, start.pretrained()).map(SelectionEstimate::of);
            ClassEstimate.Sums sums = new ClassEstimate.Sums(dry);
            MethodState last = rounds(dry, start, rounds, sums);
            classes = sums.classes(experiment);
            recalibration = experiment.get(Setting.RECALIBRATE_LAST)
                    ? Optional.of(RecalibrationEstimate.of(FinalRecalibration.run(dry, last))) : Optional.empty();
        }
        return new ExactEstimate(initialise, start.model(), samples,
                new ExactEstimate.Beside(pretraining, start.scoring(), selection, recalibration), rounds, trainingBytes(start.model()),
                plan.robustness().aggregation().heldBytes(start.model().valueCount(),
                        Math.min(samples.size(), plan.schedule().participants())), classes);
    }

    /** Bytes of all arrays of a device's session and of its optimiser; a growth batch can add to them. Nothing of it is allocated here. */
    private long trainingBytes(ModelState model) {
        int[] active = model.masks().stream().mapToInt(Mask::count).toArray();
        return MemoryEstimate.of(model, Mode.TRAINING, plan.batch(), 1, plan.local().sessions()).total()
                + plan.local().stateBytes(model.network(), active);
    }

    private Start initialised() {
        try (FederationContext context = FederationContext.inProcess(plan, data, experiment.threads(), experiment.slots())) {
            ModelState pretrained = context.pretrain().model();
            Method.InitOutcome init = method.init(context);
            return new Start(pretrained, init.state().model(), init.state().memory(),
                    init.report().scoring().map(report -> report.costs().flops()).orElse(0L));
        }
    }

    private Start expected(ModelState initial) {
        ModelState start = method.expectedStart(initial);
        return new Start(initial, start, method.expectedMemory(start, samples.size()),
                method.scoringFlops(plan, data.publicSet().count()));
    }

    /** Nobody is absent or late, and no answer is compared with others. */
    private FederationContext dry() {
        Robustness robustness = new Robustness(new Aggregation.Mean(), Double.POSITIVE_INFINITY, plan.robustness().vote(),
                plan.robustness().maximumSamples());
        // With over-selection speeds say who is heard.
        Reliability punctual = new Reliability(0, Double.POSITIVE_INFINITY, plan.reliability().speed(), plan.reliability().bandwidth(), 1,
                Reliability.TooFew.SKIP, 0);
        TrainingPlan certain = plan.withReliability(punctual).withRobustness(robustness).withServer(Optional.empty());
        DevelopmentSplit development = plan.deviceSettings().development();
        DryFleet fleet = plan.privacy().secure().map(rules -> new DryFleet(plan.network(), samples, development, rules))
                .orElseGet(() -> new DryFleet(plan.network(), samples, development));
        return FederationContext.over(certain, fleet, data, 1);
    }

    /** Does all rounds and adds what they cost; returns the state behind them. */
    private MethodState rounds(FederationContext dry, Start start, List<RoundEstimate> rounds, ClassEstimate.Sums sums) {
        MethodState state = new MethodState(0, start.model(), ModelParts.of(start.model(), plan.local().classes()), 0,
                MaskVersions.NONE, Costs.NONE, start.memory(), ServerMemory.NONE);
        while (state.round() < plan.rounds()) {
            MethodState before = state;
            Method.RoundOutcome outcome = FederatedRound.run(dry, method, before, () -> assumed(before));
            rounds.add(estimate(before, outcome.report()));
            sums.add(outcome.report());
            state = outcome.state();
        }
        return state;
    }

    /** The server's half of a round when nothing was learnt: the model stays, and an adjustment is taken to change its mask. */
    private RoundStep assumed(MethodState state) {
        return new RoundStep() {
            @Override
            public void take(int device, Update update) {
                // Nothing was learnt.
            }

            @Override
            public void takeSum(UpdateSum sum) {
                // Nothing was learnt.
            }

            @Override
            public Method.RoundOutcome finish(FederatedRound round) {
                return method.adjusts(state)
                        ? round.adjusted(new MaskChange(state.model(), List.of(), new GrownPositions(), true), state.memory())
                        : round.unchanged(state.model());
            }
        };
    }

    private RoundEstimate estimate(MethodState before, RoundReport report) {
        int masksSent = (int) report.participants().stream().filter(k -> before.acknowledged().of(k) != before.maskVersion()).count();
        return new RoundEstimate(report.round(), report.participants().size(), report.reporters().size(), method.adjusts(before),
                report.costs().flops(), report.maxDeviceFlops(), report.costs().traffic(), masksSent,
                method.task(before).bufferBytes(plan.network())
                        + (plan.privacy().secure().isPresent() ? method.task(before).summedBytes(plan.network()) : 0));
    }
}
