package dev.fedtiny.method;

/**
 * A federated training method: a value, with no state of its own. Calling {@code round} twice with equal states gives equal bits.
 */
public sealed interface Method permits FedTiny, FedAvg {
    /** The name used in files, tables and on the command line. */
    String name();

    /** What the method promises about the density of its model. */
    DensityPromise promise();

    /**
     * Makes the model of round 0: pretraining, and what the method does once before the rounds.
     *
     * @throws IllegalArgumentException if a setting does not fit the network, in one sentence
     */
    InitOutcome init(FederationContext context);

    /**
     * Does the round {@link MethodState#round()}.
     *
     * @param state the state after {@code init} or the round before
     */
    RoundOutcome round(FederationContext context, MethodState state);

    /**
     * What a method's start gives.
     *
     * @param state of round 0
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
