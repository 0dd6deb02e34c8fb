package dev.fedtiny.engine.op;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.List;

/** Batch normalisation over N, H and W, eps 1e-5, momentum 0.1, as PyTorch defines it. */
public final class BatchNorm2d {
    private static final String ONE_A_CHANNEL = "one value a channel";

    private final Network network;
    private final SingleLayer training;
    private final float[] gamma;
    private final float[] beta;
    private float[] runningMean;
    private float[] runningVariance;

    /**
     * Gradients.
     *
     * @param input as the input
     * @param gamma one value a channel
     * @param beta one value a channel
     */
    public record Gradients(Tensor input, float[] gamma, float[] beta) {
    }

    /**
     * A batch normalisation.
     *
     * @param name for errors
     * @param shape C × H × W
     * @param gamma γ, C values, as the others
     * @param beta β
     * @param runningMean the running mean that inference subtracts and training updates
     * @param runningVariance the running variance, which training updates without bias
     * @throws IllegalArgumentException if an array has not C values
     */
    public BatchNorm2d(String name, Shape shape, float[] gamma, float[] beta, float[] runningMean, float[] runningVariance) {
        String what = "batch normalisation '" + name + "'";
        Given.notNull(name, "batch normalisation: name", "what errors call it");
        Given.notNull(shape, what + ": shape", "C × H × W of an image");
        Given.notNull(gamma, what + ": gamma", ONE_A_CHANNEL);
        Given.notNull(beta, what + ": beta", ONE_A_CHANNEL);
        Given.notNull(runningMean, what + ": runningMean", ONE_A_CHANNEL);
        Given.notNull(runningVariance, what + ": runningVariance", ONE_A_CHANNEL);
        for (float[] array : List.of(gamma, beta, runningMean, runningVariance)) {
            if (array.length != shape.channels()) {
                throw new IllegalArgumentException(what + ": an array of " + array.length
                        + " values, expected one for each of " + shape.channels() + " channels");
            }
        }
        this.gamma = gamma.clone();
        this.beta = beta.clone();
        this.runningMean = runningMean.clone();
        this.runningVariance = runningVariance.clone();
        Network.Builder net = Network.builder(shape);
        net.batchNorm2d(name, 0);
        network = net.build();
        training = layer(Mode.TRAINING);
    }

    private SingleLayer layer(Mode mode) {
        Mask full = Mask.full(gamma.length);
        return new SingleLayer("batch normalisation", network, List.of(full, full, full, full),
                List.of(gamma, beta, runningMean, runningVariance), mode, AlgorithmPolicy.AUTOMATIC);
    }

    /**
     * By the batch's statistics, which update the running ones (unbiased variance).
     *
     * @param x the input, an image a lane
     * @return the output, a new tensor
     */
    public Tensor forwardTraining(Tensor x) {
        Tensor y = training.forward(x);
        runningMean = training.session().values(2).clone();
        runningVariance = training.session().values(3).clone();
        return y;
    }

    /**
     * By the running statistics.
     *
     * @param x the input, an image a lane
     * @return the output, a new tensor
     */
    public Tensor forwardInference(Tensor x) {
        return layer(Mode.INFERENCE).forward(x);
    }

    /**
     * {@return gradients of the last training pass for a gradient of its output}
     *
     * @param dy gradient of the output, shaped as it; lanes without an image hold zeros
     */
    public Gradients backward(Tensor dy) {
        Tensor dx = training.backward(dy);
        return new Gradients(dx, training.session().gradient(0).clone(), training.session().gradient(1).clone());
    }

    /** {@return the running mean now} */
    public float[] runningMean() {
        return runningMean.clone();
    }

    /** {@return the running variance now} */
    public float[] runningVariance() {
        return runningVariance.clone();
    }
}
