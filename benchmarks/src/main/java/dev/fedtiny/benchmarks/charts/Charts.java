package dev.fedtiny.benchmarks.charts;

import dev.fedtiny.benchmarks.MedianInterval;
import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.report.StandaloneChart;
import dev.fedtiny.report.StandaloneChart.Bar;
import dev.fedtiny.report.StandaloneChart.Series;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Draws every chart of {@code docs/figures} from the result files that are kept with the sources. */
public final class Charts {
    private static final double CONFIDENCE = 0.95;
    /** Rounds of the claim's accuracy: {@code accuracy-rounds} of its protocol. */
    private static final int LEAD_ROUNDS = 10;
    /** The same of its grid of learning rates. */
    private static final int GRID_ROUNDS = 5;

    private Charts() {
    }

    /**
     * Draws all of them.
     *
     * @param root folder of the sources, where result files are found
     * @param out folder of the files to write
     * @return the files
     */
    public static List<Path> draw(Path root, Path out) throws IOException {
        Files.createDirectories(out);
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, String> chart : all(root).entrySet()) {
            files.add(Files.writeString(out.resolve(chart.getKey()), chart.getValue(), StandardCharsets.UTF_8));
        }
        return files;
    }

    /** All charts by the names of their files. */
    static Map<String, String> all(Path root) throws IOException {
        Map<String, String> charts = new LinkedHashMap<>();
        Path results = root.resolve("results");
        charts.put("step-over-libtorch.svg", steps(root, CsvTable.read(results.resolve("peers.csv"))));
        charts.put("step-roofline.svg", roofline(CsvTable.read(results.resolve("step-roofline.csv"))));
        charts.put("device-round.svg", deviceRound(CsvTable.read(results.resolve("device-round.csv"))));
        charts.put("minimum-heap.svg", minimumHeap(CsvTable.read(results.resolve("device-memory.csv"))));
        charts.put("demo.svg", demo(CsvTable.read(results.resolve("demo.csv"))));
        charts.put("accuracy-full-width.svg", accuracy(CsvTable.read(results.resolve("accuracy-full-width.csv"))));
        for (KeptSweep sweep : KeptSweep.all(results.resolve("claim"))) {
            charts.put("claim-" + sweep.name() + ".svg", claim(sweep));
            List<Series> leads = sweep.leads("fedtiny", LEAD_ROUNDS);
            if (!leads.isEmpty()) {
                charts.put("claim-" + sweep.name() + "-leads.svg", StandaloneChart.lines("Ahead of FedTiny with the same seed: "
                        + sweep.name(), "percentage points, mean of the last " + LEAD_ROUNDS + " rounds; below 0 FedTiny is ahead", "round",
                        leads));
            }
        }
        return charts;
    }

    /** Accuracy by learning rate where the sweep varies it, else by round. */
    private static String claim(KeptSweep sweep) throws IOException {
        String title = "The paper's claim: " + sweep.name();
        List<Series> byRate = sweep.byValue("learning-rate", GRID_ROUNDS);
        if (!byRate.isEmpty()) {
            return StandaloneChart.linesByRatio(title + ", accuracy by learning rate", "accuracy, percent, mean of the last "
                    + GRID_ROUNDS + " rounds; not from 0", "learning rate of the first round", byRate);
        }
        List<Series> byRound = sweep.series();
        String seeds = byRound.stream().anyMatch(line -> line.low().length > 0) ? "bars: from the worst to the best seed"
                : "the mean where there are several seeds";
        return StandaloneChart.lines(title, "accuracy, percent; " + seeds, "round", byRound);
    }

    private static String steps(Path root, CsvTable comparisons) throws IOException {
        List<Series> series = new ArrayList<>();
        for (List<String> row : comparisons.rows()) {
            series.add(ratios(comparisons.text(row, "name"), root.resolve(comparisons.text(row, "file"))));
        }
        return StandaloneChart.logarithmicLines("Training step against dense libtorch", "libtorch's time over ours; above 1 we are faster",
                "density of the weights", series);
    }

    /** Median ratio and its interval at every density of a comparison with libtorch. */
    private static Series ratios(String name, Path file) throws IOException {
        if (!(JsonReader.parse(file, JsonLimits.DEFAULT) instanceof JsonObject results)) {
            throw new IOException(file + ": expected an object");
        }
        Map<Double, List<Double>> ratios = new TreeMap<>();
        for (JsonValue value : results.array("results")) {
            if (!(value instanceof JsonObject pair)) {
                throw new IOException(file + ": expected an object for each pair");
            }
            ratios.computeIfAbsent(pair.number("density"), density -> new ArrayList<>()).add(pair.number("ratio"));
        }
        List<MedianInterval> medians = ratios.values().stream().map(pairs -> MedianInterval.of(doubles(pairs), CONFIDENCE)).toList();
        return new Series(name, doubles(List.copyOf(ratios.keySet())), medians.stream().mapToDouble(MedianInterval::median).toArray(),
                medians.stream().mapToDouble(MedianInterval::low).toArray(), medians.stream().mapToDouble(MedianInterval::high).toArray());
    }

    /** What passes take and what memory allows; below it where a cache still holds what they read. */
    private static String roofline(CsvTable table) {
        List<Bar> bars = new ArrayList<>();
        for (List<String> row : table.rows()) {
            double measured = table.number(row, "milliseconds");
            double roof = table.number(row, "roof");
            bars.add(new Bar(table.text(row, "pass"), measured, roof, Units.fixed(measured, 1) + " | " + Units.fixed(roof, 1)));
        }
        return StandaloneChart.bars("A step at density 0.01 by passes, milliseconds",
                "dark: measured | pale: modelled bytes at memory's speed", bars);
    }

    private static String deviceRound(CsvTable table) {
        double dense = table.number(table.rows().getFirst(), "milliseconds");
        double denseWork = table.number(table.rows().getFirst(), "gflop");
        List<Bar> bars = new ArrayList<>();
        for (List<String> row : table.rows().subList(1, table.rows().size())) {
            double time = table.number(row, "milliseconds") / dense;
            double work = table.number(row, "gflop") / denseWork;
            bars.add(new Bar(table.text(row, "round"), time, work, Units.fixed(100 * time, 1) + " | " + Units.fixed(100 * work, 1)));
        }
        return StandaloneChart.bars("A device's round, percent of dense FedAvg's", "dark: measured time | pale: counted FLOPs", bars);
    }

    private static String minimumHeap(CsvTable table) {
        List<Bar> bars = new ArrayList<>();
        for (List<String> row : table.rows()) {
            double heap = table.number(row, "heapMiB");
            double resident = table.number(row, "residentMiB");
            bars.add(new Bar(table.text(row, "method"), heap, resident, Units.fixed(heap, 0) + " | " + Units.fixed(resident, 0)));
        }
        return StandaloneChart.bars("Memory of a device process, MiB", "dark: minimum Java heap | pale: peak resident size; batch 8", bars);
    }

    /** Accuracy against what was sent, of FedTiny and of dense FedAvg. */
    private static String demo(CsvTable table) {
        List<Series> series = new ArrayList<>();
        for (String run : table.rows().stream().map(row -> table.text(row, "run")).distinct().toList()) {
            List<List<String>> rows = table.rows().stream().filter(row -> table.text(row, "run").equals(run)).toList();
            series.add(new Series(run, rows.stream().mapToDouble(row -> table.number(row, "megabytes")).toArray(),
                    rows.stream().mapToDouble(row -> table.number(row, "accuracy")).toArray()));
        }
        return StandaloneChart.lines("The demo: accuracy against bytes sent", "accuracy on 1,000 test images, percent",
                "megabytes sent, both directions", series);
    }

    private static String accuracy(CsvTable table) {
        List<Series> series = new ArrayList<>();
        for (String column : table.columns().subList(1, table.columns().size())) {
            series.add(new Series(column, table.rows().stream().mapToDouble(row -> table.number(row, "round")).toArray(),
                    table.rows().stream().mapToDouble(row -> table.number(row, column)).toArray()));
        }
        return StandaloneChart.lines("CIFAR-10, ResNet18 of full width, density 0.01", "accuracy on 2,000 test images, percent", "round",
                series);
    }

    private static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
