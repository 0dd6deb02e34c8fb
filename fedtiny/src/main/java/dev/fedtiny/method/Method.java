package dev.fedtiny.method;

import dev.fedtiny.cost.CostClass;
import dev.fedtiny.data.DataException;
import dev.fedtiny.data.Dataset;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.protocol.LocalTask;
import dev.fedtiny.pruning.AdjustmentSchedule;
import dev.fedtiny.pruning.Magnitude;
import java.util.List;
import java.util.Optional;

/**
 * A federated training method: a value, with no state of its own. Calling {@code round} twice with equal states gives equal bits.
 */
public interface Method {
    /** The name used in files, tables and on the command line. */
    String name();

    /** How the papers count its training step and memory, in its rounds that adjust where it does. */
    CostClass costClass();

    /** What the method promises about the density of its model. */
    DensityPromise promise();

    /** When the method adjusts masks; empty: never. */
    default Optional<AdjustmentSchedule> schedule() {
        return Optional.empty();
    }

    /** Whether the method itself learns from the public set, beside the pretraining that all have: then every class must be in it. */
    default boolean needsPublicSet() {
        return false;
    }

    /**
     * Checks that a public set serves the method.
     *
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
     * Makes the model of the first round: pretraining, and what the method does once before the rounds.
     *
     * @throws IllegalArgumentException if a setting does not fit the network, in one sentence: a density that leaves a layer without a
     *         weight, for example, whose message names the smallest possible one
     */
    InitOutcome init(FederationContext context);

    /**
     * The model that an estimate starts from when nothing is trained for it: the kept counts should be those that {@link #init} gives, or
     * near.
     *
     * @param initial dense, with initial weights
     */
    default ModelState expectedStart(ModelState initial) {
        return costClass() == CostClass.DENSE ? initial : Magnitude.uniform(initial, promise().density());
    }

    /**
     * FLOPs of scores by which the server chooses the first mask, told before the run; what {@link #init} reports as
     * {@link ScoringReport}.
     *
     * @param publicImages |D_s|
     */
    default long scoringFlops(TrainingPlan plan, int publicImages) {
        return 0;
    }

    /**
     * Cost of choosing the first mask among candidates with the devices' help, told before the run; what {@link #init} reports as
     * {@link SelectionReport}. Empty for a method that does not.
     *
     * @param pretrained the dense model, or initial weights in its place
     * @param samples n_k of every device
     */
    default Optional<SelectionEstimate> expectedSelection(TrainingPlan plan, ModelState pretrained, List<Integer> samples) {
        return Optional.empty();
    }

    /**
     * What devices do in the state's round besides training: a pure function of the state, from which and the masks alone
     * {@link dev.fedtiny.device.LocalCost} tells FLOPs and {@link dev.fedtiny.protocol.MessageSizes} bytes, before or after the fact.
     */
    LocalTask task(MethodState state);

    /** The learning rate of a round. */
    default double learningRate(TrainingPlan plan, int round) {
        return FederatedRound.learningRate(plan, round);
    }

    /** What the state is worth on the test set: the global model's score, unless devices have models of their own. */
    default TestResult evaluate(FederationContext context, MethodState state) {
        return context.evaluate(state.model());
    }

    /** Kept share of the prunable weights: the global model's, or where devices have models of their own the mean of theirs. */
    default double density(MethodState state) {
        return state.model().density();
    }

    /**
     * Does the round {@link MethodState#round()}.
     *
     * @param state the state after {@code init} or the round before
     */
    RoundOutcome round(FederationContext context, MethodState state);

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
