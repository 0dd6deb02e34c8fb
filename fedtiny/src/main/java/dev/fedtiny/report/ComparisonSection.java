package dev.fedtiny.report;

import dev.fedtiny.report.RunRecord.Cost;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/** One line a group: accuracy with its scatter, and what it cost. */
final class ComparisonSection implements Section {
    /** A column; one that no run knows anything for is left out. */
    private record Column(String title, ToDoubleFunction<RunRecord> figure, DoubleFunction<String> text) {
        private boolean known(RunGroup group) {
            return Double.isFinite(group.mean(figure));
        }

        private String cell(RunGroup group) {
            double mean = group.mean(figure);
            return Double.isNaN(mean) ? "–" : text.apply(mean);
        }
    }

    private static final List<Column> COLUMNS = List.of(
            new Column("density", ComparisonSection::density, Units::density),
            new Column("FLOPs", run -> run.total(Cost.FLOPS), Units::scientific),
            new Column("max device-round", RunRecord::maxDeviceFlops, Units::scientific),
            new Column("sent down", run -> run.total(Cost.BYTES_DOWN), bytes -> Units.megabytes(Math.round(bytes))),
            new Column("sent up", run -> run.total(Cost.BYTES_UP), bytes -> Units.megabytes(Math.round(bytes))),
            new Column("s a round", RunRecord::roundSeconds, value -> Units.fixed(value, 2)),
            new Column("seconds", run -> run.total(Cost.SECONDS), value -> Units.fixed(value, 1)),
            new Column("compiler", ComparisonSection::compilation, value -> Units.fixed(value, 1) + " s"),
            new Column("ε", run -> run.last("privacy", "epsilon"), value -> Units.fixed(value, 2)));

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        boolean recalibrated = runs.groups().stream().anyMatch(group -> Double.isFinite(group.mean(RunRecord::recalibratedAccuracy)));
        double dense = runs.groups().stream().filter(g -> g.first().isBaseline()).mapToDouble(g -> g.mean(
                RunRecord::maxDeviceFlops)).filter(Double::isFinite).max().orElse(Double.NaN);
        page.raw("<h2>Comparison</h2>");
        List<Column> columns = COLUMNS.stream().filter(column -> runs.groups().stream().anyMatch(column::known)).toList();
        Tables.open(page, 5 + columns.size());
        page.raw("<tr><th>method<th>runs<th>rounds<th>accuracy<th>± seeds").raw(recalibrated ? "<th>recalibrated" : "");
        columns.forEach(column -> page.format("<th>%s", column.title()));
        page.raw(Double.isNaN(dense) ? "</tr>" : "<th>of dense</tr>");
        for (RunGroup g : runs.groups()) {
            SampleStatistics accuracy = g.statistics(run -> run.accuracy(runs.window()));
            page.format("<tr><td>%s", g.name()).raw(g.counted().size() < g.runs().size() ? "<td class=\"mark\">" : "<td>");
            page.format("%s<td>%s<td>%s<td>%s", g.seeds(), rounds(g),
                    accuracy.count() == 0 ? "–" : Units.percent(accuracy.mean()),
                    accuracy.enough() ? Units.percent(accuracy.deviation()) : accuracy.count() > 1 ? "n = " + accuracy.count() : "");
            if (recalibrated) {
                page.format("<td>%s", g.statistics(RunRecord::recalibratedAccuracy).percent());
            }
            columns.forEach(column -> page.format("<td>%s", column.cell(g)));
            if (!Double.isNaN(dense)) {
                double share = g.mean(RunRecord::maxDeviceFlops) / dense;
                page.format("<td>%s", Double.isNaN(share) ? "–" : Units.fixed(share, 4));
            }
            page.raw("</tr>");
        }
        Tables.close(page);
        notes(runs, recalibrated, page);
        return Optional.empty();
    }

    private static void notes(ReportRuns runs, boolean recalibrated, Markup page) {
        page.format("<p class=\"soft\">Accuracy: on %s, %s, mean over seeds; ± is the standard deviation of the sample, "
                + "given from three seeds on.%s Figures are means over the runs that are done: a run that diverged or is unfinished is "
                + "marked and in no mean. FLOPs are exact counts of all devices and the server, pretraining and choice of the mask "
                + "included; the max device-round is the most one device had to do in one round. s a round is the median round of a run, "
                + "which the virtual "
                + "machine's warm-up does not move; seconds are wall time of pretraining, choice of the mask and rounds, warm-up included, "
                + "evaluation not; compiler is the time of the virtual machine's compiler meanwhile, on threads of its own.%s</p>",
                runs.images(), runs.accuracyWords(), runs.accuracyNote(),
                recalibrated ? " Recalibrated: the last model with running statistics that devices measured." : "");
        List<String> deltas = runs.groups().stream().map(g -> g.first().last("privacy", "delta")).filter(Double::isFinite).distinct()
                .map(Units::axis).toList();
        if (!deltas.isEmpty()) {
            page.format("<p class=\"soft\">ε: what differential privacy of devices has cost by the last round, at δ = %s, for whoever sees "
                    + "the models of all rounds and nothing else.</p>", String.join(", ", deltas));
        }
        runs.groups().stream().flatMap(g -> g.runs().stream()).filter(run -> run.lostRounds() > 0).forEach(run -> page.format(
                "<p>Of the run in %s the metrics of %d of %d rounds are lost: they are missing from the curves, and FLOPs, bytes and "
                        + "seconds are those of the rounds that are left.</p>", run.directory(), run.lostRounds(), run.rounds().size()));
    }

    private static String rounds(RunGroup group) {
        int[] rounds = group.runs().stream().mapToInt(run -> run.rounds().size()).sorted().toArray();
        return rounds[0] == rounds[rounds.length - 1] ? Integer.toString(rounds[0]) : rounds[0] + " … " + rounds[rounds.length - 1];
    }

    private static double density(RunRecord run) {
        return run.last("density");
    }

    private static double compilation(RunRecord run) {
        double[] all = Arrays.stream(run.rounds().stream().mapToDouble(round -> JsonMembers.number(round, "compilationSeconds")).toArray())
                .filter(Double::isFinite).toArray();
        return all.length == 0 ? Double.NaN : Arrays.stream(all).sum()
                + run.start().map(start -> JsonMembers.number(start, "compilationSeconds")).filter(Double::isFinite).orElse(0.0);
    }
}
