package dev.fedtiny.method;

import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.federation.Deadline;
import dev.fedtiny.federation.DeviceFailure.Cause;
import dev.fedtiny.federation.MaskVersions;
import dev.fedtiny.federation.Server;
import dev.fedtiny.federation.UpdateSum;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.protocol.Update;
import dev.fedtiny.protocol.Workload;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What rounds of all methods have in common: who takes part, local training, and what it cost. */
public final class FederatedRound {
    private final FederationContext context;
    private final MethodState before;
    private final Server.Task task;
    private final IntFunction<Server.Assignment> assignments;
    private final Traffic trafficBefore;
    private final long startNanos = System.nanoTime();
    private RoundAttempts.Outcome outcome;
    private Attempt last;
    private final DeviceTally tally = new DeviceTally();
    private long flops;
    private long maxFlops;

    private FederatedRound(FederationContext context, Method method, MethodState state) {
        TrainingPlan plan = context.plan();
        plan.privacy().check(plan.robustness(), method);
        this.context = context;
        this.before = state;
        this.assignments = context.assignments(method, state);
        this.trafficBefore = context.server().traffic();
        this.task = new Server.Task(state.round(), 0, plan.epochs(), plan.batch(), method.learningRate(plan, state), List.of(),
                plan.local().classes().models());
    }

    /**
     * Does a method's round {@link MethodState#round()}.
     *
     * @param steps what the server makes of the updates, anew for every attempt
     * @param context what the method works with
     * @param method whose round it is
     * @param state before the round
     * @return the next state, and what happened
     */
    public static Method.RoundOutcome run(FederationContext context, Method method, MethodState state, Supplier<RoundStep> steps) {
        FederatedRound round = new FederatedRound(context, method, state);
        RoundAttempts attempts = new RoundAttempts(context.plan(), context.log(), state.round(), round::expectedFlops,
                round.tally);
        round.outcome = attempts.run(attempt -> context.plan().participants(context.roster(), state.round(), attempt),
                state.acknowledged(), (number, devices, acknowledged, deadline) -> {
                    round.last = round.new Attempt(steps.get());
                    return round.once(number, devices, acknowledged, deadline);
                });
        // Of too few updates nothing is used.
        return round.somebody() ? round.last.step.finish(round) : steps.get().finish(round);
    }

    /** What came of one attempt. */
    private final class Attempt implements Server.UpdateTaker {
        private final RoundStep step;
        private final SortedMap<Integer, Double> losses = new TreeMap<>();
        private final PartTally parts = new PartTally(context, before);
        private double hiddenLosses;
        private long trained;

        private Attempt(RoundStep step) {
            this.step = step;
        }

        @Override
        public void take(int device, Update update) {
            Server.Assignment assignment = assignments.apply(device);
            charge(device, assignment.task().flops(assignment.model(), work(device), update.result()));
            tally.taken(device, update, task.epochs());
            losses.put(device, update.lossSum());
            trained += update.samples() - update.result().heldOut();
            parts.take(device, update);
            step.take(device, assignment.model().masks(), update);
        }

        /** Of a single device nothing is known then but that it took part: its work is counted as it was asked for. */
        @Override
        public void takeSum(UpdateSum sum) {
            sum.devices().forEach(device -> charge(device, expectedFlops(device)));
            hiddenLosses += sum.lossSum();
            trained += sum.trained();
            step.takeSum(sum);
        }
    }

    private Server.Outcome once(int number, List<Integer> devices, MaskVersions acknowledged, Deadline deadline) {
        Server.Task asked = new Server.Task(task.round(), number, task.epochs(), task.batch(), task.learningRate(), devices,
                task.different());
        Server.Outcome once = context.server().train(asked, assignments, before.maskVersion(), acknowledged,
                context.plan().closing(), deadline, last);
        // Late devices worked, too, and those whose updates were out of proportion.
        once.failures().stream().filter(failure -> failure.cause() == Cause.LATE || failure.cause() == Cause.OUTLIER)
                .forEach(failure -> charge(failure.device(), expectedFlops(failure.device())));
        return once;
    }

    private void charge(int device, long cost) {
        flops = Exact.sum("FLOPs of a round", flops, cost);
        maxFlops = Math.max(maxFlops, tally.charged(device, cost));
    }

    private Workload work(int device) {
        return task.work(context.server().samples(device), context.server().developmentSamples(device))
                .withGrowthBatch(context.plan().local().growthBatch());
    }

