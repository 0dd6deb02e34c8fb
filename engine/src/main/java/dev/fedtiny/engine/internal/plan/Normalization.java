package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Layout;
import java.util.List;

/**
 * A batch normalisation in a session: γ, β and running statistics (live arrays of the session), the batch's statistics as partial
 * results of each image group, and the coefficients that readers and the backward pass apply. Partials are joined in group order, in
 * double.
 */
public final class Normalization {
    /** γ, β, running mean and running variance follow each other. */
    static final int PARAMETERS = 4;

    final int gammaParameter;
    final int channels;
    private final BatchNorm2d layer;
    /** Forward coefficients: scale·z + shift. */
    final float[] scale;
    final float[] shift;
    /** The batch mean as floats: what backward sums are taken about. */
    final float[] mean;
    /** Backward coefficients: a·du + b·z + c. */
    final float[] a;
    final float[] b;
    final float[] c;
    /** [group][channel]: means, then Σ du. */
    final double[] first;
    /** [group][channel]: sums of squared deviations, then Σ du·(z − mean). */
    final double[] second;
    private final double[] exactMean;
    private final double[] inverseDeviation;
    float[] gamma;
    float[] beta;
    float[] runningMean;
    float[] runningVariance;
    float[] gammaGradient;
    float[] betaGradient;
    /** Batches that the running statistics have seen; negative where it is not known. */
    public long batches;
    /** Whether training changes γ or β. */
    final boolean isTrained;
    /** Whether passes normalise by the statistics of their batch; else by the running ones, as frozen layers do. */
    final boolean usesBatch;
    /** Whether the batch's statistics are numbers. */
    boolean finite = true;
    /** Values a channel of the batch. */
    private double batchValues;

    Normalization(BatchNorm2d layer, Network network, int gammaParameter, RunContext pass) {
        this.layer = layer;
        this.gammaParameter = gammaParameter;
        this.channels = layer.output().channels();
        scale = new float[channels];
        shift = new float[channels];
        isTrained = network.isTrained(gammaParameter) || network.isTrained(gammaParameter + 1);
        usesBatch = pass.mode != Mode.INFERENCE && isTrained && layer.training() == BatchNorm2d.Statistics.BATCH;
        boolean backward = pass.mode == Mode.TRAINING;
        boolean sums = usesBatch || backward && isTrained;
        first = new double[sums ? pass.capacityGroups * channels : 0];
        second = new double[sums ? pass.capacityGroups * channels : 0];
        exactMean = new double[sums ? channels : 0];
        inverseDeviation = new double[usesBatch || backward ? channels : 0];
        mean = new float[sums ? channels : 0];
        a = new float[backward ? channels : 0];
        b = new float[backward ? channels : 0];
        c = new float[backward ? channels : 0];
    }

    /**
     * A batch normalisation of maps of a single pixel, which needs two images for its batch statistics; null where there is none. Found
     * once: going through all of them in every step makes an iterator each time where the compiler does not see through it.
     */
    static Normalization ofOnePixel(List<Normalization> norms) {
        return norms.stream().filter(norm -> norm.usesBatch && norm.layer.output().pixels() == 1).findFirst().orElse(null);
    }

    /** Refuses a batch of one image, of one that {@link #ofOnePixel} found. */
    void checkSingle() {
        throw new IllegalArgumentException("batch normalisation '" + layer.name() + "': one image of 1×1 pixels gives a single "
                + "value a channel, batch statistics need at least two; use a larger batch");
    }

    /** The running variance among the network's parameters. */
    public int varianceParameter() {
        return gammaParameter + 3;
    }

    /** Takes over live arrays. */
    public void bind(float[][] values, float[][] gradients) {
        gamma = values[gammaParameter];
        beta = values[gammaParameter + 1];
        runningMean = values[gammaParameter + 2];
        runningVariance = values[gammaParameter + 3];
        gammaGradient = gradients[gammaParameter];
        betaGradient = gradients[gammaParameter + 1];
    }

    /** Forward coefficients from the running statistics. */
    public void useRunningStatistics() {
        for (int channel = 0; channel < channels; channel++) {
            double factor = gamma[channel] / Math.sqrt(runningVariance[channel] + layer.epsilon());
            scale[channel] = (float) factor;
            shift[channel] = (float) (beta[channel] - runningMean[channel] * factor);
        }
    }

