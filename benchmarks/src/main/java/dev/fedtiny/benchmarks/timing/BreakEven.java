package dev.fedtiny.benchmarks.timing;

/**
 * Where two ways to compute with the same weights take equally long, if one of them gets faster the fewer weights there are.
 *
 * @param density the smallest density from which on the dense way is the faster one; 0 when it always was, {@link #NEVER} when it never was
 */
public record BreakEven(double density) {
    /** Above every density: the sparse way won even with nothing pruned. */
    public static final double NEVER = 2;

    /**
     * Finds the first density, from the smallest up, at which the sparse way is no longer faster, and interpolates between it and the one
     * below: times are taken to be powers of the density in between.
     *
     * @param densities ascending
     * @param sparseMillis the sparse way's time at each
     * @param denseMillis the dense way's, at every density alike
     */
    public static BreakEven of(double[] densities, double[] sparseMillis, double denseMillis) {
        for (int i = 0; i < densities.length; i++) {
            if (sparseMillis[i] >= denseMillis) {
                if (i == 0) {
                    return new BreakEven(0);
                }
                double low = Math.log(sparseMillis[i - 1]);
                double share = (Math.log(denseMillis) - low) / (Math.log(sparseMillis[i]) - low);
                return new BreakEven(densities[i - 1] * Math.pow(densities[i] / densities[i - 1], share));
            }
        }
        return new BreakEven(NEVER);
    }

    /** For a table. */
    String text() {
        return density == 0 ? "always" : density == NEVER ? "never" : String.format(java.util.Locale.ROOT, "%.3f", density);
    }
}
