package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.federation.Robustness;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.pruning.AdjustmentSchedule;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A federated training method: a value, with no state of its own. Its parts are those of a round: {@link #init} makes the first model,
 * {@link #task} says what devices do (the {@link dev.fedtiny.device.DeviceTask} has their half), {@link #step} what the server makes of
 * their answers. Everything around that, from the choice of devices to the costs, is {@link FederatedRound}'s, in a run as in an estimate.
 */
public interface Method {
    /** {@return the name used in files, tables and on the command line} */
    String name();

    /** {@return how the papers count its training step and memory, in its rounds that adjust where it does} */
    CostClass costClass();

    /** {@return what the method promises about the density of its model} */
    DensityPromise promise();

    /** {@return when the method adjusts masks; empty: never} */
    default Optional<AdjustmentSchedule> schedule() {
        return Optional.empty();
    }

    /**
     * Whose the masks are that devices train under. A method says so in its own file; what needs one mask for all devices, or a model of
     * them all, refuses those that have none.
     *
     * @return by default {@link DeviceMasks#SHARED}, as the default of {@link #assignments} has it
     */
    default DeviceMasks masks() {
        return DeviceMasks.SHARED;
    }

    /**
     * Whether the state's round adjusts masks.
     *
     * @param state which round is next
     * @return true where it does
     */
    default boolean adjusts(MethodState state) {
        return schedule().isPresent() && schedule().get().adjusts(state.round());
    }

    /**
     * {@return whether the method itself learns from the public set, beside the pretraining that all have: then every class must be in it}
     */
    default boolean needsPublicSet() {
        return false;
    }

    /**
     * Checks that a public set serves the method.
     *
     * @param publicSet D_s
     * @throws DataException naming the classes it has no image of
     */
    default void checkPublicSet(Dataset publicSet) {
        String missing = publicSet.missingClasses();
        if (needsPublicSet() && !missing.isEmpty()) {
            throw new DataException(name() + " learns from public images of every class, there is none of class " + missing
                    + "; use more training images (max-images), another draw (seed), or a method that needs no public set");
        }
    }

    /**
     * Why the method cannot do with sums over the devices, of which nobody sees the parts ({@link dev.fedtiny.privacy}): a step that puts
     * together more than weighted means of values that lie in one order, the same model for all devices, or growth that is no ballot
     * ({@link LocalTask#ballots}). A method that can overrides this, and {@link RoundStep#takeSum}.
     *
     * @param robustness how the server puts updates together
     * @return one clause; by default that the method does not say that it can; empty: sums are enough
     */
    default Optional<String> refusesSums(Robustness robustness) {
        return Optional.of("it does not declare that sums over the devices are all it needs");
    }

    /**
     * Why differential privacy would not hold with the method: it takes something from devices that lies outside of the mechanism, which
     * covers their values alone. A method that takes nothing else overrides this.
     *
     * @param robustness how the server puts updates together
     * @return one clause; by default that the method does not say that it can; empty: it holds
     */
    default Optional<String> refusesNoise(Robustness robustness) {
        return Optional.of("it does not declare that the devices' values are all it takes");
    }

    /**
     * Makes the model of the first round: pretraining, and what the method does once before the rounds.
     *
     * @param context what it works with
     * @return the state before round 0, and the report
     * @throws IllegalArgumentException if a setting does not fit the network, in one sentence: a density that leaves a layer without a
     *         weight, for example, whose message names the smallest possible one
     */
    InitOutcome init(FederationContext context);

    /**
     * The model that an estimate starts from when nothing is trained for it: the active counts should be those that {@link #init} gives, or
     * near.
     *
     * @param initial dense, with initial weights
     * @return by default the initial weights, pruned by magnitude to one density in every layer
     */
    default ModelState expectedStart(ModelState initial) {
        return costClass() == CostClass.DENSE ? initial : Magnitude.uniform(initial, promise().density());
    }

    /**
     * What {@link #init} would remember of a start, for an estimate in which nothing is trained. Needed only where {@link #task} or
     * {@link #assignments} look at the memory.
     *
     * @param start the model that the estimate starts from
     * @param devices K
     * @return by default none
     */
    default AlgorithmState expectedMemory(ModelState start, int devices) {
        return new AlgorithmState.None();
    }

    /**
     * The most bytes that what the method remembers ({@link AlgorithmState}) takes of the server's heap, and of a checkpoint, for devices;
     * what does not grow with their number is left out.
     *
     * @param network of the run
     * @param devices that take part at least once
     * @return by default 0
     */
    default long longestMemory(Network network, int devices) {
        return 0;
    }

    /**
     * FLOPs of scores by which the server chooses the first mask, told before the run; what {@link #init} reports as
     * {@link ScoringReport}.
     *
     * @param publicImages |D_s|
     * @param plan what all methods have in common
     * @return by default 0
     */
    default long scoringFlops(TrainingPlan plan, int publicImages) {
        return 0;
    }

    /**
     * Chooses the first mask among candidates with the devices' help, as {@link #init} does: an estimate does it with devices that do not
     * train. Empty for a method that does not.
     *
     * @param pretrained the dense model, or initial weights in its place
     * @param context what it works with
     * @return what the candidates scored and which was chosen
     */
    default Optional<SelectionReport> select(FederationContext context, ModelState pretrained) {
        return Optional.empty();
    }

    /**
     * What devices do in the state's round: a pure function of the state, from which and the masks alone FLOPs and bytes follow.
     *
     * @param state before the round
     * @return the task of every device that takes part
     */
    LocalTask task(MethodState state);

    /**
     * Why devices cannot hold parts of the method's model, nested in its mask. A method whose {@link #step} puts parts together says in its
     * own file that they can: by {@link RoundStep#take(int, java.util.List, dev.fedtiny.protocol.Update)} and, where {@link #taskOfPart} by
     * default is not what such devices do, by that.
     *
     * @return in words that end a sentence, by default that it does not say how; empty where they can
     */
    default Optional<String> refusesParts() {
        return Optional.of(switch (masks()) {
            case SHARED -> name() + " does not say what devices do that hold a part of its model";
            case CHANGED_BY_DEVICES -> "with " + name() + " devices change their masks themselves";
            case OWN -> "with " + name() + " devices have masks of their own";
        });
    }

    /**
     * What devices do in the state's round that hold a part of the model. Gradients at pruned positions are asked of devices that hold the
     * whole: to the others a pruned position and one that is not theirs are the same.
     *
     * @param state before the round
     * @return by default what all do, or where that needs gradients at pruned positions training alone
     */
    default LocalTask taskOfPart(MethodState state) {
        LocalTask task = task(state);
        return task.grows() ? new PlainTraining() : task;
    }

    /**
     * What every device gets in the state's round: the model and the task, unless devices have models of their own.
     *
     * @param state before the round
     * @return by number of the device, what it gets
     */
    default IntFunction<Server.Assignment> assignments(MethodState state) {
        Server.Assignment same = new Server.Assignment(state.model(), task(state));
        return _ -> same;
    }

    /**
     * Why the server must take the devices' average as it is, and not as a step of an optimiser ({@link ServerOptimizer}).
     *
     * @return one clause; by default empty: it need not
     */
    default Optional<String> refusesServerStep() {
        return Optional.empty();
    }

    /**
     * The learning rate of the state's round.
     *
     * @param plan has the schedule
     * @param state before the round
     * @return by default the plan's
     */
    default double learningRate(TrainingPlan plan, MethodState state) {
        return plan.learningRate(state.round());
    }

    /**
     * The server's half of the state's round: made anew whenever the round is attempted.
     *
     * @param context what it works with
     * @param state before the round
     * @return takes the updates of one attempt
     */
    RoundStep step(FederationContext context, MethodState state);

    /**
     * Does the round {@link MethodState#round()}: {@link FederatedRound} with this method's {@link #step}. Not to be overridden: an
     * estimate does the round with another step.
     *
     * @param state the state after {@code init} or the round before
     * @param context what it works with
     * @return the next state, and what happened
     */
    default RoundOutcome round(FederationContext context, MethodState state) {
        return FederatedRound.run(context, this, state, () -> step(context, state));
    }

    /**
     * What the state is worth on the test set: the global model's score, unless devices have models of their own.
     *
     * @param context has the test set
     * @param state after a round
     * @return loss and accuracy
     */
    default TestResult evaluate(FederationContext context, MethodState state) {
        return context.evaluate(state.model());
    }

    /**
     * Active share of the prunable weights: the global model's, or where devices have models of their own the mean of theirs.
     *
     * @param state after a round
     * @return in (0, 1]
     */
    default double density(MethodState state) {
        return state.model().density();
    }

    /**
     * What a method's start gives.
     *
     * @param state before the first round
     * @param report of pretraining and stage one, with their own cost lines
     */
    record InitOutcome(MethodState state, InitReport report) {
    }

    /**
     * What a round gives.
     *
     * @param state of the next round
     * @param report of this round
     */
    record RoundOutcome(MethodState state, RoundReport report) {
    }
}
