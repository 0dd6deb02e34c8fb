package dev.fedtiny.report;

import dev.fedtiny.report.RunRecord.Cost;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** What it took to reach an accuracy: rounds, work, bytes, time and, where the system told, energy. */
final class AccuracyCosts {
    /** Of the best accuracy that every group reaches. */
    private static final double[] TARGETS = {0.5, 0.75, 0.9, 1};

    private AccuracyCosts() {
    }

    static void write(List<RunGroup> groups, Markup page) {
        double common = groups.stream().mapToDouble(g -> g.mean(AccuracyCosts::best)).filter(Double::isFinite).min().orElse(Double.NaN);
        if (!(common > 0)) {
            return;
        }
        page.raw("<h2>What an accuracy costs</h2><div class=\"scroll\"><table><tr><th>method<th>top-1<th>rounds<th>FLOPs<th>sent<th>seconds"
                + "<th>energy</tr>");
        for (double share : TARGETS) {
            double target = share * common;
            for (RunGroup g : groups) {
                List<RunRecord> there = g.runs().stream().filter(run -> reached(run, target) >= 0).toList();
                page.raw(g == groups.getFirst() ? "<tr class=\"first\">" : "<tr>");
                page.format("<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s</tr>", g.name() + (there.size() < g.runs().size()
                                ? " (" + there.size() + " of " + g.runs().size() + " seeds)" : ""), Units.percent(target),
                        mean(there, run -> (double) reached(run, target), v -> Units.fixed(v, 1)),
                        mean(there, run -> run.spent(Cost.FLOPS)[reached(run, target)], Units::scientific),
                        mean(there, run -> run.spent(Cost.BYTES_DOWN)[reached(run, target)]
                                + run.spent(Cost.BYTES_UP)[reached(run, target)], v -> Units.megabytes(Math.round(v))),
                        mean(there, run -> run.spent(Cost.SECONDS)[reached(run, target)], v -> Units.fixed(v, 1)),
                        mean(there, run -> run.joules()[reached(run, target)], v -> Double.isNaN(v) ? "absent" : Units.fixed(v, 0) + " J"));
            }
        }
        page.format("</table></div><p class=\"soft\">Accuracies are %s of the best that all reach; costs from the start, pretraining and "
                + "choice of the mask included, to the first round that has it, means over the seeds that do. Energy is that of the "
                + "whole machine's "
                + "processor packages, as the kernel's powercap counters tell; absent: they could not be read where the run was "
                + "made, as on most virtual machines and for users other than root.</p>", "50, 75, 90 and 100 %");
    }

    private static double best(RunRecord run) {
        return Arrays.stream(run.accuracies()).filter(Double::isFinite).max().orElse(Double.NaN);
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

    private static String mean(List<RunRecord> runs, Function<RunRecord, Double> figure, Function<Double, String> text) {
        return runs.isEmpty() ? "–" : text.apply(runs.stream().mapToDouble(figure::apply).average().orElseThrow());
    }
}
