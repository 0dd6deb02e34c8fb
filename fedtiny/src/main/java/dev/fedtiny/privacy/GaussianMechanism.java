package dev.fedtiny.privacy;

import java.security.SecureRandom;

/**
 * Differential privacy for whole devices: whoever sees the models of all rounds learns of any one device hardly more than if it had not
 * taken part, as ε and δ say (DP-FedAvg: McMahan et al., "Learning Differentially Private Recurrent Language Models", ICLR 2018). Every
 * device takes part with probability q by itself; its change is clipped to a norm C, counts once whatever its samples are, and the sum gets
 * Gaussian noise of standard deviation z times what one device can change before it is divided by the number of devices expected. Lots are
 * drawn and noise is made by the operating system's secure random numbers, never from the run's seed.
 *
 * @param clip C, above 0
 * @param noiseMultiplier z, at least {@value #LEAST_NOISE}
 * @param rate q in (0, 1]
 * @param expected q times the devices there are, by which sums are divided whoever takes part
 * @param delta δ in (0, 1), at which ε is told
 */
public record GaussianMechanism(double clip, double noiseMultiplier, double rate, double expected, double delta) {
    /** Far less noise than hides anything; with still less ε is no number any more. */
    public static final double LEAST_NOISE = 1e-9;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Checks the ranges. */
    public GaussianMechanism {
        if (!(clip > 0 && noiseMultiplier >= LEAST_NOISE && rate > 0 && rate <= 1 && expected > 0 && delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("differential privacy: clip " + clip + ", noise multiplier " + noiseMultiplier + ", rate "
                    + rate + ", expected devices " + expected + ", delta " + delta + "; expected all above 0, a multiplier of at least "
                    + LEAST_NOISE + ", a rate of at most 1 and a delta below 1");
        }
    }

    /**
     * ε of so many rounds.
     *
     * @param releases rounds whose model was told, or that may have been
     * @return at this mechanism's δ
     */
    public double epsilon(long releases) {
        return new RdpAccountant(rate, noiseMultiplier).epsilon(releases, delta);
    }

    /**
     * Whether a device takes part.
     *
     * @return yes with probability q
     */
    public boolean drawn() {
        return rate == 1 || RANDOM.nextDouble() < rate;
    }

    /**
     * Noise for a coordinate.
     *
     * @param sensitivity the norm by which one device can change the sum
     * @return a new draw
     */
    public double noise(double sensitivity) {
        return noiseMultiplier * sensitivity * RANDOM.nextGaussian();
    }
}
