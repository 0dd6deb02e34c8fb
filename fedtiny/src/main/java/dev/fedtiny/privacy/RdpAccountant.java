package dev.fedtiny.privacy;

/**
 * How much a device is given away by so many releases of the subsampled Gaussian mechanism, in Rényi differential privacy (Mironov, CSF
 * 2017). One release of rate q and noise multiplier z has at whole orders α ≥ 2 (Mironov, Talwar, Zhang, "Rényi Differential Privacy of the
 * Sampled Gaussian Mechanism", arXiv 1908.10530, section 3.3)
 *
 * <p>R(α) = 1/(α − 1) · log Σ_{k=0..α} C(α, k)·(1 − q)^{α−k}·q^k·exp((k² − k) / (2z²)),
 *
 * <p>which is α / (2z²) for q = 1. Releases add up. Between whole orders (α − 1)·R(α), which is convex, is bounded by its chord. From there
 * to (ε, δ) by the conversion of Canonne, Kamath, Steinke (NeurIPS 2020, proposition 12; the same as theorem 21 of Balle et al., AISTATS
 * 2020):
 *
 * <p>ε = min_α R(α) + log((α − 1) / α) − (log δ + log α) / (α − 1).
 *
 * @param rate q, the probability of every device by itself to take part in a release, in (0, 1]
 * @param noiseMultiplier z, the standard deviation of the noise in units of what one device can change, above 0
 */
public record RdpAccountant(double rate, double noiseMultiplier) {
    private static final int LARGEST_WHOLE = 256;
    private static final int PARTS = 8;
    private static final int PARTED_BELOW = 12;

    /** Checks the ranges. */
    public RdpAccountant {
        if (!(rate > 0 && rate <= 1 && noiseMultiplier > 0 && noiseMultiplier < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("accountant: rate " + rate + " and noise multiplier " + noiseMultiplier
                    + ", expected a rate in (0, 1] and a finite multiplier above 0");
        }
    }

    /**
     * R(α) of one release.
     *
     * @param order α above 1
     * @return at least 0; where α is not whole an upper bound
     */
    public double divergence(double order) {
        if (!(order > 1)) {
            throw new IllegalArgumentException("accountant: order " + order + ", expected more than 1");
        }
        if (rate == 1) {
            return order / (2 * noiseMultiplier * noiseMultiplier);
        }
        int below = (int) Math.floor(order);
        double share = order - below;
        double moment = share == 0 ? logMoment(below) : (1 - share) * logMoment(below) + share * logMoment(below + 1);
        return Math.max(0, moment / (order - 1));
    }

    /** log Σ_k C(α, k)·(1 − q)^{α−k}·q^k·exp((k² − k) / (2z²)); 0 for α = 1. */
    private double logMoment(int order) {
        double[] terms = new double[order + 1];
        double logBinomial = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k <= order; k++) {
            terms[k] = logBinomial + (order - k) * Math.log1p(-rate) + k * Math.log(rate)
                    + ((double) k * k - k) / (2 * noiseMultiplier * noiseMultiplier);
            largest = Math.max(largest, terms[k]);
            logBinomial += Math.log(order - k) - Math.log(k + 1);
        }
        double sum = 0;
        for (double term : terms) {
            sum += Math.exp(term - largest);
        }
        return largest + Math.log(sum);
    }

    /**
     * ε after so many releases.
     *
     * @param releases at least 0
     * @param delta δ in (0, 1)
     * @return ε; 0 where nothing was released
     */
    public double epsilon(long releases, double delta) {
        if (releases < 0 || !(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("accountant: " + releases + " releases and delta " + delta
                    + ", expected at least 0 releases and a delta in (0, 1)");
        }
        if (releases == 0) {
            return 0;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int part = 1; part <= PARTED_BELOW * PARTS; part++) {
            least = Math.min(least, epsilon(1 + (double) part / PARTS, releases, delta));
        }
        for (int order = PARTED_BELOW + 2; order <= LARGEST_WHOLE; order++) {
            least = Math.min(least, epsilon(order, releases, delta));
        }
        for (int order = 2 * LARGEST_WHOLE; order <= 16 * LARGEST_WHOLE; order *= 2) {
            least = Math.min(least, epsilon(order, releases, delta));
        }
        return Math.max(0, least);
    }

    private double epsilon(double order, long releases, double delta) {
        return epsilon(releases * divergence(order), order, delta);
    }

    /**
     * The conversion at one order.
     *
     * @param divergence R(α) of all releases
     * @param order α above 1
     * @param delta δ in (0, 1)
     * @return ε
     */
    static double epsilon(double divergence, double order, double delta) {
        return divergence + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    }
}
