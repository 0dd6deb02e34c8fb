package dev.fedtiny.engine.train;

import dev.fedtiny.engine.layer.Parameter;
import java.util.List;

/**
 * The arithmetic of an optimiser: what it remembers of a value, and one step. An immutable value; every value is updated by itself, in
 * any order and by any thread. An application's own rule is one class with two methods.
 */
public interface UpdateRule extends Optimizer {
    /**
     * {@return what files of an optimiser's state call the rule: they are refused by a rule called otherwise, whose numbers would mean
     * something else} Those of PyTorch's rules are {@code sgd}, {@code adam}, {@code adamw} and {@code rmsprop}; one's own is called by its
     * class, and better by a name that stays when the class is renamed.
     */
    default String kind() {
        return getClass().getName();
    }

    /** {@return names of what is remembered of every value, one float each, zero at first} Files of an optimiser's state call them so. */
    List<String> state();

    /**
     * Updates some values of a parameter. Allocates nothing.
     *
     * @param rate learning rate of the step, with the parameter's factor
     * @param step of the optimiser, from 1
     * @param values of the parameter, in the order of its mask
     * @param gradient of them
     * @param state one array for every name of {@link #state()}, as long as the values
     * @param from first value to update
     * @param to end of the values to update
     */
    void update(double rate, long step, float[] values, float[] gradient, float[][] state, int from, int to);

    @Override
    default UpdateRule rule(Parameter parameter) {
        return this;
    }
}
