package dev.fedtiny.engine.testing;

/**
 * Cross entropy of the softmax of the logits against labels.
 *
 * @param classes logits of an image
 */
public record CrossEntropyReference(int classes) {
    /** Σ over the images of log Σ exp(logit) − logit of the label. */
    public double lossSum(double[] logits, int[] labels) {
        double sum = 0;
        for (int n = 0; n < logits.length / classes; n++) {
            sum += logOfSum(logits, n) - logits[n * classes + labels[n]];
        }
        return sum;
    }

    /** The gradient of the mean over the images: (softmax − one-hot) / N. */
    public double[] meanGradient(double[] logits, int[] labels) {
        int images = logits.length / classes;
        double[] gradient = new double[logits.length];
        for (int n = 0; n < images; n++) {
            double logOfSum = logOfSum(logits, n);
            for (int c = 0; c < classes; c++) {
                double softmax = Math.exp(logits[n * classes + c] - logOfSum);
                gradient[n * classes + c] = (softmax - (c == labels[n] ? 1 : 0)) / images;
            }
        }
        return gradient;
    }

    /** Images whose largest logit, the lowest class on ties, is the label. */
    public int correct(double[] logits, int[] labels) {
        int correct = 0;
        for (int n = 0; n < logits.length / classes; n++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = logits[n * classes + c] > logits[n * classes + best] ? c : best;
            }
            correct += best == labels[n] ? 1 : 0;
        }
        return correct;
    }

    private double logOfSum(double[] logits, int image) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            largest = Math.max(largest, logits[image * classes + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[image * classes + c] - largest);
        }
        return largest + Math.log(sum);
    }
}
