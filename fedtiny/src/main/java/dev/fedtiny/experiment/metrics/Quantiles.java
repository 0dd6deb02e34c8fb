package dev.fedtiny.experiment.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How some figures are spread, for what a page or a terminal says of more devices than anybody reads rows: least and most, the middle, and
 * where the lower and upper tenth and quarter begin. A quantile is linear between the two figures beside it, as in NumPy's default
 * (Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, definition 7). Immutable.
 */
public final class Quantiles {
    /** With so many devices and fewer, tables have a row a device. */
    public static final int MOST_ROWS = 20;
    /** Names of {@link #usual}. */
    public static final List<String> NAMES = List.of("least", "10 %", "25 %", "median", "75 %", "90 %", "most");
    private static final double[] USUAL = {0, 0.1, 0.25, 0.5, 0.75, 0.9, 1};

    private final double[] ascending;

    private Quantiles(double[] ascending) {
        this.ascending = ascending;
    }

    /**
     * Of some figures.
     *
     * @param values in any order, at least one, none of them NaN
     * @return their quantiles
     * @throws IllegalArgumentException if there is no value, or one is NaN
     */
    public static Quantiles of(DoubleStream values) {
        double[] ascending = values.sorted().toArray();
        if (ascending.length == 0 || Double.isNaN(ascending[ascending.length - 1])) {
            throw new IllegalArgumentException("quantiles of " + (ascending.length == 0 ? "no value" : "values of which one is NaN")
                    + ", expected at least one number");
        }
        return new Quantiles(ascending);
    }

    /** {@return how many figures there are, at least 1} */
    public int count() {
        return ascending.length;
    }

    /**
     * The figure below which a share of all lies.
     *
     * @param share from 0, the least, to 1, the most
     * @return a figure, or one between two
     * @throws IllegalArgumentException if the share is outside
     */
    public double at(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("quantile at " + share + ", expected a share from 0 to 1");
        }
        double place = share * (ascending.length - 1);
        int below = (int) place;
        double above = ascending[Math.min(below + 1, ascending.length - 1)];
        return place == below ? ascending[below] : ascending[below] + (place - below) * (above - ascending[below]);
    }

    /** {@return the mean of all figures} */
    public double mean() {
        return Arrays.stream(ascending).sum() / ascending.length;
    }

    /** {@return the quantiles of {@link #NAMES}, in their order; a fresh array} */
    public double[] usual() {
        return Arrays.stream(USUAL).map(this::at).toArray();
    }

    /**
     * The usual ones as cells of a table's row.
     *
     * @param written a figure as it is to be read
     * @return one cell for each of {@link #NAMES}
     */
    public List<String> cells(DoubleFunction<String> written) {
        return Arrays.stream(usual()).mapToObj(written).toList();
    }

    /**
     * The usual ones in one line.
     *
     * @param written a figure as it is to be read
     * @return for example {@code least 3, 10 % 5, 25 % 6, median 8, 75 % 9, 90 % 11, most 20}
     */
    public String words(DoubleFunction<String> written) {
        List<String> cells = cells(written);
        return IntStream.range(0, cells.size()).mapToObj(i -> NAMES.get(i) + " " + cells.get(i))
                .collect(Collectors.joining(", "));
    }
}
