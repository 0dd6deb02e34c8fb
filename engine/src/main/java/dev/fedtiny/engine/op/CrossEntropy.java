package dev.fedtiny.engine.op;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;

/** Softmax and the mean cross entropy against labels. */
public final class CrossEntropy {
    private static final dev.fedtiny.engine.loss.CrossEntropy LOSS = new dev.fedtiny.engine.loss.CrossEntropy();

    private CrossEntropy() {
    }

    /**
     * The loss and its gradient.
     *
     * @param loss mean over the images
     * @param gradient of the mean, as the logits
     */
    public record Result(double loss, Tensor gradient) {
    }

    /**
     * Computes both.
     *
     * @param logits N × classes × 1 × 1
     * @param labels one an image
     * @return the mean loss of the batch and its gradient by the logits
     * @throws IllegalArgumentException if there is not one label an image, or one out of range
     * @throws NonFiniteException naming the first image of which a logit is NaN or infinite
     */
    public static Result of(Tensor logits, int[] labels) {
        Given.notNull(logits, "cross entropy: logits", "a tensor of N × classes × 1 × 1");
        Given.notNull(labels, "cross entropy: labels", "one an image");
        Shape classes = Shape.features(logits.shape().size());
        LOSS.check(classes, logits.images(), labels);
        float[] values = logits.toNchw();
        double[] one = new double[classes.size()];
        double sum = 0;
        for (int image = 0; image < labels.length; image++) {
            for (int c = 0; c < one.length; c++) {
                one[c] = values[image * one.length + c];
            }
            sum += LOSS.differentiate(classes, one, image, labels);
            if (!Double.isFinite(sum)) {
                throw new NonFiniteException("cross entropy: the loss of image " + image + " is no number; look at its logits");
            }
            for (int c = 0; c < one.length; c++) {
                values[image * one.length + c] = (float) (one[c] / labels.length);
            }
        }
        return new Result(sum / labels.length, Tensor.ofNchw(logits.images(), logits.shape(), values));
    }
}
