package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.experiment.metrics.RoundFigure;
import dev.fedtiny.report.RunRecord.Cost;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that runs tell as tidy tables: one row an observation, one column a variable, the same names in every table. What a run does
 * not have gives no rows, or empty cells.
 */
final class CsvTables {
    /** A table: its file, its columns, and how a run's rows are written. */
    private record Table(String file, List<String> columns, Rows rows) {
    }

    private interface Rows {
        void of(RunRecord run, CsvTable into) throws IOException;
    }

    /** In place of {@code done}, for a run that is in no mean since another of its group has its seed. */
    private static final String REPEATED = "repeated";

    private static final List<Table> TABLES = List.of(
            new Table("rounds.csv", Stream.concat(Stream.of("run", "round"), RoundFigure.ALL.stream().map(RoundFigure::key)).toList(),
                    CsvTables::rounds),
            new Table("layers.csv", List.of("run", "round", "layer", "active", "size", "exchanged", "grown_before", "survivors"),
                    CsvTables::layers),
            new Table("devices.csv", List.of("run", "round", "device", "samples", "loss", "accuracy", "flops", "bytes_down", "bytes_up",
                    "seconds"), CsvTables::devices),
            new Table("classes.csv", List.of("run", "round", "class", "name", "count", "correct", "predicted"), CsvTables::classes),
            new Table("confusion.csv", List.of("run", "class", "predicted", "count"), CsvTables::confusion),
            new Table("device_classes.csv", List.of("run", "round", "class", "density", "active", "accuracy", "loss", "devices",
                    "reporters",
                    "samples", "flops", "max_device_flops", "bytes_down", "bytes_up"), CsvTables::deviceClasses),
            new Table("personal.csv", List.of("run", "device", "accuracy", "shared_accuracy"), CsvTables::personal),
            new Table("turns.csv", List.of("run", "device", "turns", "seconds", "bytes_down", "bytes_up", "heap_bytes"), CsvTables::turns),
            new Table("split.csv", List.of("run", "device", "class", "count"), CsvTables::split),
            new Table("failures.csv", List.of("run", "round", "device", "cause", "reason"), CsvTables::failures));

    private CsvTables() {
    }

    /** Writes all tables into a folder, each under its name only when it is complete. */
    static void write(ReportRuns runs, Path folder) throws IOException {
        Files.createDirectories(folder);
        runs(runs, folder.resolve("runs.csv"));
        differences(runs, folder.resolve("differences.csv"));
        for (Table table : TABLES) {
            StringWriter text = new StringWriter();
            CsvTable into = new CsvTable(text, table.columns());
            for (RunGroup group : runs.groups()) {
                for (RunRecord run : group.runs()) {
                    table.rows().of(run, into);
                }
            }
            AtomicFile.write(folder.resolve(table.file()), text.toString());
        }
    }

    private static void runs(ReportRuns runs, Path file) throws IOException {
        StringWriter text = new StringWriter();
        CsvTable table = new CsvTable(text, List.of("run", "group", "method", "seed", "state", "rounds", "accuracy", "accuracy_rounds",
                "recalibrated_accuracy", "density", "flops", "bytes_down", "bytes_up", "seconds", "round_seconds", "epsilon", "delta",
                "commit"));
        for (RunGroup group : runs.groups()) {
            for (RunRecord run : group.runs()) {
                table.row(name(run), group.name(), run.method(), run.seed(),
                        group.repeats(run) ? REPEATED : run.state().word(), run.rounds().size(),
                        run.accuracy(runs.window()), Math.min(runs.window().rounds(), run.evaluatedRounds()),
                        run.recalibratedAccuracy(),
                        run.last("density"), run.total(Cost.FLOPS),
                        run.total(Cost.BYTES_DOWN), run.total(Cost.BYTES_UP), run.total(Cost.SECONDS),
                        run.roundSeconds(),
                        run.last("privacy", "epsilon"), run.last("privacy", "delta"), run.strings("program").getOrDefault("commit", ""));
            }
        }
        AtomicFile.write(file, text.toString());
    }

    private static void differences(ReportRuns runs, Path file) throws IOException {
        StringWriter text = new StringWriter();
        CsvTable table = new CsvTable(text, List.of("group", "against", "pairs", "accuracy_difference", "standard_deviation",
                "interval_low", "interval_high"));
        for (RunGroup group : runs.groups()) {
            for (RunGroup other : runs.groups()) {
                SampleStatistics pairs = PairedDifference.of(group.accuracies(runs.window()), other.accuracies(runs.window()))
                        .differences();
                double half = pairs.enough() ? pairs.halfInterval() : Double.NaN;
                if (group != other && pairs.count() > 0) {
                    table.row(group.name(), other.name(), pairs.count(), pairs.mean(), pairs.enough() ? pairs.deviation() : Double.NaN,
                            pairs.mean() - half, pairs.mean() + half);
                }
            }
        }
        AtomicFile.write(file, text.toString());
    }

    private static String name(RunRecord run) {
        return run.directory().toString();
    }

    private static void rounds(RunRecord run, CsvTable into) throws IOException {
        List<JsonObject> lines = run.lines();
        for (int round = 0; round < lines.size(); round++) {
            List<Object> cells = new ArrayList<>(List.of(name(run), round));
            for (RoundFigure figure : RoundFigure.ALL) {
                cells.add(figure.of(lines.get(round)));
            }
            into.row(cells.toArray());
        }
    }

