package dev.fedtiny.report;

import dev.fedtiny.report.RunRecord.Cost;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What it took to reach an accuracy: rounds, work, bytes, time and, where the system told, energy. */
final class AccuracyCosts implements Section {
    /** Of the accuracy that every group ends with. */
    private static final double[] TARGETS = {0.5, 0.75, 0.9, 1};
    private static final double[] FEWER_TARGETS = {0.75, 1};
    private static final int MANY_GROUPS = 5;

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunGroup> groups = runs.groups();
        double common = groups.stream().mapToDouble(g -> g.mean(run -> run.accuracy(runs.window()))).filter(Double::isFinite).min()
                .orElse(Double.NaN);
        if (!(common > 0)) {
            return Optional.of("What an accuracy costs: no run is done.");
        }
        page.raw("<h2>What an accuracy costs</h2>");
        boolean energy = groups.stream().flatMap(group -> group.counted().stream()).anyMatch(run -> Double.isFinite(run.joules()[0]));
        Tables.open(page, energy ? 7 : 6);
        page.raw("<tr><th>method<th>top-1<th>rounds<th>FLOPs<th>sent<th>seconds").raw(energy ? "<th>energy</tr>" : "</tr>");
        for (double share : groups.size() > MANY_GROUPS ? FEWER_TARGETS : TARGETS) {
            for (RunGroup g : groups) {
                page.raw(g == groups.getFirst() ? "<tr class=\"first\">" : "<tr>");
                row(g, share * common, energy, page);
            }
        }
        Tables.close(page);
        page.format("<p class=\"soft\">Accuracies are %s of the lowest that a method ends with (%s); costs from the start, pretraining and "
                + "choice of the mask included, to the first round that has it, means over the seeds that are done and get there. Seconds "
                + "are wall time, the virtual machine's warm-up in the first rounds included, evaluation not.%s</p>",
                groups.size() > MANY_GROUPS ? "75 and 100 %" : "50, 75, 90 and 100 %", runs.accuracyWords(), energy
                ? " Energy is that of the whole machine's processor packages, as the kernel's powercap counters tell; absent: they could "
                + "not be read where the run was made." : "");
        return energy ? Optional.empty() : Optional.of("Energy: the kernel's powercap counters could not be read where the runs were made, "
                + "as on most virtual machines and for users other than root.");
    }

    private static void row(RunGroup g, double target, boolean energy, Markup page) {
        List<RunRecord> there = g.counted().stream().filter(run -> reached(run, target) >= 0).toList();
        double joules = mean(there, run -> run.joules()[reached(run, target)]);
        page.format("<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s", g.name() + (there.size() < g.counted().size()
                        ? " (" + there.size() + " of " + g.counted().size() + " seeds)" : ""), Units.percent(target),
                there.isEmpty() ? "–" : Units.fixed(mean(there, run -> reached(run, target)), 1),
                there.isEmpty() ? "–" : Units.scientific(mean(there, run -> run.spent(Cost.FLOPS)[reached(run, target)])),
                there.isEmpty() ? "–" : Units.megabytes(Math.round(mean(there, run -> run.sent()[reached(run, target)]))),
                there.isEmpty() ? "–" : Units.fixed(mean(there, run -> run.spent(Cost.SECONDS)[reached(run, target)]), 1));
        if (energy) {
            page.format("<td>%s", there.isEmpty() ? "–" : Double.isNaN(joules) ? "absent" : Units.fixed(joules, 0) + " J");
        }
        page.raw("</tr>");
    }

    /** The first place in the accuracies that is good enough; -1 for none. */
    private static int reached(RunRecord run, double target) {
        double[] accuracies = run.accuracies();
        for (int i = 0; i < accuracies.length; i++) {
            if (accuracies[i] >= target - 1e-12) {
                return i;
            }
        }
        return -1;
    }

    private static double mean(List<RunRecord> runs, ToDoubleFunction<RunRecord> figure) {
        return runs.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }
}
