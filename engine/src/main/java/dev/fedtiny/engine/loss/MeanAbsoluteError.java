package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.tensor.Shape;

/**
 * |y − t|, the mean over all outputs of all images, as {@code torch.nn.L1Loss}; its gradient is 0 where y = t. Targets are one finite value
 * an output, N,C,H,W.
 */
public record MeanAbsoluteError() implements Loss<float[]> {
    @Override
    public void check(Shape output, int images, float[] targets) {
        Targets.checkValues("mean absolute error", output, images, targets);
    }

    @Override
    public double divisor(Shape output, int images, float[] targets) {
        return Targets.all(output, images);
    }

    @Override
    public double differentiate(Shape output, double[] values, int image, float[] targets) {
        int first = image * output.size();
        double sum = 0;
        for (int i = 0; i < output.size(); i++) {
            double difference = values[i] - targets[first + i];
            sum += Math.abs(difference);
            values[i] = Math.signum(difference);
        }
        return sum;
    }
}
