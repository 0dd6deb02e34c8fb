package dev.fedtiny.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What every group had reached when it had spent what the cheapest one spends in the end, seed by seed. */
final class EqualCostSection implements Section {
    /** One cost: who spends least of it, how much that is, and what groups reach with it. */
    private record Column(ComparedCost cost, RunGroup cheapest, Map<RunGroup, Cell> cells) {
        /** The group's, where it shares a seed with the cheapest. */
        private Optional<Cell> of(RunGroup group) {
            return Optional.ofNullable(cells.get(group));
        }

        private boolean best(Cell cell) {
            return cells.size() > 1 && cells.values().stream().map(Cell::accuracy).filter(other -> other.count() > 0)
                    .allMatch(other -> other.mean() <= cell.accuracy().mean());
        }
    }

    /** A group at one cost. */
    private record Cell(SampleStatistics accuracy, double rounds) {
    }

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunGroup> done = runs.groups().stream().filter(group -> !group.counted().isEmpty()).toList();
        if (done.size() < 2) {
            return runs.groups().size() < 2 ? Optional.empty() : Optional.of("Accuracy at equal cost: fewer than two groups are done.");
        }
        List<Column> columns = ComparedCost.ALL.stream().map(cost -> column(cost, done, runs)).flatMap(Optional::stream).toList();
        if (columns.isEmpty()) {
            return Optional.empty();
        }
        page.raw("<h2>At equal cost</h2>");
        page.format("<p class=\"soft\">What a group had reached when it had spent as much as the one that spends least of this in the end, "
                + "seed by seed; the largest in bold. Every run counts with the accuracy that it would have, had it ended there: %s that "
                + "it could pay; a dash where it could not even pay its start, pretraining and the choice of the mask, or has none of the "
                + "seeds of the one that spends least. A curve that still rises steeply counts with less than its last round, which the "
                + "curves below show (rounds stand beside it). %s.</p>",
                runs.accuracyWords(), Character.toUpperCase(ComparedCost.MEANING.charAt(0)) + ComparedCost.MEANING.substring(1));
        Tables.open(page, 2 + 2 * columns.size());
        page.raw("<tr><th>method");
        columns.forEach(column -> page.format("<th>%s: %s<th>rounds", column.cost().name(),
                column.cost().text().apply(column.cheapest().mean(column.cost()::total))));
        page.raw("<th>in the end</tr>");
        for (RunGroup group : done) {
            page.format("<tr><td>%s", group.name());
            columns.forEach(column -> cell(column, group, page));
            page.format("<td>%s</tr>", group.statistics(run -> run.accuracy(runs.window())).percent());
        }
        Tables.close(page);
        page.format("<p class=\"soft note\">Least is spent by %s.</p>", done.stream().map(group -> spent(columns, group))
                .filter(words -> !words.isEmpty()).collect(Collectors.joining("; ")));
        return Optional.empty();
    }

    /** A group and the costs of which it spends least; empty where there are none. */
    private static String spent(List<Column> columns, RunGroup group) {
        String costs = columns.stream().filter(column -> column.cheapest() == group).map(column -> column.cost().name())
                .collect(Collectors.joining(", "));
        return costs.isEmpty() ? "" : group.name() + " (" + costs + ")";
    }

    private static void cell(Column column, RunGroup group, Markup page) {
        Optional<Cell> cell = column.of(group);
        if (cell.isEmpty() || cell.get().accuracy().count() == 0) {
            page.raw("<td>–<td>–");
            return;
        }
        int fewer = group.counted().size() - cell.get().accuracy().count();
        page.format(column.best(cell.get()) ? "<td><b>%s</b>%s<td>%s" : "<td>%s%s<td>%s", cell.get().accuracy().percent(),
                fewer > 0 ? " (n = " + cell.get().accuracy().count() + ")" : "", Units.fixed(cell.get().rounds(), 1));
    }

    /** Empty where nothing is known of the cost. */
    private static Optional<Column> column(ComparedCost cost, List<RunGroup> groups, ReportRuns runs) {
        Optional<RunGroup> cheapest = groups.stream().filter(group -> group.mean(cost::total) > 0)
                .min(Comparator.comparingDouble(group -> group.mean(cost::total)));
        return cheapest.map(least -> {
            Map<String, Double> budgets = new HashMap<>();
            least.counted().forEach(run -> budgets.put(run.seed(), cost.total(run)));
            Map<RunGroup, Cell> cells = new IdentityHashMap<>();
            for (RunGroup group : groups) {
                ComparedCost.Reached[] reached = group.counted().stream().filter(run -> budgets.containsKey(run.seed()))
                        .map(run -> cost.at(run, budgets.get(run.seed()), runs.window())).toArray(ComparedCost.Reached[]::new);
                if (reached.length > 0) {
                    cells.put(group, new Cell(SampleStatistics.of(Arrays.stream(reached).mapToDouble(ComparedCost.Reached::accuracy)
                            .toArray()), Arrays.stream(reached).filter(ComparedCost.Reached::started)
                            .mapToInt(ComparedCost.Reached::rounds).average().orElse(Double.NaN)));
                }
            }
            return new Column(cost, least, cells);
        });
    }
}
