package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.tensor.Shape;

/**
 * Binary cross entropy of logits: −t·log σ(x) − (1 − t)·log(1 − σ(x)), the mean over all outputs of all images, as
 * {@code torch.nn.BCEWithLogitsLoss}; computed as max(x, 0) − x·t + log(1 + exp(−|x|)), which does not overflow. Targets are one value in
 * [0, 1] an output, N,C,H,W.
 */
public record BinaryCrossEntropy() implements Loss<float[]> {
    @Override
    public void check(Shape output, int images, float[] targets) {
        Targets.checkShares("binary cross entropy", output, images, targets);
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
            double x = values[i];
            double t = targets[first + i];
            double e = StrictMath.exp(-Math.abs(x));
            sum += Math.max(x, 0) - x * t + StrictMath.log1p(e);
            values[i] = (x >= 0 ? 1 : e) / (1 + e) - t;
        }
        return sum;
    }
}
