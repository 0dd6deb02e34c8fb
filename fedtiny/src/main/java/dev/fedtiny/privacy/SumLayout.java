package dev.fedtiny.privacy;

/**
 * What a masked vector holds: words of 96 bits, then ballots.
 *
 * @param words numbers in fixed point, {@link FixedPoint#WORD_BYTES} each
 * @param ballots places that devices vote for with 0 or 1
 * @param ballotBytes of a ballot's sum: 1 or 2
 */
public record SumLayout(int words, int ballots, int ballotBytes) {
    /**
     * Ballots as short as so many votes allow: modulo 2⁸ up to 255 devices, modulo 2¹⁶ up to 65,535.
     *
     * @param words numbers in fixed point
     * @param ballots places that are voted for
     * @param devices in the sum
     * @return the layout
     */
    public static SumLayout of(int words, int ballots, int devices) {
        return new SumLayout(words, ballots, devices < 1 << 8 ? 1 : 2);
    }

    /** Checks the ranges. */
    public SumLayout {
        if (words < 0 || ballots < 0 || ballotBytes < 1 || ballotBytes > 2) {
            throw new IllegalArgumentException("layout: " + words + " words and " + ballots + " ballots of " + ballotBytes + " bytes");
        }
    }

    /**
     * Length of the vector.
     *
     * @return bytes
     */
    public long bytes() {
        return (long) FixedPoint.WORD_BYTES * words + (long) ballotBytes * ballots;
    }
}
