package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.metrics.Quantiles;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A picture of who has how many images of which class; of very many devices their quantiles. */
final class SplitSection implements Section {
    private static final int MOST_DEVICES = 80;

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        Map<JsonValue, String> splits = new LinkedHashMap<>();
        Map<JsonValue, RunRecord> of = new LinkedHashMap<>();
        for (RunGroup group : runs.groups()) {
            RunRecord run = group.first();
            run.start().flatMap(start -> start.find("split")).map(split -> ((JsonObject) split).find("devices")).flatMap(found -> found)
                    .ifPresent(devices -> {
                        splits.merge(devices, group.name(), (names, name) -> names + "; " + name);
                        of.putIfAbsent(devices, run);
                    });
        }
        if (splits.isEmpty()) {
            return Optional.of("The split: it stands in metrics.jsonl of runs of this release whose devices get their images from the "
                    + "experiment; devices with data of their own tell only how many samples they have.");
        }
        page.raw("<h2>Who has which images</h2><div class=\"grid2\">");
        splits.forEach((devices, names) -> {
            RunRecord run = of.get(devices);
            List<double[]> counts = ((JsonValue.JsonArray) devices).values().stream()
                    .map(device -> JsonMembers.numbers((JsonValue.JsonArray) device)).toList();
            boolean all = splits.size() == 1;
            page.format("<figure><figcaption>Images of each class by device, seed %s%s</figcaption>", run.seed(), all ? "" : ": " + names);
            page.raw(HeatMap.draw("images of each class by device", map(run, counts), 0));
            double[] sizes = counts.stream().mapToDouble(device -> Arrays.stream(device).sum()).toArray();
            page.format("<p class=\"soft note\">%d devices with %.0f to %.0f images, %.0f in the middle.</p></figure>", sizes.length,
                    Arrays.stream(sizes).min().orElse(0), Arrays.stream(sizes).max().orElse(0), Quantiles.of(Arrays.stream(sizes)).at(0.5));
        });
        page.raw("</div>");
        return Optional.empty();
    }

    private static HeatMap.Map map(RunRecord run, List<double[]> counts) {
        List<String> classes = run.classNames(counts.getFirst().length);
        if (counts.size() <= MOST_DEVICES) {
            return of(classes, IntStream.range(0, counts.size()).mapToObj(device -> "device " + device).toList(), counts);
        }
        double[][] byClass = IntStream.range(0, classes.size()).mapToObj(label -> Quantiles.of(counts.stream().mapToDouble(
                device -> device[label])).usual()).toArray(double[][]::new);
        List<double[]> quantiles = IntStream.range(0, Quantiles.NAMES.size()).mapToObj(row -> Arrays.stream(byClass).mapToDouble(
                column -> column[row]).toArray()).toList();
        return of(classes, Quantiles.NAMES, quantiles);
    }

    private static HeatMap.Map of(List<String> classes, List<String> rows, List<double[]> counts) {
        String[][] labels = counts.stream().map(row -> Arrays.stream(row).mapToObj(value -> Units.fixed(value, 0)).toArray(String[]::new))
                .toArray(String[][]::new);
        return new HeatMap.Map("class", classes, rows, counts.toArray(double[][]::new), labels);
    }
}
