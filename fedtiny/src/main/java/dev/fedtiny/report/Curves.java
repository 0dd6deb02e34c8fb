package dev.fedtiny.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A figure over rounds or cost: of every group the mean over its seeds with a band of one standard deviation, from three seeds on, where
 * all of them have a value: a mean over fewer would jump where one ends. Runs that are not done are drawn by themselves, thin.
 *
 * @param caption of the figure
 * @param horizontal of a run, as many values as the vertical
 * @param vertical of a run, one value after the start and one after every round; NaN where there is none
 */
record Curves(String caption, Scale horizontal, Scale vertical) {
    /**
     * One of the two axes.
     *
     * @param title with the unit
     * @param scale how values are spread
     * @param values of a run
     * @param label writes a tick
     */
    record Scale(String title, Axis.Scale scale, Function<RunRecord, double[]> values, DoubleFunction<String> label) {
        private boolean shown(double value) {
            return Double.isFinite(value) && (scale != Axis.Scale.LOGARITHMIC || value > 0);
        }

        private Axis axis(double smallest, double largest) {
            return Axis.of(scale, title, smallest, largest, label);
        }
    }

    /** Rounds, the start as 0. */
    static Scale rounds() {
        return new Scale("round", Axis.Scale.WHOLE, run -> {
            double[] rounds = new double[run.rounds().size() + 1];
            Arrays.setAll(rounds, i -> i);
            return rounds;
        }, value -> Long.toString(Math.round(value)));
    }

    /** Writes the figure where there is something to draw; returns whether there was. */
    boolean write(ReportRuns runs, Markup page) {
        List<LineChart.Line> lines = new ArrayList<>();
        for (RunGroup group : runs.groups()) {
            if (!group.counted().isEmpty()) {
                lines.add(mean(group));
            }
            group.runs().stream().filter(run -> run.state() != RunState.DONE).forEach(run -> lines.add(new LineChart.Line(group.name(),
                    group.color(), horizontal.values().apply(run), vertical.values().apply(run), new double[0], new double[0], true)));
        }
        double[] x = lines.stream().flatMapToDouble(l -> Arrays.stream(l.x())).filter(horizontal::shown).toArray();
        double[] y = lines.stream().flatMapToDouble(l -> Stream.of(l.y(), l.low(), l.high()).flatMapToDouble(Arrays::stream))
                .filter(vertical::shown).toArray();
        if (x.length == 0 || y.length == 0) {
            return false;
        }
        Axis across = horizontal.axis(Arrays.stream(x).min().getAsDouble(), Arrays.stream(x).max().getAsDouble());
        Axis up = vertical.axis(Arrays.stream(y).min().getAsDouble(), Arrays.stream(y).max().getAsDouble());
        page.format("<figure><figcaption>%s</figcaption>", caption).raw(LineChart.figure(caption, across, up, lines));
        page.format("<p class=\"soft note\">%s</p></figure>", note(runs));
        return true;
    }

    /** The mean over the runs of a group that have the figure. */
    LineChart.Line mean(RunGroup group) {
        List<RunRecord> told = told(group);
        List<double[]> x = told.stream().map(horizontal.values()).toList();
        List<double[]> y = told.stream().map(vertical.values()).toList();
        int length = y.stream().mapToInt(values -> values.length).min().orElse(0);
        double[] across = new double[length];
        double[] mean = new double[length];
        double[] low = new double[length];
        double[] high = new double[length];
        boolean band = false;
        for (int i = 0; i < length; i++) {
            SampleStatistics at = at(y, i);
            across[i] = at(x, i).mean();
            boolean all = at.count() == told.size();
            mean[i] = all ? at.mean() : Double.NaN;
            double deviation = all && at.enough() ? at.deviation() : Double.NaN;
            low[i] = at.mean() - deviation;
            high[i] = at.mean() + deviation;
            band |= all && at.enough();
        }
        return new LineChart.Line(group.name(), group.color(), across, mean, band ? low : new double[0], band ? high : new double[0],
                false);
    }

    /** Runs that have the figure at all. */
    private List<RunRecord> told(RunGroup group) {
        return group.counted().stream().filter(run -> Arrays.stream(vertical.values().apply(run)).anyMatch(Double::isFinite)).toList();
    }

    private static SampleStatistics at(List<double[]> curves, int i) {
        return SampleStatistics.of(curves.stream().mapToDouble(curve -> curve[i]).toArray());
    }

    /** Which seeds a figure shows. */
    private String note(ReportRuns runs) {
        int[] counts = runs.groups().stream().mapToInt(group -> group.counted().size()).filter(count -> count > 0).distinct().sorted()
                .toArray();
        List<String> parts = new ArrayList<>();
        if (counts.length == 1) {
            List<String> seeds = runs.groups().stream().flatMap(group -> group.counted().stream()).map(RunRecord::seed).distinct().toList();
            parts.add(counts[0] == 1 ? (seeds.size() == 1 ? "Seed " + seeds.getFirst() : "One seed each")
                    : "Mean over seeds " + String.join(", ", seeds));
        } else if (counts.length > 1) {
            parts.add("Mean over " + counts[0] + " to " + counts[counts.length - 1] + " seeds");
        }
        if (counts.length > 0 && counts[counts.length - 1] >= Repetitions.FOR_DEVIATION) {
            parts.add("band: one standard deviation");
        }
        if (runs.groups().stream().anyMatch(group -> told(group).stream().map(run -> run.rounds().size()).distinct().count() > 1)) {
            parts.add("means end with the run that ended first");
        }
        if (runs.groups().stream().anyMatch(group -> group.runs().stream().anyMatch(run -> run.state() != RunState.DONE))) {
            parts.add("dotted: runs that are not done");
        }
        return String.join("; ", parts) + ".";
    }
}
