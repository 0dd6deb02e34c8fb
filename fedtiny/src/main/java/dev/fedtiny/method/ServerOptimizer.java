package dev.fedtiny.method;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.train.UpdateRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * How the server takes the devices' average: not as it is but as a step of an optimiser, whose gradient is the average's difference
 * g = w_t − w̄ (Reddi et al., "Adaptive Federated Optimization", ICLR 2021). With {@link dev.fedtiny.engine.train.Sgd} of momentum β and
 * rate 1 this is FedAvgM (Hsu et al. 2019): v ← β·v + (w̄ − w_t), w_{t+1} = w_t + v. Any {@link UpdateRule} will do.
 *
 * <p>The step is the last thing in a round, after the method has changed its masks by the devices' average: it moves the active positions
 * of trained parameters. What the rule remembers belongs to positions, as in local training: a position that leaves the mask is forgotten,
 * one that enters was 0 and begins with nothing remembered, also when it was active once. Running statistics are averaged and never
 * carried on, since a variance could fall below 0. A round in which nobody reported takes no step, unless noise hides whether anybody did.
 * A value costs 4 bytes at the server for every number remembered, and devices nothing.
 *
 * @param rule of the step
 * @param learningRate η of the server, above 0 and finite
 */
public record ServerOptimizer(UpdateRule rule, double learningRate) {
    /** Checks the range. */
    public ServerOptimizer {
        Objects.requireNonNull(rule, "rule");
        if (!(learningRate > 0 && Float.isFinite((float) learningRate))) {
            throw new IllegalArgumentException("server optimizer: a learning rate of " + learningRate + ", expected above 0 and finite");
        }
    }

    /**
     * What a step gives.
     *
     * @param model under the masks of the averaged one
     * @param memory of the next step
     */
    public record Step(ModelState model, ServerMemory memory) {
    }

    /**
     * Takes a step.
     *
     * @param before w_t, under the masks of the round's start
     * @param averaged w̄, under the masks of its end
     * @param memory of the step before, under the masks of {@code before}
     * @return w_{t+1}, and what is remembered of it
     * @throws ArithmeticException if a value is not finite any more
     */
    public Step step(ModelState before, ModelState averaged, ServerMemory memory) {
        Network network = averaged.network();
        List<float[]> values = new ArrayList<>();
        List<float[][]> arrays = new ArrayList<>();
        for (int p = 0; p < network.parameters().size(); p++) {
            if (network.isTrained(p)) {
                Mask mask = averaged.mask(p);
                float[] start = start(before, p, mask);
                float[] gradient = difference(start, averaged.values(p));
                float[][] state = memory.of(p, before, mask, rule.state().size());
                rule.update(learningRate, memory.steps() + 1, start, gradient, state, 0, start.length);
                checkFinite(state, network.parameters().get(p).name());
                values.add(start);
                arrays.add(state);
            } else {
                values.add(averaged.values(p));
                arrays.add(new float[0][]);
            }
        }
        try {
            return new Step(ModelState.of(network, averaged.masks(), values), new ServerMemory(memory.steps() + 1, arrays));
        } catch (NonFiniteException e) {
            throw (ArithmeticException) new ArithmeticException("the server's step gave values that are not finite (" + e.getMessage()
                    + "); use a smaller server-learning-rate").initCause(e);
        }
    }

    /** An infinite second moment would leave values finite and its weights where they are for ever. */
    private void checkFinite(float[][] state, String parameter) {
        for (int a = 0; a < state.length; a++) {
            for (int i = 0; i < state[a].length; i++) {
                if (!Float.isFinite(state[a][i])) {
                    throw new ArithmeticException("the server's optimiser would remember " + rule.state().get(a) + " = " + state[a][i]
                            + " of value " + i + " of '" + parameter + "': the devices' average lies too far from the model to count with");
                }
            }
        }
    }

    /** w_t at the positions of a mask, 0 where it had none. */
    private static float[] start(ModelState before, int parameter, Mask mask) {
        Mask old = before.mask(parameter);
        float[] known = before.values(parameter);
        if (old.equals(mask)) {
            return known.clone();
        }
        float[] start = new float[mask.count()];
        for (int i = 0; i < start.length; i++) {
            int place = old.find(mask.index(i));
            start[i] = place < 0 ? 0 : known[place];
        }
        return start;
    }

    private static float[] difference(float[] from, float[] to) {
        float[] difference = new float[from.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = from[i] - to[i];
        }
        return difference;
    }
}
