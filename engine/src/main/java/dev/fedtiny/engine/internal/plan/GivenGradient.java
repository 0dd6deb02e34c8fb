package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.tensor.Shape;

/**
 * A gradient of the outputs that somebody else computed, N,C,H,W, in place of a loss; what it is the gradient of is not known.
 *
 * @param search refuses values that are no numbers; null where nobody does
 */
record GivenGradient(NonFiniteSearch search) implements Loss<float[]> {
    @Override
    public void check(Shape output, int images, float[] gradient) {
        if (gradient.length != images * output.size()) {
            throw new IllegalArgumentException("session: " + images + " outputs of " + output + " need " + images * output.size()
                    + " gradient values, got " + gradient.length);
        }
        if (search != null) {
            search.checkOutputGradient(gradient, output.size());
        }
    }

    @Override
    public double divisor(Shape output, int images, float[] gradient) {
        return 1;
    }

    @Override
    public double differentiate(Shape output, double[] values, int image, float[] gradient) {
        for (int i = 0; i < values.length; i++) {
            values[i] = gradient[image * values.length + i];
        }
        return 0;
    }
}
