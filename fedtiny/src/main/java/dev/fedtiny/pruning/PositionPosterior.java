package dev.fedtiny.pruning;

import dev.fedtiny.data.GammaVariates;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;

/**
 * For every position of a layer the belief, Beta(α, β), that it should be active. Eight bytes a position.
 *
 * @param alpha α by position; not copied, not to be changed
 * @param beta β by position; not copied, not to be changed
 */
public record PositionPosterior(float[] alpha, float[] beta) {
    /** Checks the lengths. */
    public PositionPosterior {
        if (alpha.length != beta.length) {
            throw new IllegalArgumentException("posterior: " + alpha.length + " values of alpha and " + beta.length + " of beta");
        }
    }

    /**
     * Beta(1, 1) everywhere.
     *
     * @param size positions of the layer
     * @return Beta(1, 1), the uniform distribution, everywhere
     */
    public static PositionPosterior uniform(int size) {
        float[] ones = new float[size];
        Arrays.fill(ones, 1);
        return new PositionPosterior(ones, ones);
    }

    /**
     * α + λ·X and β + λ·(1 − X).
     *
     * @param outcomes X of every position, in [0, 1]
     * @param weight λ
     * @return a new posterior; this one stays
     */
    public PositionPosterior observed(double[] outcomes, double weight) {
        float[] newAlpha = new float[alpha.length];
        float[] newBeta = new float[beta.length];
        for (int i = 0; i < outcomes.length; i++) {
            newAlpha[i] = (float) (alpha[i] + weight * outcomes[i]);
            newBeta[i] = (float) (beta[i] + weight * (1 - outcomes[i]));
        }
        return new PositionPosterior(newAlpha, newBeta);
    }

    /**
     * The same of some positions; nothing is learnt of the others.
     *
     * @param outcomes X of every position, in [0, 1]; looked at where the mask is active
     * @param weight λ
     * @param where which positions were observed
     * @return a new posterior; this one stays
     */
    public PositionPosterior observed(double[] outcomes, double weight, Mask where) {
        float[] newAlpha = alpha.clone();
        float[] newBeta = beta.clone();
        for (int i = 0; i < where.count(); i++) {
            int position = where.index(i);
            newAlpha[position] = (float) (alpha[position] + weight * outcomes[position]);
            newBeta[position] = (float) (beta[position] + weight * (1 - outcomes[position]));
        }
        return new PositionPosterior(newAlpha, newBeta);
    }

    /**
     * The mask of the largest of one sample a position (Thompson sampling); the lower index first on ties. Cost: two gamma variates a
     * position and a sort; allocates 16 bytes a position.
     *
     * @param count how many positions are active
     * @param random source of the gamma variates
     * @return the mask of the {@code count} largest samples
     */
    public Mask sample(int count, RandomStream random) {
        double[] samples = new double[alpha.length];
        for (int i = 0; i < samples.length; i++) {
            // A Beta variate is A / (A + B) of two gamma variates, and rises with log A − log B.
            samples[i] = GammaVariates.nextLog(alpha[i], random) - GammaVariates.nextLog(beta[i], random);
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        double least = sorted[sorted.length - count];
        int above = 0;
        for (double sample : samples) {
            above += sample > least ? 1 : 0;
        }
        int[] active = new int[count];
        int ties = count - above;
        int to = 0;
        for (int i = 0; i < samples.length; i++) {
            if (samples[i] > least || samples[i] == least && ties-- > 0) {
                active[to++] = i;
            }
        }
        return Mask.of(samples.length, active);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PositionPosterior that && Arrays.equals(alpha, that.alpha) && Arrays.equals(beta, that.beta);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(alpha) + Arrays.hashCode(beta);
    }

    @Override
    public String toString() {
        return "PositionPosterior[" + alpha.length + " positions]";
    }
}
