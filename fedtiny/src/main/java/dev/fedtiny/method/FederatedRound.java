package dev.fedtiny.method;

import dev.fedtiny.device.LocalCost;
import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Deadline;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.LocalResult;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.Update;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** What rounds of all methods have in common: who takes part, local training, and what it cost. */
public final class FederatedRound {
    private final FederationContext context;
    private final MethodState before;
    private final Server.Task task;
    private final Traffic trafficBefore;
    private final long startNanos = System.nanoTime();
    private RoundAttempts.Outcome outcome;
    private double lossSum;
    private long trained;
    private long flops;
    private long maxFlops;

    private FederatedRound(FederationContext context, MethodState state, double learningRate) {
        TrainingPlan plan = context.plan();
        this.context = context;
        this.before = state;
        this.trafficBefore = context.server().traffic();
        this.task = new Server.Task(state.round(), plan.epochs(), plan.batch(), learningRate, List.of());
    }

    /** The learning rate of a round. */
    public static double learningRate(TrainingPlan plan, int round) {
        return plan.schedule().at(round, plan.rounds());
    }

    /** Trains the state's model on the devices of its round, at the plan's learning rate. */
    public static FederatedRound run(FederationContext context, MethodState state, LocalTask work, Server.UpdateTaker taker) {
        return run(context, state, work, learningRate(context.plan(), state.round()), taker);
    }

    /** The same at a learning rate of the method's own. */
    public static FederatedRound run(FederationContext context, MethodState state, LocalTask work, double learningRate,
            Server.UpdateTaker taker) {
        Server.Assignment same = new Server.Assignment(state.model(), work);
        return run(context, state, _ -> same, learningRate, taker);
    }

    /** Trains on every device what it is assigned. */
    public static FederatedRound run(FederationContext context, MethodState state, IntFunction<Server.Assignment> assignments,
            double learningRate,
            Server.UpdateTaker taker) {
        FederatedRound round = new FederatedRound(context, state, learningRate);
        round.attempt(assignments, taker);
        return round;
    }

    private void attempt(IntFunction<Server.Assignment> assignments, Server.UpdateTaker taker) {
        TrainingPlan plan = context.plan();
        RoundAttempts attempts = new RoundAttempts(plan, task.round(), device -> deviceFlops(device, assignments.apply(device)));
        outcome = attempts.run(attempt -> plan.participants(context.devices(), task.round(), attempt), before.acknowledged(),
                (devices, acknowledged, deadline) -> once(devices, acknowledged, deadline, assignments, taker));
    }

    private Server.Outcome once(List<Integer> devices, List<Integer> acknowledged, Deadline deadline,
            IntFunction<Server.Assignment> assignments, Server.UpdateTaker taker) {
        Server.Task asked = new Server.Task(task.round(), task.epochs(), task.batch(), task.learningRate(), devices);
        EnoughUpdates enough = new EnoughUpdates(context.plan().reliability().minimumReporters(), (device, update) -> {
            lossSum += update.lossSum();
            trained += trained(update);
            taker.take(device, update);
        });
        Server.Outcome once = context.server().train(asked, assignments, before.maskVersion(), acknowledged, deadline, (device, update) -> {
            charge(deviceFlops(device, assignments.apply(device), update));
            enough.take(device, update);
        });
        // Late devices worked, too, and those whose updates were out of proportion.
        once.failures().stream().filter(failure -> failure.cause() == DeviceFailure.Cause.LATE
                || failure.cause() == DeviceFailure.Cause.OUTLIER)
                .forEach(failure -> charge(deviceFlops(failure.device(), assignments.apply(failure.device()))));
        return once;
    }

    private void charge(long cost) {
        flops = Exact.sum("FLOPs of a round", flops, cost);
        maxFlops = Math.max(maxFlops, cost);
    }

    private static int trained(Update update) {
        return update.samples() - (update.result() instanceof LocalResult.SubNetwork subNetwork ? subNetwork.heldOut() : 0);
    }

    /** What a device does, known when it has answered. */
    private long deviceFlops(int device, Server.Assignment assignment, Update update) {
        if (update.result() instanceof LocalResult.SubNetwork subNetwork) {
            ModelState pruned = assignment.model().masked(subNetwork.masks());
            return LocalCost.searchFlops(assignment.model(), pruned, task.epochs(), update.samples(), subNetwork.heldOut());
        }
        return deviceFlops(device, assignment);
    }

    /** What a device does, known before it is asked; exact but for devices that may prune. */
    private long deviceFlops(int device, Server.Assignment assignment) {
        Server server = context.server();
        return LocalCost.flops(assignment.model(), assignment.task(), task.epochs(), task.batch(), server.samples(device),
                server.developmentSamples(device));
    }

    /** A round under a mask that stays: the devices' values put together, and nothing else. */
    public static Method.RoundOutcome plain(FederationContext context, MethodState state) {
        Aggregation rule = context.aggregation();
        Aggregation.Average average = rule.average();
        FederatedRound round = run(context, state, new LocalTask.Ordinary(),
                (_, update) -> average.add(rule.weight(update.samples()), update.values()));
        return round.unchanged(round.somebody() ? average.in(state.model()) : state.model());
    }

    /** Whether updates were taken: enough devices reported. */
    public boolean somebody() {
        return !outcome.reporters().isEmpty();
    }

    /** The round's outcome when masks stayed. */
    public Method.RoundOutcome unchanged(ModelState model) {
        return unchanged(model, before.memory());
    }

    /** The round's outcome when masks stayed and the memory did not. */
    public Method.RoundOutcome unchanged(ModelState model, AlgorithmState memory) {
        return finish(model, before.maskVersion(), before.adjustments(), List.of(), memory, model.density(), Optional.empty());
    }

    /** The round's outcome after an adjustment of the mask. */
    public Method.RoundOutcome adjusted(MaskChange change, AlgorithmState memory) {
        return finish(change.model(), before.maskVersion() + (change.changed() ? 1 : 0), before.adjustments() + 1, change.layers(), memory,
                change.model().density(), Optional.empty());
    }

    /** The round's outcome when devices have masks of their own. */
    public Method.RoundOutcome subNetworks(ModelState model, AlgorithmState memory, SubNetworkReport report) {
        return finish(model, before.maskVersion(), before.adjustments(), List.of(), memory, report.meanDensity(), Optional.of(report));
    }

    private Method.RoundOutcome finish(ModelState model, int maskVersion, int adjustments, List<LayerAdjustment> changes,
            AlgorithmState memory, double density, Optional<SubNetworkReport> subNetworks) {
        Costs costs = new Costs(context.server().traffic().since(trafficBefore), flops, System.nanoTime() - startNanos);
        double loss = trained == 0 ? Double.NaN : lossSum / ((double) trained * task.epochs());
        RoundReport report = new RoundReport(task.round(), task.learningRate(), outcome.participants(), outcome.reporters(),
                outcome.failures(), outcome.effort(), loss, costs, maxFlops, density, LayerCount.of(model), changes, subNetworks);
        MethodState after = new MethodState(task.round() + 1, model, maskVersion, adjustments, outcome.acknowledged(),
                before.costs().plus(costs), memory);
        return new Method.RoundOutcome(after, report);
    }
}
