package dev.fedtiny.engine.train;

import java.util.List;

/**
 * Adam (Kingma and Ba 2015) as {@code torch.optim.Adam} has it, with weight decay added to the gradient and, if asked, AMSGrad: the largest
 * second moment so far takes the current one's place. Remembers two values a weight, three with AMSGrad.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root, above 0
 * @param weightDecay λ, at least 0
 * @param amsgrad whether AMSGrad is on
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay, boolean amsgrad) implements UpdateRule {
    private static final List<String> TWO_MOMENTS = List.of("first_moment", "second_moment");
    private static final List<String> WITH_LARGEST = List.of("first_moment", "second_moment", "largest_second_moment");

    /** Checks the ranges. */
    public Adam {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new IllegalArgumentException("adam: betas " + beta1 + " and " + beta2 + ", must be in [0, 1)");
        }
        Settings.checkEpsilon("adam", epsilon);
        Settings.checkDecay("adam", weightDecay);
    }

    /** β 0.9 and 0.999, ε 1e-8, no decay, no AMSGrad: PyTorch's defaults. */
    public Adam() {
        this(0.9, 0.999, 1e-8, 0, false);
    }

    /**
     * β 0.9 and 0.999, ε 1e-8, AMSGrad: what the first research code used.
     *
     * @param weightDecay L2 penalty, added to the gradient; at least 0
     * @return the optimiser
     */
    public static Adam amsgrad(double weightDecay) {
        return new Adam(0.9, 0.999, 1e-8, weightDecay, true);
    }

    @Override
    public String kind() {
        return "adam";
    }

    @Override
    public List<String> state() {
        return amsgrad ? WITH_LARGEST : TWO_MOMENTS;
    }

    @Override
    public void update(double rate, long step, float[] values, float[] gradient, float[][] state, int from, int to) {
        float stepSize = (float) (rate / biasCorrection(beta1, step));
        float rootCorrection = (float) StrictMath.sqrt(biasCorrection(beta2, step));
        float[] moment = state[0];
        float[] square = state[1];
        float[] bound = amsgrad ? state[2] : square;
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

    /** {@code 1 − β^step}; not by {@code StrictMath.pow}, which makes arrays that C2 does not always do without. */
    private static double biasCorrection(double beta, long step) {
        return -StrictMath.expm1(step * StrictMath.log(beta));
    }
}
