package dev.fedtiny.method;

import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.Baseline;
import dev.fedtiny.federation.Server;
import dev.fedtiny.protocol.Update;

/**
 * The server's half of a round: takes the devices' updates, in any order, and makes the next state of them, which must not depend on that
 * order. Made anew for every attempt at a round.
 */
public interface RoundStep extends Server.UpdateTaker {
    /**
     * What the round comes to, after the last update; also where none was taken. Called once.
     *
     * @param round what all rounds have in common; makes the outcome
     * @return the next state, and what happened
     */
    Method.RoundOutcome finish(FederatedRound round);

    /**
     * A round under a mask that stays: the devices' values put together, and nothing else.
     *
     * @param context has the rule of aggregation
     * @param state before the round
     * @return a step for one attempt
     */
    static RoundStep average(FederationContext context, MethodState state) {
        Aggregation rule = context.aggregation();
        Aggregation.Average average = rule.average(Baseline.of(state.model()));
        return new RoundStep() {
            @Override
            public void take(int device, Update update) {
                average.add(rule.weight(update.samples()), update.values());
            }

            @Override
            public Method.RoundOutcome finish(FederatedRound round) {
                return round.unchanged(round.somebody() ? average.in(round.model()) : round.model());
            }
        };
    }
}
