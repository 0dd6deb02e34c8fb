package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.Pace.Kind;
import dev.fedtiny.experiment.Pace.Plan;
import dev.fedtiny.experiment.Pace.Step;
import dev.fedtiny.federation.MaskVersions;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.Method;
import dev.fedtiny.method.MethodState;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.protocol.Workload;
import java.util.ArrayList;
import java.util.List;

/**
 * The steps of a run with the FLOPs that each will take, as far as telling the time that is left needs it: every device has the mean of the
 * devices' samples, and masks keep the counts they have. Nothing is computed or drawn for it; {@link DryRun} is exact, and costly.
 *
 * @param experiment its settings
 * @param plan what all methods have in common
 * @param devices K
 * @param samples of a device, the mean
 * @param testImages that models are evaluated on
 * @param holdsShares whether the devices' images are known here
 */
record RunWork(Experiment experiment, TrainingPlan plan, int devices, int samples, int testImages, boolean holdsShares) {
    static RunWork of(Experiment experiment, TrainingPlan plan, FederatedData data, boolean holdsShares) {
        int devices = data.devices().size();
        long samples = data.devices().stream().mapToLong(Dataset::count).sum();
        return new RunWork(experiment, plan, devices, (int) Math.max(1, samples / devices), data.test().count(), holdsShares);
    }

    /** Of a run that is still to come: the images are split as evenly as they can be. */
    static RunWork of(Experiment experiment, Dataset train, Dataset test) {
        int devices = experiment.get(Setting.DEVICES);
        return new RunWork(experiment, experiment.plan(train), devices, Math.max(1, train.count() / devices), test.count(),
                true);
    }

    /** Of a run that has not begun. */
    Plan whole() {
        Method method = experiment.method();
        ModelState start = method.expectedStart(plan.untrained());
        List<Step> steps = new ArrayList<>(List.of(step(Kind.START, 1), evaluation(start, testImages)));
        steps.addAll(after(new MethodState(0, start, 0, 0, MaskVersions.NONE, Costs.NONE, method.expectedMemory(start, devices))).steps());
        return plan(steps);
    }

    /** The rounds that are left, and what is behind them. */
    Plan after(MethodState state) {
        Method method = experiment.method();
        Workload each = new Workload(plan.epochs(), plan.batch(), samples, DevelopmentSplit.usual(plan.batch()).size(samples));
        double asked = Math.min(devices, plan.schedule().participants());
        List<Step> steps = new ArrayList<>();
        int adjustments = state.adjustments();
        for (int round = state.round(); round < plan.rounds(); round++) {
            MethodState then = new MethodState(round, state.model(), state.parts(), adjustments, state.acknowledged(), state.costs(),
                    state.memory(), state.server());
            boolean adjusts = method.adjusts(then);
            steps.add(step(adjusts ? Kind.ADJUSTMENT : Kind.ROUND, asked * method.task(then).flops(state.model(), each)));
            long images = evaluated(round + 1);
            if (images > 0) {
                steps.add(evaluation(state.model(), images));
            }
            adjustments += adjusts ? 1 : 0;
        }
        steps.addAll(behind(state).steps());
        return plan(steps);
    }

    /** What is done behind the last round, whichever that is. */
    Plan behind(MethodState state) {
        List<Step> steps = new ArrayList<>();
        if (experiment.get(Setting.RECALIBRATE_LAST)) {
            steps.add(evaluation(state.model(), (long) devices * DevelopmentSplit.usual(plan.batch()).size(samples) + testImages));
        }
        if (experiment.get(Setting.EVALUATE_PERSONAL) && holdsShares) {
            steps.add(evaluation(state.model(), Math.min(PersonalScores.MOST_DEVICES, devices) * (samples + 2L * testImages)));
        }
        return plan(steps);
    }

    /** Images of all passes after a round, from 1 on; 0 where it is not evaluated. */
    private long evaluated(int round) {
        boolean last = round == plan.rounds();
        int own = holdsShares ? experiment.get(Setting.EVALUATE_DEVICES) : 0;
        long passes = Math.max(1, plan.local().classes().all().size());
        return (last || round % experiment.get(Setting.EVALUATE_EVERY) == 0 ? passes * testImages : 0)
                + (own > 0 && (last || round % own == 0) ? (long) devices * samples : 0);
    }

    private Step step(Kind kind, double flops) {
        return new Step(experiment.method().name(), kind, flops);
    }

    private Step evaluation(ModelState model, long images) {
        return step(Kind.EVALUATION, ExactCost.forwardFlops(model, 1) * (double) images);
    }

    private Plan plan(List<Step> steps) {
        return new Plan(steps, experiment.endRule().ends());
    }
}
