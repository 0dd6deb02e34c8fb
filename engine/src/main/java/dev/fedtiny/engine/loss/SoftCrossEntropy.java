package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;

/**
 * Cross entropy of logits against probabilities of the classes, as {@code torch.nn.CrossEntropyLoss} has it for targets of floats: with
 * targets t, classes K, smoothing e and class weights w, Σ_k w_k·((1 − e)·t_k + e/K)·(−log p_k), p = softmax(x) over the channels; the mean
 * over the images, and over the pixels where an output has more than one. Targets are one value in [0, 1] an output, N,C,H,W.
 *
 * <p>Nothing is normalised: targets of an image (or pixel) need not sum to 1, as PyTorch does not ask for it either. Where they sum to s,
 * their part of the loss, without smoothing, is s times that of t/s, and they are counted once in the mean all the same: an image whose
 * targets are all 0 has no loss and no gradient, and one of several classes with 1 each has the sum of the losses of these labels.
 *
 * @param labelSmoothing e, in [0, 1]; 0: none
 * @param weights w
 */
public record SoftCrossEntropy(double labelSmoothing, ClassWeights weights) implements Loss<float[]> {
    /** Checks the range. */
    public SoftCrossEntropy {
        CrossEntropy.checkSmoothing(labelSmoothing);
        Given.notNull(weights, "soft cross entropy: weights", "one weight a class, or ClassWeights.EQUAL");
    }

    /** Without smoothing and weights. */
    public SoftCrossEntropy() {
        this(0, ClassWeights.EQUAL);
    }

    @Override
    public void check(Shape output, int images, float[] targets) {
        weights.checkClasses(output.channels());
        Targets.checkShares("soft cross entropy", output, images, targets);
    }

    @Override
    public double divisor(Shape output, int images, float[] targets) {
        return (double) images * output.pixels();
    }

    @Override
    public double differentiate(Shape output, double[] values, int image, float[] targets) {
        int stride = output.pixels();
        double loss = 0;
        for (int pixel = 0; pixel < stride; pixel++) {
            loss += pixel(values, pixel, stride, output.channels(), targets, image * output.size() + pixel);
        }
        return loss;
    }

    private double pixel(double[] x, int from, int stride, int classes, float[] targets, int first) {
        double total = 0;
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double share = share(c, classes, targets[first + c * stride]);
            total += share;
            sum += share * x[from + c * stride];
        }
        double logTotal = Softmax.inPlace(x, from, stride, classes);
        for (int c = 0; c < classes; c++) {
            x[from + c * stride] = total * x[from + c * stride] - share(c, classes, targets[first + c * stride]);
        }
        return total * logTotal - sum;
    }

    /** What −log p_c is multiplied by. */
    private double share(int c, int classes, float target) {
        return weights.of(c) * ((1 - labelSmoothing) * target + labelSmoothing / classes);
    }
}
