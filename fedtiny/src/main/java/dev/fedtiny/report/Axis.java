package dev.fedtiny.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/**
 * One axis of a chart: its range, where its ticks stand, and how a tick is written.
 *
 * @param title what is shown, with its unit
 * @param low the smallest value shown
 * @param high the largest, above {@code low}
 * @param scale linear or logarithmic; a logarithmic axis has positive values only
 * @param label writes a tick
 */
record Axis(String title, double low, double high, Scale scale, DoubleFunction<String> label) {
    private static final int TICKS = 5;
    private static final int FEWEST_TICKS = 3;
    private static final int MOST_POWERS = 8;
    /** Enough to come from the spacing of doubles to a factor of two. */
    private static final int MOST_WIDENINGS = 53;

    /** How values are spread along the axis. */
    enum Scale {
        /** Equal differences are equally far apart. */
        LINEAR,
        /** The same for things that are counted: ticks are whole numbers. */
        WHOLE,
        /** Equal ratios are. */
        LOGARITHMIC
    }

    Axis {
        if (!(high > low) || scale == Scale.LOGARITHMIC && !(low > 0)) {
            throw new IllegalArgumentException("axis '" + title + "': range [" + low + ", " + high + "] cannot be drawn");
        }
    }

    /** An axis of this scale over values; of a logarithmic one positive ones. */
    static Axis of(Scale scale, String title, double smallest, double largest, DoubleFunction<String> label) {
        return switch (scale) {
            case LINEAR -> linear(title, smallest, largest, label);
            case WHOLE -> new Axis(title, smallest, Math.max(largest, smallest + 1), Scale.WHOLE, label);
            case LOGARITHMIC -> logarithmic(title, smallest, largest, label);
        };
    }

    /**
     * An axis from the smallest value to the largest one; a single value stands in the middle, and nothing but zeros at its beginning.
     * Where values lie so close together that ticks would have the same label it is wider: what differs by less than labels say is level.
     */
    static Axis linear(String title, double smallest, double largest, DoubleFunction<String> label) {
        double low = smallest;
        double high = largest;
        // What rounding makes of equal values is no range.
        if (!(high - low > 1e-9 * Math.max(Math.abs(high), Math.abs(low)))) {
            high = low == 0 ? 1 : low + Math.abs(low) * 0.1;
            low -= Math.abs(low) * 0.1;
        }
        Axis axis = new Axis(title, low, high, Scale.LINEAR, label);
        for (int wider = 0; wider < MOST_WIDENINGS && axis.repeatsLabels(); wider++) {
            double more = (axis.high - axis.low) / 2;
            axis = new Axis(title, low >= 0 ? Math.max(0, axis.low - more) : axis.low - more, axis.high + more, Scale.LINEAR, label);
        }
        return axis;
    }

    private boolean repeatsLabels() {
        List<Double> ticks = ticks();
        return ticks.stream().map(label::apply).distinct().count() < ticks.size();
    }

    /**
     * A logarithmic axis over positive values, whose title says so; a linear one where they lie within a factor of two, which has no powers
     * to show.
     */
    static Axis logarithmic(String title, double smallest, double largest, DoubleFunction<String> label) {
        return largest < 2 * smallest ? linear(title, smallest, largest, label)
                : new Axis(title + ", log scale", smallest, largest, Scale.LOGARITHMIC, label);
    }

    /** Where a value lies: 0 at {@code low}, 1 at {@code high}. */
    double place(double value) {
        return scale == Scale.LOGARITHMIC ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** Round values inside the range. */
    List<Double> ticks() {
        return scale == Scale.LOGARITHMIC ? logarithmicTicks() : linearTicks();
    }

    /** Where shorter marks without a label stand: on a logarithmic axis the multiples of powers of ten, whose distances tell what it is. */
    List<Double> marks() {
        List<Double> marks = new ArrayList<>();
        if (scale == Scale.LOGARITHMIC && Math.log10(high / low) < MOST_POWERS) {
            for (int exponent = (int) Math.floor(Math.log10(low)); Math.pow(10, exponent) <= high; exponent++) {
                for (int factor = 1; factor < 10; factor++) {
                    double mark = factor * Math.pow(10, exponent);
                    if (mark >= low && mark <= high) {
                        marks.add(mark);
                    }
                }
            }
        }
        return marks;
    }

    private List<Double> linearTicks() {
        double rough = (high - low) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double round = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
        double step = scale == Scale.WHOLE ? Math.max(1, round) : round;
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
            // By division where the step is a fraction: 3 · 0.1 is not 0.3.
            ticks.add(step < 1 ? i / (double) Math.round(1 / step) : i * step);
        }
        return ticks;
    }

    /** Powers of ten where there are three or more, else 1, 2 and 5 times them, and round values where that is too few as well. */
    private List<Double> logarithmicTicks() {
        List<Double> powers = new ArrayList<>();
        for (int exponent = (int) Math.ceil(Math.log10(low) - 1e-9); Math.pow(10, exponent) <= high * (1 + 1e-9); exponent++) {
            powers.add(Math.pow(10, exponent));
        }
        if (powers.size() >= FEWEST_TICKS) {
            int every = Math.ceilDiv(powers.size(), MOST_POWERS);
            return IntStream.range(0, powers.size()).filter(i -> i % every == 0).mapToObj(powers::get).toList();
        }
        List<Double> ticks = new ArrayList<>();
        for (int exponent = (int) Math.floor(Math.log10(low)); Math.pow(10, exponent) <= high; exponent++) {
            for (int factor : new int[] {1, 2, 5}) {
                double tick = factor * Math.pow(10, exponent);
                if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) {
                    ticks.add(tick);
                }
            }
        }
        return ticks.size() >= FEWEST_TICKS ? ticks : linearTicks();
    }
}