    /** Before a pass that trains on the running statistics: its coefficients, from the values of now. */
    void useFrozenStatistics() {
        useRunningStatistics();
        for (int channel = 0; channel < inverseDeviation.length; channel++) {
            inverseDeviation[channel] = 1 / Math.sqrt(runningVariance[channel] + layer.epsilon());
        }
        for (int channel = 0; channel < mean.length; channel++) {
            exactMean[channel] = runningMean[channel];
            mean[channel] = runningMean[channel];
        }
    }

    /** Joins the groups' moments and sets the forward coefficients; {@link #takeStatistics} follows when the pass is through. */
    void useBatchStatistics(int groups, int pixels, int images) {
        double n = (double) pixels * images;
        boolean allFinite = true;
        for (int channel = 0; channel < channels; channel++) {
            double count = 0;
            double joined = 0;
            double squares = 0;
            for (int g = 0; g < groups; g++) {
                double groupCount = (double) pixels * Math.min(Layout.LANES, images - Layout.LANES * g);
                double difference = first[g * channels + channel] - joined;
                double total = count + groupCount;
                joined += difference * groupCount / total;
                squares += second[g * channels + channel] + difference * difference * count * groupCount / total;
                count = total;
            }
            double variance = squares / n;
            double inverse = 1 / Math.sqrt(variance + layer.epsilon());
            double factor = gamma[channel] * inverse;
            exactMean[channel] = joined;
            mean[channel] = (float) joined;
            inverseDeviation[channel] = inverse;
            scale[channel] = (float) factor;
            shift[channel] = (float) (beta[channel] - joined * factor);
            // The first group's place is free once it is joined.
            second[channel] = squares;
            allFinite &= Float.isFinite((float) joined) && Float.isFinite((float) (squares / Math.max(1, n - 1)));
        }
        batchValues = n;
        finite = allFinite;
    }

    /** Updates the running statistics (unbiased variance) by those of the batch, of a forward pass that is through and did not fail. */
    void takeStatistics() {
        if (!usesBatch) {
            return;
        }
        double momentum = layer.momentum();
        batches += batches < 0 ? 0 : 1;
        for (int channel = 0; channel < channels; channel++) {
            runningMean[channel] = (float) ((1 - momentum) * runningMean[channel] + momentum * exactMean[channel]);
            runningVariance[channel] = (float) ((1 - momentum) * runningVariance[channel]
                    + momentum * second[channel] / (batchValues - 1));
        }
    }

    /** Joins the groups' gradient sums: gradients of γ and β, where these are trained, and the backward coefficients. */
    void prepareBackward(int groups, int pixels, int images) {
        if (!isTrained) {
            for (int channel = 0; channel < channels; channel++) {
                a[channel] = (float) (gamma[channel] * inverseDeviation[channel]);
            }
            return;
        }
        double n = (double) pixels * images;
        for (int channel = 0; channel < channels; channel++) {
            double sum = 0;
            double product = 0;
            for (int g = 0; g < groups; g++) {
                sum += first[g * channels + channel];
                product += second[g * channels + channel];
            }
            // Products were taken about the rounded mean.
            product -= sum * (exactMean[channel] - mean[channel]);
            double inverse = inverseDeviation[channel];
            if (gammaGradient != null) {
                gammaGradient[channel] = (float) (product * inverse);
            }
            if (betaGradient != null) {
                betaGradient[channel] = (float) sum;
            }
            double factor = gamma[channel] * inverse;
            // The running statistics do not depend on the batch, so nothing flows back through them.
            double slope = usesBatch ? -factor * inverse * inverse * product / n : 0;
            a[channel] = (float) factor;
            b[channel] = (float) slope;
            c[channel] = usesBatch ? (float) (-factor * sum / n - slope * exactMean[channel]) : 0;
        }
    }

    public long bytes() {
        return 4L * (scale.length + shift.length + mean.length + a.length + b.length + c.length)
                + 8L * (first.length + second.length + exactMean.length + inverseDeviation.length);
    }
}
