package dev.fedtiny.engine.train;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;

/**
 * Adam as {@code torch.optim.Adam} has it, with weight decay added to the gradient and, if asked, AMSGrad: the largest second moment so
 * far takes the current one's place.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root, above 0
 * @param weightDecay λ, at least 0
 * @param amsgrad whether AMSGrad is on
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay, boolean amsgrad) implements Optimizer {
    /** Checks the ranges. */
    public Adam {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new IllegalArgumentException("adam: betas " + beta1 + " and " + beta2 + ", must be in [0, 1)");
        }
        if (!((float) epsilon > 0 && Float.isFinite((float) epsilon))) {
            throw new IllegalArgumentException("adam: epsilon " + epsilon + ", must be above 0 and finite in single precision");
        }
        if (!(weightDecay >= 0 && Float.isFinite((float) weightDecay))) {
            throw new IllegalArgumentException("adam: weight decay " + weightDecay + ", must be at least 0 and finite in single precision");
        }
    }

    /** β 0.9 and 0.999, ε 1e-8, AMSGrad: what the first research code used. */
    public static Adam amsgrad(double weightDecay) {
        return new Adam(0.9, 0.999, 1e-8, weightDecay, true);
    }

    @Override
    public Updater bind(Session session) {
        return new State(session);
    }

    @Override
    public long stateBytes(Network network, int[] kept) {
        return (amsgrad ? 3 : 2) * ParameterUpdater.bufferBytes(network, kept);
    }

    private final class State extends ParameterUpdater {
        private final float[][] first = buffers();
        private final float[][] second = buffers();
        private final float[][] largest = amsgrad ? buffers() : null;
        private float stepSize;
        private float rootCorrection;

        State(Session session) {
            super(session);
        }

        @Override
        void begin() {
            stepSize = (float) (rate() / (1 - StrictMath.pow(beta1, steps())));
            rootCorrection = (float) StrictMath.sqrt(1 - StrictMath.pow(beta2, steps()));
        }

        @Override
        void update(int slot, float[] values, float[] gradient, int from, int to) {
            float[] moment = first[slot];
            float[] square = second[slot];
            float[] bound = amsgrad ? largest[slot] : square;
            float keep1 = (float) beta1;
            float keep2 = (float) beta2;
            float take1 = (float) (1 - beta1);
            float take2 = (float) (1 - beta2);
            float decay = (float) weightDecay;
            float small = (float) epsilon;
            for (int i = from; i < to; i++) {
                float g = gradient[i] + decay * values[i];
                moment[i] = keep1 * moment[i] + take1 * g;
                square[i] = keep2 * square[i] + take2 * g * g;
                bound[i] = Math.max(bound[i], square[i]);
                values[i] -= stepSize * (moment[i] / ((float) Math.sqrt(bound[i]) / rootCorrection + small));
            }
        }
    }
}
