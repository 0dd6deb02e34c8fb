package dev.fedtiny.method;

import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.federation.Aggregation;
import dev.fedtiny.federation.PartSum;
import dev.fedtiny.federation.Server;
import dev.fedtiny.federation.UpdateSum;
import dev.fedtiny.protocol.Update;
import java.util.List;

/**
 * The server's half of a round: takes the devices' updates, in any order, and makes the next state of them, which must not depend on that
 * order. Made anew for every attempt at a round.
 */
public interface RoundStep extends Server.UpdateTaker {
    /**
     * As {@link #take(int, Update)}, of a device that was sent these masks.
     *
     * @param device whose update it is
     * @param sent one mask a parameter: the model's, or those of a part of it
     * @param update only to be read; its arrays may be kept
     */
    default void take(int device, List<Mask> sent, Update update) {
        take(device, update);
    }

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
        PartSum sum = rule.parts(state.model());
        return new RoundStep() {
            @Override
            public void take(int device, Update update) {
                take(device, state.model().masks(), update);
            }

            @Override
            public void take(int device, List<Mask> sent, Update update) {
                sum.add(rule.weight(update.samples()), sent, update.values());
            }

            @Override
            public void takeSum(UpdateSum together) {
                sum.merge(together.values());
            }

            @Override
            public Method.RoundOutcome finish(FederatedRound round) {
                return round.unchanged(round.somebody() || rule.changesByNobody() ? sum.model() : round.model());
            }
        };
    }
}
