package dev.fedtiny.benchmarks.charts;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the demo's two runs reached round by round and had spent by then, as the table that the README's chart is drawn from. */
public final class DemoCurves {
    private static final String HEAD = "# bin/fedtiny run --out DIR, then bin/benchmarks charts --demo DIR; sums from the start on\n"
            + "run,round,megabytes,gflop,seconds,accuracy\n";
    /** The dense run stands inside the directory of the other. */

    private DemoCurves() {
    }

    /**
     * Writes the table.
     *
     * @param run directory of a run with dense FedAvg beside it
     * @param table CSV file to write
     * @throws IOException if a file cannot be read or written
     */
    public static void write(Path run, Path table) throws IOException {
        List<String> rows = new ArrayList<>();
        add(rows, "FedTiny", run);
        add(rows, "dense FedAvg", run.resolve(Methods.BASELINE));
        AtomicFile.write(table, HEAD + String.join("\n", rows) + "\n");
    }

    private static void add(List<String> rows, String name, Path run) throws IOException {
        Path file = run.resolve(RunDirectory.METRICS);
        double[] spent = new double[3];
        for (String line : Files.readAllLines(file)) {
            if (!(JsonReader.parse(line) instanceof JsonObject entry)) {
                throw new IOException(file + ": expected an object in every line");
            }
            boolean start = entry.string("event").equals("init");
            if (!start && !entry.string("event").equals("round")) {
                continue;
            }
            for (String part : start ? List.of("pretraining", "selection", "scoring") : List.of("costs")) {
                if (entry.find(part).isPresent()) {
                    JsonObject holder = entry.object(part);
                    add(spent, holder.find("costs").isPresent() ? holder.object("costs") : holder);
                }
            }
            rows.add(String.format(Locale.ROOT, "%s,%d,%.2f,%.1f,%.1f,%.2f", name, start ? 0 : entry.integer("round"), spent[0], spent[1],
                    spent[2], 100 * entry.number("accuracy")));
        }
    }

    private static void add(double[] spent, JsonObject costs) {
        spent[0] += (costs.number("bytesDown") + costs.number("bytesUp")) / 1e6;
        spent[1] += costs.number("flops") / 1e9;
        spent[2] += costs.number("seconds");
    }
}
