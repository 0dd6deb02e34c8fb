package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;

/**
 * A loss over one output of a network. It is computed image by image, in double, in the order of the images and by one thread, so its bits
 * depend on nothing else. The loss of a batch is the sum over the images divided by {@link #divisor}, and so is its gradient.
 *
 * @param <T> the targets of a batch: labels ({@code int[]}), values ({@code float[]}, N,C,H,W), or a type of the application's own
 */
public interface Loss<T> extends Objective<T> {
    /**
     * Refuses targets that do not fit. Called before anything is computed.
     *
     * @param output the shape of one image's output
     * @param images of the batch
     * @param targets of the images of the batch
     * @throws IllegalArgumentException naming what does not fit
     * @throws dev.fedtiny.engine.tensor.NonFiniteException naming the first target that is NaN or infinite
     */
    void check(Shape output, int images, T targets);

    /**
     * {@return what the sum over the images is divided by; above 0} Losses of this package divide by what their Javadoc says.
     *
     * @param output the shape of one image's output
     * @param images of the batch
     * @param targets of the images of the batch
     * @throws IllegalArgumentException if these targets have no mean, saying why; {@link #summed} is not asked
     */
    double divisor(Shape output, int images, T targets);

    /**
     * The loss of one image, undivided, and its gradient.
     *
     * @param output the shape of {@code values}
     * @param values the image's outputs in C,H,W order; in their place the gradient of the loss by each of them is left
     * @param image its place in the batch
     * @param targets of the images of the batch
     * @return the loss
     */
    double differentiate(Shape output, double[] values, int image, T targets);

    /** This loss alone. */
    @Override
    default void terms(T targets, Terms terms) {
        terms.add(1, this, targets);
    }

    /**
     * {@return this loss alone, over one of several outputs}
     *
     * @param output its name
     */
    default Objective<T> on(String output) {
        Given.notNull(output, "loss: output", "a name of Network.outputs()");
        return (targets, terms) -> terms.add(output, 1, this, targets);
    }

    /** {@return this loss without its divisor: the sum over the images, as PyTorch's {@code reduction="sum"}} */
    default Loss<T> summed() {
        return new SummedLoss<>(this);
    }
}
