package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.tensor.NonFiniteException;

/** Softmax cross entropy over the logits of a pass, in double; the gradient is of the mean over the images. */
final class SoftmaxLoss {
    private final RunContext pass;
    private final FusedInput logits;
    private final int classes;
    private final double[] shares;

    SoftmaxLoss(RunContext pass, FusedInput logits) {
        this.pass = pass;
        this.logits = logits;
        this.classes = logits.map.shape.size();
        this.shares = new double[classes];
    }

    float logit(int image, int label) {
        return logits.map.data[logits.map.position(image, label)];
    }

    private void checkLabel(int image, int label) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException("labels: image " + image + " has label " + label + ", must be in [0, " + classes + ")");
        }
    }

    /** Refuses labels that are no classes. */
    void checkLabels(int[] labels, int count) {
        for (int image = 0; image < count; image++) {
            checkLabel(image, labels[image]);
        }
    }

    /** log Σ exp(logit) of one image, and exp(logit − max) / Σ in {@link #shares}. */
    private double softmax(int image) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            largest = Math.max(largest, logit(image, c));
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            shares[c] = StrictMath.exp(logit(image, c) - largest);
            sum += shares[c];
        }
        for (int c = 0; c < classes; c++) {
            shares[c] /= sum;
        }
        return largest + StrictMath.log(sum);
    }

    double sum(int[] labels) {
        double sum = 0;
        for (int image = 0; image < pass.count(); image++) {
            checkLabel(image, labels[image]);
            sum += softmax(image) - logit(image, labels[image]);
        }
        return sum;
    }

    /**
     * The class of largest logit; the lowest one on ties.
     *
     * @throws NonFiniteException if a logit is no number: there is no largest one then
     */
    int largest(int image) {
        int best = 0;
        for (int c = 0; c < classes; c++) {
            if (!Float.isFinite(logit(image, c))) {
                throw new NonFiniteException("session: the logit of class " + c + " of image " + image + " is " + logit(image, c)
                        + ", so no class can be predicted; look at the weights and at the image");
            }
        }
        for (int c = 1; c < classes; c++) {
            if (logit(image, c) > logit(image, best)) {
                best = c;
            }
        }
        return best;
    }

    int correct(int[] labels) {
        int correct = 0;
        checkLabels(labels, pass.count());
        for (int image = 0; image < pass.count(); image++) {
            correct += largest(image) == labels[image] ? 1 : 0;
        }
        return correct;
    }

    /** Writes the gradient of the logits; lanes without an image get 0. */
    void gradient(int[] labels) {
        for (int image = 0; image < pass.groups() * 8; image++) {
            int at = logits.gradientAt(image / 8, 0) + image % 8;
            boolean real = image < pass.count();
            if (real) {
                checkLabel(image, labels[image]);
                softmax(image);
            }
            for (int c = 0; c < classes; c++) {
                double share = real ? (shares[c] - (c == labels[image] ? 1 : 0)) / pass.count() : 0;
                logits.gradient[at + c * 8] = (float) share;
            }
        }
    }

    /** Bytes of the scratch for one image. */
    long bytes() {
        return 8L * shares.length;
    }
}
