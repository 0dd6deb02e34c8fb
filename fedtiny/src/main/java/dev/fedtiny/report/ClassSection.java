package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Accuracy of every class, and which class was taken for which. */
final class ClassSection implements Section {
    private static final int MOST_CLASSES = 40;
    private static final int CONFUSIONS = 20;

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunGroup> known = runs.groups().stream().filter(group -> Arrays.stream(accuracies(runs, group)).anyMatch(Double::isFinite))
                .toList();
        if (known.isEmpty()) {
            return Optional.of("Accuracy by class: it stands in metrics.jsonl of runs of this release.");
        }
        page.raw("<h2>By class</h2>");
        page.format("<p class=\"soft\">Right answers of each class of %s, %%, %s, mean over the seeds that are done; the "
                + "largest of a class in bold. Of a group of which no run is done, one that is not stands there, never in bold.</p>",
                runs.images(), runs.accuracyWords());
        Map<List<String>, List<RunGroup>> sameClasses = new LinkedHashMap<>();
        known.forEach(group -> sameClasses.computeIfAbsent(names(runs, group), _ -> new ArrayList<>()).add(group));
        sameClasses.forEach((names, groups) -> accuracyTable(runs, names, groups, page));
        FigureGrid matrices = new FigureGrid();
        known.forEach(group -> confusion(group, matrices));
        if (!matrices.isEmpty()) {
            page.raw("<h3>Which class was taken for which after the last round</h3>");
            matrices.write(page);
        }
        return Optional.empty();
    }

    private static List<String> names(ReportRuns runs, RunGroup group) {
        return group.first().classNames(accuracies(runs, group).length);
    }

    /** Of groups whose data have the same classes. */
    private static void accuracyTable(ReportRuns runs, List<String> names, List<RunGroup> groups, Markup page) {
        double[][] values = groups.stream().map(group -> accuracies(runs, group)).toArray(double[][]::new);
        int classes = names.size();
        List<RunGroup> done = groups.stream().filter(group -> !group.counted().isEmpty()).toList();
        double[] largest = IntStream.range(0, classes).mapToDouble(label -> done.stream().map(group -> values[groups.indexOf(group)])
                .filter(row -> label < row.length).mapToDouble(row -> row[label]).filter(Double::isFinite).max().orElse(Double.NaN))
                .toArray();
        Tables.open(page, 1 + groups.size());
        page.raw("<tr><th>class");
        groups.forEach(group -> page.format("<th>%s", group.name() + (done.contains(group) ? "" : group.whichRun())));
        page.raw("</tr>");
        for (int label = 0; label < classes; label++) {
            page.format("<tr><td>%s", names.get(label));
            for (RunGroup group : groups) {
                double[] row = values[groups.indexOf(group)];
                double value = label < row.length ? row[label] : Double.NaN;
                page.format(value == largest[label] && done.size() > 1 && done.contains(group) ? "<td><b>%s</b>" : "<td>%s",
                        Double.isNaN(value) ? "–" : Units.fixed(100 * value, 1));
            }
            page.raw("</tr>");
        }
        Tables.close(page);
    }

    /** Of every class the mean over the last rounds that were evaluated, and over seeds. */
    private static double[] accuracies(ReportRuns runs, RunGroup group) {
        List<RunRecord> counted = group.counted().isEmpty() ? List.of(group.first()) : group.counted();
        List<double[]> bySeed = counted.stream().map(run -> accuracies(run, runs.window().rounds())).toList();
        int classes = bySeed.stream().mapToInt(row -> row.length).max().orElse(0);
        return IntStream.range(0, classes).mapToDouble(label -> SampleStatistics.of(bySeed.stream().filter(row -> label < row.length)
                .mapToDouble(row -> row[label]).toArray()).mean()).toArray();
    }

    /**
     * One a round whose accuracy counts in the run's. A round that went back has that of the model before, and so have its classes. The
     * start's where no round was evaluated.
     */
    private static List<JsonObject> evaluated(RunRecord run) {
        List<JsonObject> counted = new ArrayList<>();
        Optional<JsonObject> kept = run.start().flatMap(start -> JsonMembers.object(start, "byClass"));
        for (JsonObject round : run.rounds()) {
            Optional<JsonObject> own = JsonMembers.object(round, "byClass");
            boolean wentBack = JsonMembers.object(round, "wentBack").isPresent();
            kept = own.isPresent() ? own : kept;
            if (own.isPresent() || wentBack && Double.isFinite(JsonMembers.number(round, "accuracy"))) {
                kept.ifPresent(counted::add);
            }
        }
        return counted.isEmpty() ? kept.stream().toList() : counted;
    }

    private static double[] accuracies(RunRecord run, int window) {
        List<JsonObject> evaluated = evaluated(run);
        List<JsonObject> last = evaluated.subList(Math.max(0, evaluated.size() - window), evaluated.size());
        if (last.isEmpty()) {
            return new double[0];
        }
        double[] sums = new double[JsonMembers.numbers(last.getFirst(), "count").length];
        for (JsonObject round : last) {
            double[] correct = JsonMembers.numbers(round, "correct");
            double[] count = JsonMembers.numbers(round, "count");
            Arrays.setAll(sums, label -> sums[label] + (count[label] > 0 ? correct[label] / count[label] : Double.NaN) / last.size());
        }
        return sums;
    }

    private static void confusion(RunGroup group, FigureGrid matrices) {
        RunRecord run = group.first();
        if (!(run.event("confusion").find("rows").orElse(null) instanceof JsonValue.JsonArray array)) {
            return;
        }
        List<double[]> rows = array.values().stream().map(row -> JsonMembers.numbers((JsonValue.JsonArray) row)).toList();
        int classes = rows.size();
        List<String> names = run.classNames(classes);
        Markup page = new Markup();
        if (classes <= MOST_CLASSES) {
            double[][] shares = rows.stream().map(row -> shares(row, classes)).toArray(double[][]::new);
            String[][] labels = rows.stream().map(row -> Arrays.stream(row, 0, classes).mapToObj(value -> Units.fixed(value, 0))
                    .toArray(String[]::new)).toArray(String[][]::new);
            page.raw(HeatMap.draw("confusion matrix", new HeatMap.Map(run.images() + ": columns the answer, rows the right class", names,
                    names, shares, labels), 1));
        } else {
            frequent(rows, names, page);
        }
        matrices.add(group, "", page.toString());
    }

    private static double[] shares(double[] row, int classes) {
        double sum = Arrays.stream(row).sum();
        return Arrays.stream(row, 0, classes).map(value -> sum > 0 ? value / sum : 0).toArray();
    }

    private record Mistake(int label, int answer, double count) {
    }

    private static void frequent(List<double[]> rows, List<String> names, Markup page) {
        List<Mistake> mistakes = new ArrayList<>();
        for (int label = 0; label < rows.size(); label++) {
            for (int answer = 0; answer < rows.size(); answer++) {
                if (label != answer && rows.get(label)[answer] > 0) {
                    mistakes.add(new Mistake(label, answer, rows.get(label)[answer]));
                }
            }
        }
        mistakes.sort(Comparator.comparingDouble(Mistake::count).reversed());
        List<BarChart.Bar> bars = mistakes.stream().limit(CONFUSIONS).map(mistake -> new BarChart.Bar(names.get(mistake.label()) + " → "
                + names.get(mistake.answer()), mistake.count(), Double.NaN, Units.fixed(mistake.count(), 0))).toList();
        page.raw(BarChart.draw("the most frequent mistakes", 0, bars));
        page.format("<p class=\"soft note\">The %d most frequent mistakes of %d classes; all stand in confusion.csv.</p>", bars.size(),
                rows.size());
    }
}
