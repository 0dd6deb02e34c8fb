package dev.fedtiny.report;

/** From how many repetitions on a figure about their scatter means something; with fewer it is not given, and the reader is told so. */
public final class Repetitions {
    /** Runs or seeds, for a deviation or a range: of two, both are the same difference. */
    public static final int FOR_DEVIATION = 3;
    /** Measurements, for quartiles, and for a median that others are compared with. */
    public static final int FOR_QUARTILES = 5;
    /** Measurements, for the 10th and 90th percentile: with fewer they are the extremes. */
    public static final int FOR_PERCENTILES = 9;

    private Repetitions() {
    }

    /**
     * What stands in the place of a figure: {@code too few to say (n = 1)}.
     *
     * @param count n, repetitions there are
     * @return words for a cell of a table
     */
    public static String tooFew(int count) {
        return "too few to say (n = " + count + ")";
    }
}
