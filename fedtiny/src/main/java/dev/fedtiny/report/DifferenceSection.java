package dev.fedtiny.report;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** By how much groups differ, seed by seed. */
final class DifferenceSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunGroup> others = runs.groups().stream().skip(1).filter(group -> against(runs, group, runs.reference()).pairs() > 0).toList();
        if (others.isEmpty()) {
            return runs.groups().size() < 2 ? Optional.empty()
                    : Optional.of("Paired differences: no two groups have a finished run with the same seed.");
        }
        page.raw("<h2>Differences in accuracy</h2>");
        page.format("<p class=\"soft\">In percentage points, %s of runs with the same seed: they share split, start and order of devices. "
                + "The interval is Student's, 95 %%, from three pairs on; one that leaves out 0 is set in bold. Each is for its own "
                + "row: among "
                + "twenty that compare equals, one does so by chance. Pairs are of runs that are both done: one that diverged or is "
                + "unfinished has none, and is counted behind \"of\".</p>", runs.accuracyWords());
        table(runs, List.of(runs.reference()), page);
        if (runs.groups().size() > 2) {
            page.raw("<details><summary>Every pair</summary>");
            table(runs, runs.groups(), page);
            page.raw("</details>");
        }
        return Optional.empty();
    }

    private static PairedDifference against(ReportRuns runs, RunGroup group, RunGroup other) {
        return PairedDifference.of(group.accuracies(runs.window()), other.accuracies(runs.window()));
    }

    /** Seeds that both were begun with, done or not. */
    private static long shared(RunGroup group, RunGroup other) {
        Set<String> seeds = other.runs().stream().map(RunRecord::seed).collect(Collectors.toSet());
        return group.runs().stream().map(RunRecord::seed).distinct().filter(seeds::contains).count();
    }

    private static void table(ReportRuns runs, List<RunGroup> references, Markup page) {
        Tables.open(page, 5);
        page.raw("<tr><th>method<th class=\"word\">against<th>pairs<th>points<th>95 % interval</tr>");
        for (RunGroup reference : references) {
            for (RunGroup group : runs.groups()) {
                PairedDifference difference = against(runs, group, reference);
                boolean before = references.size() > 1 && runs.groups().indexOf(group) < runs.groups().indexOf(reference);
                if (group != reference && !before && difference.pairs() > 0) {
                    long shared = shared(group, reference);
                    page.format(difference.distinct() ? "<tr><td>%s<td class=\"word\">%s<td>%s<td><b>%s</b><td><b>%s</b></tr>"
                            : "<tr><td>%s<td class=\"word\">%s<td>%s<td>%s<td>%s</tr>", group.name(), reference.name(),
                            difference.pairs() + (difference.pairs() < shared ? " of " + shared : ""), difference.points(),
                            difference.interval());
                }
            }
        }
        Tables.close(page);
    }
}
