package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.tensor.Shape;

/**
 * y = γ·(x − μ)/√(σ² + ε) + β a channel. In training μ and σ² are mean and biased variance of the batch over N, H and W, and the
 * running statistics move by the momentum towards the mean and the unbiased variance; in inference they are the running statistics.
 *
 * @param shape C × H × W of an image
 * @param epsilon ε
 * @param momentum share of the batch in the running statistics
 */
public record BatchNorm2dReference(Shape shape, double epsilon, double momentum) {
    /** With PyTorch's usual ε and momentum. */
    public BatchNorm2dReference(Shape shape) {
        this(shape, 1e-5, 0.1);
    }

    /**
     * Statistics of a batch, one value a channel.
     *
     * @param mean μ
     * @param variance σ², biased
     */
    public record Statistics(double[] mean, double[] variance) {
    }

    /**
     * Gradients of the training form.
     *
     * @param x dL/dx
     * @param gamma dL/dγ
     * @param beta dL/dβ
     */
    public record Gradients(double[] x, double[] gamma, double[] beta) {
    }

    /** Mean and biased variance of a batch. */
    public Statistics statistics(double[] x) {
        Channels channels = Channels.of(shape);
        double count = (double) x.length / shape.channels();
        double[] mean = channels.sums(x);
        for (int c = 0; c < mean.length; c++) {
            mean[c] /= count;
        }
        double[] squares = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double deviation = x[i] - mean[channels.channel(i)];
            squares[i] = deviation * deviation;
        }
        double[] variance = channels.sums(squares);
        for (int c = 0; c < variance.length; c++) {
            variance[c] /= count;
        }
        return new Statistics(mean, variance);
    }

    /** y under given statistics: the batch's own in training, the running ones in inference. */
    public double[] apply(double[] x, Statistics statistics, double[] gamma, double[] beta) {
        Channels channels = Channels.of(shape);
        double[] normalized = normalized(x, statistics);
        for (int i = 0; i < x.length; i++) {
            int c = channels.channel(i);
            normalized[i] = gamma[c] * normalized[i] + beta[c];
        }
        return normalized;
    }

    private double[] normalized(double[] x, Statistics statistics) {
        Channels channels = Channels.of(shape);
        double[] normalized = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = channels.channel(i);
            normalized[i] = (x[i] - statistics.mean()[c]) / Math.sqrt(statistics.variance()[c] + epsilon);
        }
        return normalized;
    }

    /** The running mean after a batch. */
    public double[] runningMean(double[] before, Statistics batch) {
        double[] after = new double[before.length];
        for (int c = 0; c < after.length; c++) {
            after[c] = (1 - momentum) * before[c] + momentum * batch.mean()[c];
        }
        return after;
    }

    /** The running variance after a batch of {@code images} images. */
    public double[] runningVariance(int images, double[] before, Statistics batch) {
        double count = (double) images * shape.pixels();
        double[] after = new double[before.length];
        for (int c = 0; c < after.length; c++) {
            after[c] = (1 - momentum) * before[c] + momentum * batch.variance()[c] * count / (count - 1);
        }
        return after;
    }

    /** Gradients through the batch's own statistics. */
    public Gradients gradients(double[] x, Statistics batch, double[] gamma, double[] dy) {
        Channels channels = Channels.of(shape);
        double count = (double) x.length / shape.channels();
        double[] normalized = normalized(x, batch);
        double[] products = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            products[i] = dy[i] * normalized[i];
        }
        double[] dGamma = channels.sums(products);
        double[] dBeta = channels.sums(dy);
        double[] dx = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = channels.channel(i);
            dx[i] = gamma[c] / Math.sqrt(batch.variance()[c] + epsilon) * (dy[i] - dBeta[c] / count - normalized[i] * dGamma[c] / count);
        }
        return new Gradients(dx, dGamma, dBeta);
    }

    /** Gradients of training on given statistics, which do not depend on the batch. */
    public Gradients frozenGradients(double[] x, Statistics given, double[] gamma, double[] dy) {
        Channels channels = Channels.of(shape);
        double[] products = normalized(x, given);
        double[] dx = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = channels.channel(i);
            products[i] *= dy[i];
            dx[i] = gamma[c] / Math.sqrt(given.variance()[c] + epsilon) * dy[i];
        }
        return new Gradients(dx, channels.sums(products), channels.sums(dy));
    }
}
