package dev.fedtiny.engine.op;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Tensor;

/** The sum of two tensors; the gradient of either is the output's. */
public final class Add {
    private Add() {
    }

    /**
     * {@return the sum, as a new tensor}
     *
     * @param left one summand
     * @param right the other, of the same shape, images and layout
     * @throws IllegalArgumentException if shapes, images or layouts differ
     */
    public static Tensor forward(Tensor left, Tensor right) {
        Given.notNull(left, "add: left", "a tensor");
        Given.notNull(right, "add: right", "a tensor");
        if (!left.shape().equals(right.shape()) || left.images() != right.images() || !left.layout().equals(right.layout())) {
            throw new IllegalArgumentException("add: " + left.images() + " images of " + left.shape() + " and " + right.images() + " of "
                    + right.shape() + "; expected two tensors of one shape and layout");
        }
        Tensor sum = Tensor.zeros(left.images(), left.shape(), left.layout());
        System.arraycopy(left.data(), 0, sum.data(), 0, sum.data().length);
        KernelRegistry.current().elementwise().add(right.data(), 0, sum.data(), 0, sum.data().length);
        return sum;
    }
}
