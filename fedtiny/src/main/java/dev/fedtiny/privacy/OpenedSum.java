package dev.fedtiny.privacy;

/**
 * What all devices of a sum added up to: the only thing about them that is known.
 *
 * @param low lower 64 bits of every word's integer; not to be changed
 * @param high the 32 bits above
 * @param ballots votes for every place
 */
public record OpenedSum(long[] low, int[] high, int[] ballots) {
    /**
     * A sum of nothing, for a fleet that only pretends.
     *
     * @param layout of the vectors
     * @return zeros
     */
    public static OpenedSum zeros(SumLayout layout) {
        return new OpenedSum(new long[layout.words()], new int[layout.words()], new int[layout.ballots()]);
    }

    /**
     * A word's value.
     *
     * @param word its place
     * @return rounded to a double
     */
    public double value(int word) {
        return FixedPoint.value(low[word], high[word]);
    }

    /**
     * A word that devices gave as a whole number.
     *
     * @param word its place
     * @param least what it is at least
     * @param most what it is at most
     * @return the number
     * @throws SumRefusedException if it is none, or outside
     */
    public long whole(int word, long least, long most) {
        double value = value(word);
        if (value != Math.rint(value) || value < least || value > most) {
            throw new SumRefusedException("the sum has " + value + " at place " + word + ", expected a whole number from " + least + " to "
                    + most);
        }
        return (long) value;
    }
}
