package dev.fedtiny.method;

import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.federation.LocalCost;
import dev.fedtiny.federation.LocalResult;
import dev.fedtiny.federation.LocalTask;
import dev.fedtiny.federation.Server;
import dev.fedtiny.federation.Traffic;
import dev.fedtiny.federation.Update;
import dev.fedtiny.federation.WeightedAverage;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** What rounds of all methods have in common: who takes part, local training, and what it cost. */
final class FederatedRound {
    private final FederationContext context;
    private final MethodState before;
    private final Server.Task task;
    private final Traffic trafficBefore;
    private final long startNanos = System.nanoTime();
    private Server.Outcome outcome;
    private double lossSum;
    private long trained;
    private long flops;
    private long dearest;

    private FederatedRound(FederationContext context, MethodState state, double learningRate) {
        TrainingPlan plan = context.plan();
        this.context = context;
        this.before = state;
        this.trafficBefore = context.server().traffic();
        this.task = new Server.Task(state.round(), plan.epochs(), plan.batch(), learningRate,
                participants(plan, context.devices(), state.round()));
    }

    /** The learning rate of a round. */
    static double learningRate(TrainingPlan plan, int round) {
        return plan.schedule().at(round, plan.rounds());
    }

    /** Trains the state's model on the devices of its round, at the plan's learning rate. */
    static FederatedRound run(FederationContext context, MethodState state, LocalTask work, Server.UpdateTaker taker) {
        return run(context, state, work, learningRate(context.plan(), state.round()), taker);
    }

    /** The same at a learning rate of the method's own. */
    static FederatedRound run(FederationContext context, MethodState state, LocalTask work, double learningRate, Server.UpdateTaker taker) {
        Server.Assignment same = new Server.Assignment(state.model(), work);
        return run(context, state, _ -> same, learningRate, taker);
    }

    /** Trains on every device what it is assigned. */
    static FederatedRound run(FederationContext context, MethodState state, IntFunction<Server.Assignment> assignments, double learningRate,
            Server.UpdateTaker taker) {
        FederatedRound round = new FederatedRound(context, state, learningRate);
        round.outcome = context.server().train(round.task, assignments, state.maskVersion(), state.acknowledged(), (device, update) -> {
            round.count(device, assignments.apply(device), update);
            taker.take(device, update);
        });
        return round;
    }

    private void count(int device, Server.Assignment assignment, Update update) {
        Server server = context.server();
        long cost;
        int samples = update.samples();
        if (update.result() instanceof LocalResult.Personal personal) {
            ModelState pruned = assignment.model().masked(personal.masks());
            cost = LocalCost.personalFlops(assignment.model(), pruned, task.epochs(), samples, personal.heldOut());
            samples -= personal.heldOut();
        } else {
            cost = LocalCost.flops(assignment.model(), assignment.task(), task.epochs(), task.batch(), samples,
                    server.developmentSamples(device));
        }
        flops += cost;
        dearest = Math.max(dearest, cost);
        lossSum += update.lossSum();
        trained += samples;
    }

    /** A round under a mask that stays: the weighted mean, and nothing else. */
    static Method.RoundOutcome plain(FederationContext context, MethodState state) {
        WeightedAverage average = new WeightedAverage();
        FederatedRound round = run(context, state, new LocalTask.Ordinary(), (_, update) -> average.add(update.samples(), update.values()));
        return round.unchanged(round.somebody() ? average.in(state.model()) : state.model());
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

    /** Whether any device reported. */
    boolean somebody() {
        return !outcome.reporters().isEmpty();
    }

    /** The round's outcome when masks stayed. */
    Method.RoundOutcome unchanged(ModelState model) {
        return unchanged(model, before.memory());
    }

    /** The round's outcome when masks stayed and the memory did not. */
    Method.RoundOutcome unchanged(ModelState model, MethodMemory memory) {
        return finish(model, before.maskVersion(), before.adjustments(), List.of(), memory, model.density(), Optional.empty());
    }

    /** The round's outcome after an adjustment of the mask. */
    Method.RoundOutcome adjusted(MaskChange change, MethodMemory memory) {
        return finish(change.model(), before.maskVersion() + (change.changed() ? 1 : 0), before.adjustments() + 1, change.layers(), memory,
                change.model().density(), Optional.empty());
    }

    /** The round's outcome when devices have masks of their own. */
    Method.RoundOutcome personal(ModelState model, MethodMemory memory, PersonalReport report) {
        return finish(model, before.maskVersion(), before.adjustments(), List.of(), memory, report.meanDensity(), Optional.of(report));
    }

    private Method.RoundOutcome finish(ModelState model, int maskVersion, int adjustments, List<LayerAdjustment> changes,
            MethodMemory memory, double density, Optional<PersonalReport> personal) {
        Costs costs = new Costs(context.server().traffic().since(trafficBefore), flops, System.nanoTime() - startNanos);
        double loss = trained == 0 ? Double.NaN : lossSum / ((double) trained * task.epochs());
        RoundReport report = new RoundReport(task.round(), task.learningRate(), task.devices(), outcome.reporters(), outcome.failures(),
                loss, costs, dearest, density, LayerCount.of(model), changes, personal);
        MethodState after = new MethodState(task.round() + 1, model, maskVersion, adjustments, outcome.acknowledged(),
                before.costs().plus(costs), memory);
        return new Method.RoundOutcome(after, report);
    }
}
