package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.tensor.Shape;

/** A loss whose sum over the images is not divided. */
record SummedLoss<T>(Loss<T> loss) implements Loss<T> {
    @Override
    public void check(Shape output, int images, T targets) {
        loss.check(output, images, targets);
    }

    @Override
    public double divisor(Shape output, int images, T targets) {
        return 1;
    }

    @Override
    public double differentiate(Shape output, double[] values, int image, T targets) {
        return loss.differentiate(output, values, image, targets);
    }
}
