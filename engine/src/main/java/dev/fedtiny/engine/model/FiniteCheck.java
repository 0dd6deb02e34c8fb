package dev.fedtiny.engine.model;

import dev.fedtiny.engine.tensor.NonFiniteException;

/** Whether a session looks for values that are no numbers, and names the first one in a {@link NonFiniteException}. */
public enum FiniteCheck {
    /**
     * Images, values that are loaded, gradients that are handed in, batch statistics, logits, gradients of parameters, and values and
     * state after an optimiser's step. Layers are searched only once something was found. The cost is that of reading images, active
     * weights and the optimiser's state once more.
     */
    ON,
    /** Computes with whatever comes. Only what has no meaning is refused, such as the predicted class of logits that are NaN. */
    OFF
}
