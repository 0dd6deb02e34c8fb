package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.heap.CellFile;
import dev.fedtiny.benchmarks.heap.DeviceLine;
import dev.fedtiny.benchmarks.heap.HeapCell;
import dev.fedtiny.benchmarks.heap.HeapSearch;
import dev.fedtiny.benchmarks.heap.HeapTable;
import dev.fedtiny.benchmarks.heap.MinimumHeap;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Finds the smallest heap in which a device can do its part. */
final class MinHeapCommand implements Command {
    private static final List<String> TABLE_DENSITIES = List.of("1", "0.1", "0.01", "0.001");
    private static final List<String> TABLE_BATCHES = List.of("8", "64");
    private static final List<String> TABLE_METHODS = List.of("fedavg", "prunefl", "feddst", "fedtiny");
    private static final int MOST_MIB = 2048;
    private static final int LARGEST_MIB = 1 << 20;
    private static final double MIB = 1 << 20;

    @Override
    public String name() {
        return "min-heap";
    }

    @Override
    public String summary() {
        return "the smallest Java heap in which a device does its part of a round, by running device processes";
    }

    @Override
    public String usage() {
        return "[--model M] [--method M] [--density D] [--batch N] [--https] [--table [--store FILE]] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("model", "MODEL", "resnet18", "architecture, for 3×32×32 images and 10 classes"),
                Option.width("64 channels"),
                Option.repeated("method", "METHOD", "fedtiny; with --table " + String.join(", ", TABLE_METHODS),
                        "the method; several with --table"),
                Option.above("density", "D", "0.01", "active share of the prunable weights", 1),
                Option.batch("8 images", "images of a step"),
                Option.whole("from", "MIB", "3 MiB below the plan", "heap the search begins at", 1, LARGEST_MIB),
                Option.whole("most", "MIB", "2048 MiB", "the largest heap tried", HeapSearch.STEP_MIB, LARGEST_MIB),
                Option.whole("cap", "S", "300 s", "wall time a device has for one round", 1, MOST_SECONDS),
                Option.whole("cell-cap", "S", "1800 s",
                        "wall time after which a minimum is given as 'at most', once some heap has sufficed", 1, MOST_SECONDS),
                Option.value("store", "FILE", "none", "keeps finished cells, one JSON object a line; those in it are not measured again"),
                Option.flag("https", "the device joins over HTTPS, with enrolment and signatures, as on another machine"),
                Option.repeated("set", "KEY=VALUE", "a further setting of the experiment"),
                Option.flag("table", "methods × densities 1, 0.1, 0.01, 0.001 × batches 8, 64"),
                Option.flag("json", "one JSON object a line in place of the text"));
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(new Ineffective("density", arguments -> !arguments.all("method").isEmpty()
                && arguments.all("method").stream().allMatch("fedavg"::equals) && arguments.number("density", 1) != 1,
                "on fedavg, which prunes nothing: leave it out"));
    }

    @Override
    public String details() {
        return "A trial is one device process, which does one ordinary round (three full batches and a partial one) and, where the method "
                + "adjusts, one adjusting round for every block of the network. The minimum has completed three times; one step less "
                + "has failed. HotSpot rounds a serial heap up to " + HeapSearch.STEP_MIB
                + " MiB, which is the step. Peak RSS is Linux's VmHWM: the whole process, with the pages it touched of mapped images, "
                + "libraries and class archive. Every trial is told on the error stream; most take about a minute. With --store a table "
                + "that was interrupted goes on, and cells come into one table from several calls.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        boolean whole = arguments.has("table");
        List<String> methods = arguments.all("method").isEmpty() ? whole ? TABLE_METHODS : List.of("fedtiny") : arguments.all("method");
        if (!whole && methods.size() > 1) {
            throw new UsageException("several methods need --table");
        }
        if (arguments.integer("from", 1) > arguments.integer("most", MOST_MIB)) {
            throw new UsageException("option --from is above --most: there would be nothing to search");
        }
        List<String> densities = whole && !arguments.has("density") ? TABLE_DENSITIES : List.of(arguments.value("density").orElse("0.01"));
        List<String> batches = whole && !arguments.has("batch") ? TABLE_BATCHES : List.of(arguments.value("batch").orElse("8"));
        List<HeapCell> cells = new ArrayList<>();
        for (String method : methods) {
            for (String density : method.equals("fedavg") ? List.of("1") : densities) {
                batches.forEach(batch -> cells.add(cell(arguments, method, density, batch)));
            }
        }
        terminal.err().println("fedtiny: " + String.join(" ", new JavaCommand(1, List.of()).flags()).replace("1m ", "Nm ") + "; "
                + JavaCommand.processorLimit());
        if (arguments.has("store")) {
            try (CellFile file = CellFile.open(Path.of(arguments.value("store").orElseThrow()))) {
                search(arguments, cells, Optional.of(file), terminal);
            }
        } else {
            search(arguments, cells, Optional.empty(), terminal);
        }
        return ExitCode.OK;
    }

    private static void search(Arguments arguments, List<HeapCell> cells, Optional<CellFile> file, Terminal terminal) throws IOException {
        OptionalInt from = arguments.has("from") ? OptionalInt.of(arguments.integer("from", 1)) : OptionalInt.empty();
        HeapTable minima = new HeapTable(new HeapTable.Limits(from, arguments.integer("most", MOST_MIB),
                Duration.ofSeconds(arguments.integer("cap", 300)), Duration.ofSeconds(arguments.integer("cell-cap", 1800))), file,
                line -> terminal.err().println("fedtiny: " + line));
        TextTable table = new TextTable("method", "density", "batch", "minimum heap", "peak RSS", "plan", "paper's formula",
                "trials", "seconds");
        for (HeapCell cell : cells) {
            MinimumHeap minimum = minima.minimum(cell);
            if (arguments.has("json")) {
                terminal.out().println(JsonWriter.compact(minimum.json(cell)));
                terminal.out().flush();
            } else {
                row(table, cell, minimum);
                // What is known so far, for who watches; the table itself comes at the end.
                terminal.err().print(cells.size() > 1 ? table : "");
            }
        }
        if (!arguments.has("json")) {
            terminal.out().print(table);
        }
    }

    private static void row(TextTable table, HeapCell cell, MinimumHeap minimum) {
        table.row(cell.method(), cell.density(), cell.batch(), minimum.heap(), minimum.residentBytes().isPresent()
                        ? String.format(Locale.ROOT, "%.0f MiB", minimum.residentBytes().getAsLong() / MIB) : "unknown",
                String.format(Locale.ROOT, "%.1f MiB", minimum.planBytes() / MIB),
                String.format(Locale.ROOT, "%.2f MB", minimum.paperBytes() / 1e6),
                Integer.toString(minimum.trials()), String.format(Locale.ROOT, "%.0f", minimum.seconds()));
    }

    private static HeapCell cell(Arguments arguments, String method, String density, String batch) {
        Map<SettingSpec<?>, String> extra = ExperimentArguments.beside(arguments, Setting.MODEL, Setting.WIDTH, Setting.METHOD,
                Setting.DENSITY, Setting.BATCH);
        HeapCell cell = new HeapCell(arguments.value("model").orElse("resnet18"), arguments.value("width").orElse("64"), method, density,
                batch, arguments.has("https") ? DeviceLine.HTTPS : DeviceLine.SOCKET, extra);
        // A wrong word is told before the first of many long searches, not in the middle.
        cell.experiment();
        return cell;
    }
}
