package dev.fedtiny.method;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.Epochs;
import dev.fedtiny.federation.GrowthRequest;
import dev.fedtiny.federation.Server;
import dev.fedtiny.federation.Traffic;
import java.util.Arrays;
import java.util.List;

/** What rounds of all methods have in common: who takes part, local training, the weighted mean, and what it cost. */
record FederatedRound(MethodState before, Server.Task task, Server.Outcome outcome, Traffic trafficBefore, long startNanos) {
    /** Trains the state's model on the devices of its round. */
    static FederatedRound run(FederationContext context, MethodState state, List<GrowthRequest> growth) {
        long start = System.nanoTime();
        TrainingPlan plan = context.plan();
        Traffic before = context.server().traffic();
        Server.Task task = new Server.Task(state.round(), plan.epochs(), plan.batch(), plan.schedule().at(state.round(), plan.rounds()),
                growth, participants(plan, context.devices(), state.round()));
        Server.Outcome outcome = context.server().train(task, state.model(), state.maskVersion(), state.acknowledged());
        return new FederatedRound(state, task, outcome, before, start);
    }

    /** A seeded sample of devices without replacement, ascending; all of them when so many are wanted. */
    static List<Integer> participants(TrainingPlan plan, int devices, int round) {
        int[] order = new int[devices];
        Arrays.setAll(order, i -> i);
        if (plan.participants() < devices) {
            RandomStream.of(plan.seed(), "participants", round).shuffle(order);
            order = Arrays.copyOf(order, plan.participants());
            Arrays.sort(order);
        }
        return Arrays.stream(order).boxed().toList();
    }

    /** The round's outcome, given the model after it. */
    Method.RoundOutcome finish(FederationContext context, ModelState model, int maskVersion, int adjustments,
            List<LayerAdjustment> changes, MethodMemory memory) {
        Server server = context.server();
        long flops = 0;
        long dearest = 0;
        for (int device : outcome.reporters()) {
            long ofDevice = deviceFlops(server.samples(device));
            flops += ofDevice;
            dearest = Math.max(dearest, ofDevice);
        }
        Costs costs = new Costs(server.traffic().since(trafficBefore), flops, System.nanoTime() - startNanos);
        double loss = outcome.reporters().isEmpty() ? Double.NaN : outcome.lossSum() / ((double) outcome.samples() * task.epochs());
        RoundReport report = new RoundReport(task.round(), task.learningRate(), task.devices(), outcome.reporters(), outcome.failures(),
                loss, costs, dearest, model.density(), LayerCount.of(model), changes);
        MethodState after = new MethodState(task.round() + 1, model, maskVersion, adjustments, outcome.acknowledged(),
                before.costs().plus(costs), memory);
        return new Method.RoundOutcome(after, report);
    }

    /** Exact FLOPs of a device with n_k samples in this round: E epochs, and the growth gradients of one batch. */
    private long deviceFlops(int samples) {
        ModelState sent = before.model();
        List<Integer> grown = task.growth().stream().map(GrowthRequest::parameter).toList();
        return ExactCost.trainingFlops(sent, (long) task.epochs() * samples)
                + ExactCost.growthFlops(sent, grown, Epochs.growthImages(samples, task.batch()));
    }
}
