package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;

/**
 * Cross entropy of logits against labels, as {@code torch.nn.CrossEntropyLoss}: with label y, classes K, smoothing e and class weights w,
 * (1 − e)·w_y·(−log p_y) + e/K·Σ_k w_k·(−log p_k), p = softmax(x) over the channels; the sum is divided by Σ w_y, which without weights is
 * the number of labels. Targets are one label in [0, K) an image, or, where outputs have more than one pixel, one a pixel, N,H,W.
 *
 * @param labelSmoothing e, in [0, 1]; 0: none
 * @param weights w
 */
public record CrossEntropy(double labelSmoothing, ClassWeights weights) implements Loss<int[]> {
    /** Checks the range. */
    public CrossEntropy {
        checkSmoothing(labelSmoothing);
        Given.notNull(weights, "cross entropy: weights", "one weight a class, or ClassWeights.EQUAL");
    }

    /** Without smoothing and weights. */
    public CrossEntropy() {
        this(0, ClassWeights.EQUAL);
    }

    static void checkSmoothing(double labelSmoothing) {
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
            throw new IllegalArgumentException("cross entropy: label smoothing " + labelSmoothing + ", must be in [0, 1]");
        }
    }

    @Override
    public void check(Shape output, int images, int[] labels) {
        weights.checkClasses(output.channels());
        if (labels.length != (long) images * output.pixels()) {
            throw new IllegalArgumentException("cross entropy: " + labels.length + " labels; " + images + " images with outputs of "
                    + output + " need " + (long) images * output.pixels() + (output.pixels() == 1 ? ", one an image" : ", one a pixel"));
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= output.channels()) {
                throw new IllegalArgumentException("cross entropy: image " + i / output.pixels()
                        + (output.pixels() == 1 ? "" : ", pixel " + i % output.pixels()) + " has label " + labels[i] + ", must be in [0, "
                        + output.channels() + ")");
            }
        }
    }

    @Override
    public double divisor(Shape output, int images, int[] labels) {
        if (weights.equal()) {
            return (double) images * output.pixels();
        }
        double sum = 0;
        for (int i = 0; i < images * output.pixels(); i++) {
            sum += weights.of(labels[i]);
        }
        if (!(sum > 0)) {
            throw new IllegalArgumentException("cross entropy: all labels of the batch are of classes with weight 0, so there is no mean; "
                    + "leave such batches out, or take the sum (summed())");
        }
        return sum;
    }

    @Override
    public double differentiate(Shape output, double[] values, int image, int[] labels) {
        int stride = output.pixels();
        double sum = 0;
        for (int pixel = 0; pixel < stride; pixel++) {
            int label = labels[image * stride + pixel];
            sum += labelSmoothing == 0 ? plain(values, pixel, stride, output.channels(), label)
                    : smoothed(values, pixel, stride, output.channels(), label);
        }
        return sum;
    }

    private double plain(double[] x, int from, int stride, int classes, int label) {
        double weight = weights.of(label);
        double logit = x[from + label * stride];
        double loss = Softmax.inPlace(x, from, stride, classes) - logit;
        x[from + label * stride] -= 1;
        for (int c = 0; c < classes; c++) {
            x[from + c * stride] *= weight;
        }
        return weight * loss;
    }

    private double smoothed(double[] x, int from, int stride, int classes, int label) {
        double total = 0;
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double share = share(c, label, classes);
            total += share;
            sum += share * x[from + c * stride];
        }
        double logTotal = Softmax.inPlace(x, from, stride, classes);
        for (int c = 0; c < classes; c++) {
            x[from + c * stride] = total * x[from + c * stride] - share(c, label, classes);
        }
        return total * logTotal - sum;
    }

    /** What −log p_c is multiplied by. */
    private double share(int c, int label, int classes) {
        return labelSmoothing / classes * weights.of(c) + (c == label ? (1 - labelSmoothing) * weights.of(label) : 0);
    }
}
