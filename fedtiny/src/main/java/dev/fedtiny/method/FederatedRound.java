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
record FederatedRound(MethodState before, Server.Task task, RoundAttempts.Outcome attempts, Traffic trafficBefore, long startNanos) {
    /** Trains the state's model on the devices of its round. */
    static FederatedRound run(FederationContext context, MethodState state, List<GrowthRequest> growth) {
        long start = System.nanoTime();
        TrainingPlan plan = context.plan();
        Server server = context.server();
        Traffic before = server.traffic();
        Server.Task whole = new Server.Task(state.round(), plan.epochs(), plan.batch(), plan.schedule().at(state.round(), plan.rounds()),
                growth, participants(plan, context.devices(), state.round(), 0));
        RoundAttempts attempts = new RoundAttempts(plan, state.round(),
                device -> deviceFlops(state.model(), whole, server.samples(device)));
        RoundAttempts.Outcome outcome = attempts.run(attempt -> participants(plan, context.devices(), state.round(), attempt),
                state.acknowledged(), (devices, acknowledged, deadline) -> server.train(
                        new Server.Task(whole.round(), whole.epochs(), whole.batch(), whole.learningRate(), growth, devices),
                        state.model(), state.maskVersion(), acknowledged, deadline));
        return new FederatedRound(state, whole, outcome, before, start);
    }

    /** The last attempt's; as if nobody had reported when its reporters were too few. */
    Server.Outcome outcome() {
        Server.Outcome last = attempts.last();
        return attempts.enough() ? last
                : new Server.Outcome(before.model(), List.of(), last.acknowledged(), 0, 0, List.of(), last.failures());
    }

    /** A seeded sample of devices without replacement, ascending; all of them when so many are wanted. */
    static List<Integer> participants(TrainingPlan plan, int devices, int round, int attempt) {
        int[] order = new int[devices];
        Arrays.setAll(order, i -> i);
        if (plan.participants() < devices) {
            RandomStream stream = attempt == 0 ? RandomStream.of(plan.seed(), "participants", round)
                    : RandomStream.of(plan.seed(), "participants", round, attempt);
            stream.shuffle(order);
            order = Arrays.copyOf(order, plan.participants());
            Arrays.sort(order);
        }
        return Arrays.stream(order).boxed().toList();
    }

    /** The round's outcome, given the model after it. */
    Method.RoundOutcome finish(FederationContext context, ModelState model, int maskVersion, int adjustments,
            List<LayerAdjustment> changes, MethodMemory memory) {
        Server.Outcome outcome = outcome();
        Costs costs = new Costs(context.server().traffic().since(trafficBefore), attempts.flops(), System.nanoTime() - startNanos);
        double loss = outcome.reporters().isEmpty() ? Double.NaN : outcome.lossSum() / ((double) outcome.samples() * task.epochs());
        RoundReport report = new RoundReport(task.round(), task.learningRate(), attempts.participants(), outcome.reporters(),
                attempts.failures(), attempts.effort(), loss, costs, attempts.dearestDeviceFlops(), model.density(), LayerCount.of(model),
                changes);
        MethodState after = new MethodState(task.round() + 1, model, maskVersion, adjustments, outcome.acknowledged(),
                before.costs().plus(costs), memory);
        return new Method.RoundOutcome(after, report);
    }

    /** Exact FLOPs of a device with n_k samples in this round: E epochs, and the growth gradients of one batch. */
    private static long deviceFlops(ModelState sent, Server.Task task, int samples) {
        List<Integer> grown = task.growth().stream().map(GrowthRequest::parameter).toList();
        return ExactCost.trainingFlops(sent, (long) task.epochs() * samples)
                + ExactCost.growthFlops(sent, grown, Epochs.growthImages(samples, task.batch()));
    }
}
