package dev.fedtiny.experiment;

import dev.fedtiny.data.Dataset;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.experiment.Pace.Kind;
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
 * devices' samples, and masks keep the counts they have. Nothing is computed or drawn for it; {@link DryRun} is exact, and dear.
 *
 * @param method of the run
 * @param plan what all methods have in common
 * @param devices K
 * @param samples of a device, the mean
 */
record RunWork(Method method, TrainingPlan plan, int devices, int samples) {
    static RunWork of(Method method, TrainingPlan plan, FederatedData data) {
        int devices = data.devices().size();
        long samples = data.devices().stream().mapToLong(Dataset::count).sum();
        return new RunWork(method, plan, devices, (int) Math.max(1, samples / devices));
    }

    /** Of a run that is still to come: the images are split as evenly as they can be. */
    static RunWork of(Experiment experiment, Dataset train) {
        int devices = experiment.get(Setting.DEVICES);
        return new RunWork(experiment.method(), experiment.plan(train), devices, Math.max(1, train.count() / devices));
    }

    /** Of a run that has not begun. */
    List<Step> whole() {
        List<Step> steps = new ArrayList<>(List.of(new Step(method.name(), Kind.START, 1)));
        ModelState start = method.expectedStart(plan.untrained());
        steps.addAll(after(new MethodState(0, start, 0, 0, MaskVersions.NONE, Costs.NONE, method.expectedMemory(start, devices))));
        return steps;
    }

    /** The rounds that are left. */
    List<Step> after(MethodState state) {
        Workload each = new Workload(plan.epochs(), plan.batch(), samples, DevelopmentSplit.usual(plan.batch()).size(samples));
        double asked = Math.min(devices, plan.schedule().participants());
        List<Step> steps = new ArrayList<>();
        int adjustments = state.adjustments();
        for (int round = state.round(); round < plan.rounds(); round++) {
            MethodState then = new MethodState(round, state.model(), state.parts(), adjustments, state.acknowledged(), state.costs(),
                    state.memory(), state.server());
            boolean adjusts = method.adjusts(then);
            steps.add(new Step(method.name(), adjusts ? Kind.ADJUSTMENT : Kind.ROUND,
                    asked * method.task(then).flops(state.model(), each)));
            adjustments += adjusts ? 1 : 0;
        }
        return steps;
    }
}
