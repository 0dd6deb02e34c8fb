package dev.fedtiny.privacy;

/**
 * Rules of secure sums, which server and devices share and devices hold the server to.
 *
 * @param neighbours k, even: a device masks its values against so many others, against all where there are fewer
 * @param threshold share of a device's neighbours and itself, at least one half and below 1, of which more must be there at the end: a
 *        secret is shared so that ⌊threshold·holders⌋ + 1 shares give it back
 * @param smallest how many devices a sum has at least; at least {@value #LEAST_DEVICES}
 */
public record SecureAggregation(int neighbours, double threshold, int smallest) {
    /** Of two devices each would know the other's values from the sum. */
    public static final int LEAST_DEVICES = 3;
    /** k by default. */
    public static final int USUAL_NEIGHBOURS = 20;
    /** The share by default: a server that tells different devices different things gets no two secrets of one device. */
    public static final double USUAL_THRESHOLD = 2.0 / 3;
    /** The most neighbours. */
    public static final int MOST_NEIGHBOURS = SecretShares.MOST - 1;
    /** Twenty neighbours, two thirds of them. */
    public static final SecureAggregation USUAL = new SecureAggregation(USUAL_NEIGHBOURS, USUAL_THRESHOLD, LEAST_DEVICES);

    /** Checks the ranges. */
    public SecureAggregation {
        if (neighbours < 2 || neighbours > MOST_NEIGHBOURS || neighbours % 2 != 0) {
            throw new IllegalArgumentException("secure aggregation: " + neighbours + " neighbours, expected an even number from 2 to "
                    + MOST_NEIGHBOURS);
        }
        if (!(threshold >= 0.5 && threshold < 1)) {
            throw new IllegalArgumentException("secure aggregation: a threshold of " + threshold + ", expected at least 0.5 and below 1");
        }
        if (smallest < LEAST_DEVICES) {
            throw new IllegalArgumentException("secure aggregation: sums of " + smallest + " devices, expected at least " + LEAST_DEVICES);
        }
    }

    /**
     * How many shares give a secret back.
     *
     * @param holders who hold one, the owner included
     * @return t, from 1 to the holders; above half of them
     */
    public int shares(int holders) {
        // Two thirds of 21 are 14, which no double tells.
        return Math.min(holders, (int) Math.floor(threshold * holders + 1e-9) + 1);
    }

    /**
     * How large a weighted value of one device may be in magnitude, so that no sum leaves its range.
     *
     * @param devices in the sum
     * @return 2⁴² over the devices
     */
    public static double largest(int devices) {
        return FixedPoint.LARGEST_SUM / devices;
    }
}