    private static void layers(RunRecord run, CsvTable into) throws IOException {
        List<JsonObject> lines = run.lines();
        for (int round = 0; round < lines.size(); round++) {
            List<JsonObject> adjusted = JsonMembers.objects(lines.get(round), "adjustments");
            for (JsonObject layer : JsonMembers.objects(lines.get(round), "layers")) {
                String name = layer.string("name");
                JsonObject adjustment = adjusted.stream().filter(one -> one.string("name").equals(name)).findFirst()
                        .orElse(JsonObject.builder().build());
                into.row(name(run), round, name, JsonMembers.number(layer, "kept"), JsonMembers.number(layer, "size"),
                        JsonMembers.number(adjustment, "exchanged"), JsonMembers.number(adjustment, "grownBefore"),
                        JsonMembers.number(adjustment, "survivors"));
            }
        }
    }

    private static void devices(RunRecord run, CsvTable into) throws IOException {
        List<JsonObject> lines = run.lines();
        for (int round = 0; round < lines.size(); round++) {
            double[] accuracies = DeviceColumns.accuracies(lines.get(round)).orElse(new double[0]);
            Optional<DeviceColumns> columns = DeviceColumns.of(lines.get(round));
            if (columns.isPresent()) {
                DeviceColumns of = columns.get();
                for (int i = 0; i < of.devices().length; i++) {
                    double device = of.devices()[i];
                    into.row(name(run), round, device, of.samples()[i], of.losses()[i],
                            device < accuracies.length ? accuracies[(int) device] : Double.NaN, of.flops()[i], of.bytesDown()[i],
                            of.bytesUp()[i], of.seconds()[i]);
                }
            }
            for (int device = 0; device < accuracies.length; device++) {
                if (columns.isEmpty() || !columns.get().has(device)) {
                    into.row(name(run), round, device, Double.NaN, Double.NaN, accuracies[device], Double.NaN, Double.NaN, Double.NaN,
                            Double.NaN);
                }
            }
        }
    }

    private static void classes(RunRecord run, CsvTable into) throws IOException {
        List<JsonObject> lines = run.lines();
        for (int round = 0; round < lines.size(); round++) {
            Optional<JsonObject> known = JsonMembers.object(lines.get(round), "byClass");
            if (known.isPresent()) {
                JsonObject classes = known.get();
                double[] count = JsonMembers.numbers(classes, "count");
                double[] correct = JsonMembers.numbers(classes, "correct");
                double[] predicted = JsonMembers.numbers(classes, "predicted");
                List<String> names = run.classNames(count.length);
                for (int label = 0; label < count.length; label++) {
                    into.row(name(run), round, label, names.get(label), count[label], correct[label], predicted[label]);
                }
            }
        }
    }

    private static void deviceClasses(RunRecord run, CsvTable into) throws IOException {
        List<JsonObject> lines = run.lines();
        for (int round = 0; round < lines.size(); round++) {
            for (JsonObject one : JsonMembers.objects(lines.get(round), "deviceClasses")) {
                List<Object> cells = new ArrayList<>(List.of(name(run), round, one.string("name")));
                for (String figure : List.of("density", "kept", "accuracy", "loss", "devices", "reporters", "samples", "flops",
                        "maxDeviceFlops", "bytesDown", "bytesUp")) {
                    cells.add(JsonMembers.number(one, figure));
                }
                into.row(cells.toArray());
            }
        }
    }

    private static void personal(RunRecord run, CsvTable into) throws IOException {
        JsonObject line = run.event("personal");
        double[] devices = JsonMembers.numbers(line, "device");
        double[] own = JsonMembers.numbers(line, "accuracies");
        double[] shared = JsonMembers.numbers(line, "sharedAccuracies");
        for (int i = 0; i < devices.length; i++) {
            into.row(name(run), devices[i], own[i], shared[i]);
        }
    }

    private static void turns(RunRecord run, CsvTable into) throws IOException {
        for (TurnCosts device : run.turnCosts()) {
            into.row(name(run), device.device(), device.turns(), device.seconds(), device.bytesDown(), device.bytesUp(),
                    device.heapBytes());
        }
    }

    private static void confusion(RunRecord run, CsvTable into) throws IOException {
        List<double[]> rows = matrix(run.event("confusion"), "rows");
        for (int label = 0; label < rows.size(); label++) {
            for (int answer = 0; answer < rows.get(label).length; answer++) {
                into.row(name(run), label, answer, rows.get(label)[answer]);
            }
        }
    }

    private static void split(RunRecord run, CsvTable into) throws IOException {
        List<double[]> rows = run.start().flatMap(start -> JsonMembers.object(start, "split")).map(split -> matrix(split, "devices"))
                .orElse(List.of());
        for (int device = 0; device < rows.size(); device++) {
            for (int label = 0; label < rows.get(device).length; label++) {
                into.row(name(run), device, label, rows.get(device)[label]);
            }
        }
    }

    private static List<double[]> matrix(JsonObject object, String name) {
        return object.find(name).filter(JsonValue.JsonArray.class::isInstance).map(array -> ((JsonValue.JsonArray) array).values().stream()
                .map(row -> JsonMembers.numbers((JsonValue.JsonArray) row)).toList()).orElse(List.of());
    }

    private static void failures(RunRecord run, CsvTable into) throws IOException {
        for (JsonObject round : run.rounds()) {
            for (JsonObject failure : JsonMembers.objects(round, "failures")) {
                into.row(name(run), JsonMembers.number(round, "round"), JsonMembers.number(failure, "device"), failure.string("cause"),
                        failure.string("reason"));
            }
        }
    }
}
