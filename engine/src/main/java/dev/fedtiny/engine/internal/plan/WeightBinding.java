package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import java.util.concurrent.atomic.AtomicInteger;

/** Binds the layers of a session to its parameters after a load: packs those whose mask changed, layers shared out between workers. */
public final class WeightBinding {
    private final WeightedStep[] steps;
    private final AlgorithmPolicy algorithms;
    private final ParameterArrays arrays;
    private final Workers.Task task = this::bindShare;
    /** How many layers are still to be bound in the load that is under way. */
    private final AtomicInteger unbound = new AtomicInteger();
    /** What the meter books the time under. */
    public int operator;

    public WeightBinding(WeightedStep[] steps, AlgorithmPolicy algorithms, ParameterArrays arrays) {
        this.steps = steps;
        this.algorithms = algorithms;
        this.arrays = arrays;
    }

    public void run(Team team) {
        unbound.set(steps.length);
        team.run(operator, PassKind.MASK_CHANGE, task);
    }

    /** Layers go to whoever is free, the last ones first: they are the larger ones, and small ones fill up what time is left. */
    private void bindShare(int worker, int workers) {
        for (int i = unbound.decrementAndGet(); i >= 0; i = unbound.decrementAndGet()) {
            WeightedStep step = steps[i];
            Mask mask = arrays.masks[step.weightParameter()];
            step.bind(mask, algorithms, arrays.values, arrays.gradients);
        }
    }
}