    /** What a device does, known before it is asked; exact but for devices that decide by themselves; 0 where it has not said who it is. */
    private long expectedFlops(int device) {
        if (!context.server().knows(device)) {
            return 0;
        }
        Server.Assignment assignment = assignments.apply(device);
        return assignment.task().flops(assignment.model(), work(device));
    }

    /** {@return the model as it was before the round} */
    public ModelState model() {
        return before.model();
    }

    /** {@return what the method remembered before the round} */
    public AlgorithmState memory() {
        return before.memory();
    }

    /** {@return whether updates were taken: enough devices reported} */
    public boolean somebody() {
        return !outcome.participation().reporters().isEmpty();
    }

    /**
     * The round's outcome when masks stayed.
     *
     * @param model after the round, under the same masks
     * @return the next state, and what happened
     */
    public Method.RoundOutcome unchanged(ModelState model) {
        return unchanged(model, before.memory());
    }

    /**
     * The round's outcome when masks stayed and the memory did not.
     *
     * @param model after the round, under the same masks
     * @param memory what the method remembers from here on
     * @return the next state, and what happened
     */
    public Method.RoundOutcome unchanged(ModelState model, AlgorithmState memory) {
        return unchanged(model, _ -> memory);
    }

    /**
     * The round's outcome when masks stayed and the memory is of the global model's own step.
     *
     * @param model after the round, under the same masks
     * @param memory what the method remembers from here on, of the model as the server's step leaves it
     * @return the next state, and what happened
     */
    public Method.RoundOutcome unchanged(ModelState model, Function<ModelState, AlgorithmState> memory) {
        return finish(new MaskChange(model, List.of(), new GrownPositions(), false), 0, memory, model.density(), Optional.empty());
    }

    /**
     * The round's outcome when masks stayed, with figures that only this method has.
     *
     * @param model after the round, under the same masks
     * @param memory what the method remembers from here on
     * @param density the one to report: where devices have models of their own, the mean of theirs
     * @param figures what only this method has to say
     * @return the next state, and what happened
     */
    public Method.RoundOutcome unchanged(ModelState model, AlgorithmState memory, double density, RoundFigures figures) {
        return finish(new MaskChange(model, List.of(), new GrownPositions(), false), 0, _ -> memory, density, Optional.of(figures));
    }

    /**
     * The round's outcome after an adjustment of the mask.
     *
     * @param change model, masks and what grew
     * @param memory what the method remembers from here on
     * @return the next state, and what happened; one adjustment more is counted
     */
    public Method.RoundOutcome adjusted(MaskChange change, AlgorithmState memory) {
        return adjusted(change, _ -> memory);
    }

    /**
     * The round's outcome after an adjustment of the mask, when the memory is of the global model's own step.
     *
     * @param change model, masks and what grew
     * @param memory what the method remembers from here on, of the model as the server's step leaves it
     * @return the next state, and what happened; one adjustment more is counted
     */
    public Method.RoundOutcome adjusted(MaskChange change, Function<ModelState, AlgorithmState> memory) {
        return finish(change, 1, memory, change.model().density(), Optional.empty());
    }

    /** Of too few updates nothing is used, statistics of classes of devices no more than anything else. */
    private PartTally parts() {
        return somebody() ? last.parts : new PartTally(context, before);
    }

    private Method.RoundOutcome finish(MaskChange change, int adjustments, Function<ModelState, AlgorithmState> memory, double density,
            Optional<RoundFigures> figures) {
        // Where noise hides whether anybody took part the server's step, and what it remembers, must not tell.
        ServerOptimizer.Step step = context.plan().schedule().server().filter(_ -> somebody() || context.aggregation().changesByNobody())
                .map(server -> server.step(before.model(), change.model(), before.server()))
                .orElse(new ServerOptimizer.Step(change.model(), before.server()));
        ModelState model = step.model();
        Costs costs = new Costs(context.server().traffic().since(trafficBefore), flops, System.nanoTime() - startNanos);
        double lossSum = somebody() ? last.losses.values().stream().mapToDouble(sum -> sum).reduce(last.hiddenLosses, Double::sum) : 0;
        double loss = somebody() ? lossSum / ((double) last.trained * task.epochs()) : Double.NaN;
        RoundReport report = new RoundReport(task.round(), task.learningRate(), outcome.participation(), loss, costs, maxFlops,
                new RoundReport.Model(density, LayerCount.of(model), change.layers()), figures);
        MethodState after = new MethodState(task.round() + 1, model, parts().after(model, change.changed()),
                before.adjustments() + adjustments, outcome.acknowledged(), before.costs().plus(costs),
                memory.apply(model), step.memory());
        return new Method.RoundOutcome(after, report);
    }
}
