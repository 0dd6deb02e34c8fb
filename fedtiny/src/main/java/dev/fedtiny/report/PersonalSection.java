package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.metrics.Quantiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What devices' own models are worth: with running statistics of each device's data, beside those that all share. */
final class PersonalSection implements Section {
    private static final int MOST_BARS = 40;

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunGroup> groups = runs.groups().stream().filter(group -> devices(group.first()).length > 0).toList();
        if (groups.isEmpty()) {
            return Optional.empty();
        }
        page.format("<h2>The devices' own models</h2><p class=\"soft\">The last model as each device holds it, on %s; each class "
                + "counts as it does among the device's own. Own: with running statistics of the device's data; shared: with those that "
                + "all share. Means over devices, then over the seeds that are done; devices of whose classes there are none are left "
                + "out.</p>", runs.images());
        Tables.open(page, 6);
        page.raw("<tr><th>method<th>devices<th>own<th>shared<th>difference, points<th>devices that gain</tr>");
        for (RunGroup group : groups) {
            SampleStatistics own = group.statistics(run -> JsonMembers.number(run.event("personal"), "accuracy"));
            SampleStatistics shared = group.statistics(run -> JsonMembers.number(run.event("personal"), "sharedAccuracy"));
            SampleStatistics gain = group.statistics(PersonalSection::gain);
            page.format("<tr><td>%s<td>%s<td>%s<td>%s<td>%s<td>%s</tr>", group.name(), counted(group.first()), own.percent(),
                    shared.percent(),
                    gain.count() == 0 ? "–" : PairedDifference.signed(100 * gain.mean())
                            + (gain.enough() ? " ± " + Units.fixed(100 * gain.deviation(), 2) : ""),
                    gainers(group.first()) + group.whichRun());
        }
        Tables.close(page);
        FigureGrid figures = new FigureGrid();
        groups.forEach(group -> figure(group, figures));
        figures.write(page);
        return Optional.empty();
    }

    private static double[] devices(RunRecord run) {
        return JsonMembers.numbers(run.event("personal"), "device");
    }

    /** How many are in the means, and how many are not. */
    private static String counted(RunRecord run) {
        double without = JsonMembers.number(run.event("personal"), "unjudged");
        return devices(run).length + (without > 0 ? ", " + Units.fixed(without, 0) + " left out" : "");
    }

    private static double gain(RunRecord run) {
        return JsonMembers.number(run.event("personal"), "accuracy") - JsonMembers.number(run.event("personal"), "sharedAccuracy");
    }

    private static String gainers(RunRecord run) {
        double[] own = JsonMembers.numbers(run.event("personal"), "accuracies");
        double[] shared = JsonMembers.numbers(run.event("personal"), "sharedAccuracies");
        int gain = 0;
        for (int i = 0; i < own.length; i++) {
            gain += own[i] > shared[i] ? 1 : 0;
        }
        return gain + " of " + own.length;
    }

    /** A bar a device; of very many their quantiles. */
    private static void figure(RunGroup group, FigureGrid figures) {
        JsonObject line = group.first().event("personal");
        double[] devices = devices(group.first());
        double[] own = JsonMembers.numbers(line, "accuracies");
        double[] shared = JsonMembers.numbers(line, "sharedAccuracies");
        List<BarChart.Bar> bars = new ArrayList<>();
        if (devices.length <= MOST_BARS) {
            for (int i = 0; i < devices.length; i++) {
                bars.add(bar("device " + Units.fixed(devices[i], 0), own[i], shared[i]));
            }
        } else {
            double[] ofOwn = Quantiles.of(Arrays.stream(own)).usual();
            double[] ofShared = Quantiles.of(Arrays.stream(shared)).usual();
            for (int i = 0; i < ofOwn.length; i++) {
                bars.add(bar(Quantiles.NAMES.get(i), ofOwn[i], ofShared[i]));
            }
        }
        figures.add(group, "accuracy by device", BarChart.figure("accuracy with own statistics; pale, with those that all share",
                group.color(), bars, "own statistics", "statistics that all share"));
    }

    private static BarChart.Bar bar(String name, double own, double shared) {
        return new BarChart.Bar(name, own, shared, Units.percent(own));
    }
}
