package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.comparison.Candidate;
import dev.fedtiny.benchmarks.comparison.Comparison;
import dev.fedtiny.benchmarks.comparison.MethodCost;
import dev.fedtiny.benchmarks.heap.CellFile;
import dev.fedtiny.benchmarks.heap.DeviceLine;
import dev.fedtiny.benchmarks.heap.HeapCell;
import dev.fedtiny.benchmarks.heap.HeapSearch;
import dev.fedtiny.benchmarks.heap.HeapTable;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Puts what methods cost by count beside what they cost a device process. */
final class CompareCommand implements Command {
    private static final int MOST_IMAGES = 1_000_000;
    private static final List<String> METHODS = List.of("prunefl", "feddst", "fedtiny");

    @Override
    public String name() {
        return "compare";
    }

    @Override
    public String summary() {
        return "what methods save a device, counted and measured: FLOPs and time, memory, bytes sent";
    }

    @Override
    public String usage() {
        return "[--method M]... [--density D] [--batch N] [--images N] [--seconds S] [--store FILE] [--min-heaps] [--quick] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.repeated("method", "METHOD", String.join(", ", METHODS), "compared with dense FedAvg"),
                Option.value("model", "MODEL", "resnet18", "architecture, for 3×32×32 images and 10 classes"),
                Option.width("64 channels; 16 with --quick"),
                Option.value("small", "MODEL", "cnn-32-64-32", "the small dense network beside it; none: without"),
                Option.above("density", "D", "0.01", "active share of the prunable weights", 1),
                Option.batch("8 images", "images of a step"), Option.whole("images", "N", "32 images", "of the device", 1, MOST_IMAGES),
                Option.fromZero("warm-up", "S", "8 s; 1 with --quick",
                        "rounds of every method before those that count, two at least", MOST_SECONDS),
                Option.whole("seconds", "S", "60 s; 15 with --quick",
                        "no lap begins later, but ten are done; 0 with --store: print what is known", 0, MOST_SECONDS),
                Option.value("store", "FILE", "none", "keeps rounds and minimum heaps, one JSON object a line; later calls add to them"),
                Option.flag("min-heaps", "also look for minimum heaps that are not in the file yet, which takes minutes each"),
                Option.repeated("set", "KEY=VALUE", "a further setting of the experiment"),
                Option.flag("quick", "a narrow network, and ten rounds unless there is time for more"),
                Option.flag("json", "one JSON object a method in place of the text"));
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(new Ineffective("quick", arguments -> arguments.has("width") && arguments.has("seconds") && arguments.has("warm-up"),
                "beside --width, --seconds and --warm-up, which are all that it changes: leave it out"));
    }

    @Override
    public String details() {
        return "Every method gets one device process with the heap its plan needs and a fifth more. A lap is one round of each in turn; "
                + "a round is timed from the first byte of the request to the last of the answer. FLOPs are exact counts of the very "
                + "rounds that were timed. Methods that adjust do so in every second round. Minimum heaps are those of "
                + "'min-heap', which may "
                + "share the file.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        List<Candidate> candidates = candidates(arguments);
        boolean temporary = !arguments.has("store");
        Path file = temporary ? PrivateFolder.temporary("fedtiny-compare").resolve("rounds.jsonl")
                : Path.of(arguments.value("store").orElseThrow());
        try (CellFile cells = CellFile.open(file)) {
            Comparison comparison = new Comparison(cells, line -> terminal.err().println("fedtiny: " + line));
            int seconds = arguments.integer("seconds", arguments.has("quick") ? 15 : 60);
            if (seconds > 0) {
                comparison.alternate(candidates, arguments.number("warm-up", arguments.has("quick") ? 1 : 8), seconds,
                        Duration.ofMinutes(10));
            }
            if (arguments.has("min-heaps")) {
                comparison.minima(candidates,
                        new HeapTable.Limits(OptionalInt.empty(), 2048 / HeapSearch.STEP_MIB * HeapSearch.STEP_MIB,
                        Duration.ofMinutes(10), Duration.ofMinutes(30)));
            }
            List<MethodCost> costs = comparison.costs(candidates);
            if (costs.isEmpty()) {
                throw new UsageException("nothing has been measured yet: give --seconds of at least 1");
            }
            if (arguments.has("json")) {
                CompareTables.json(costs).forEach(object -> terminal.out().println(JsonWriter.compact(object)));
            } else {
                terminal.out().print(CompareTables.text(costs));
            }
        } finally {
            if (temporary) {
                PrivateFolder.remove(file.getParent());
            }
        }
        return ExitCode.OK;
    }

    private static List<Candidate> candidates(Arguments arguments) {
        String model = arguments.value("model").orElse("resnet18");
        String small = arguments.value("small").orElse("cnn-32-64-32");
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(candidate(arguments, "fedavg", model, "fedavg", "1"));
        if (arguments.all("method").contains("fedavg")) {
            throw new UsageException("option --method is 'fedavg', which is what all are compared with; it is there in any case");
        }
        for (String method : arguments.all("method").isEmpty() ? METHODS : arguments.all("method")) {
            candidates.add(candidate(arguments, method, model, method, arguments.value("density").orElse("0.01")));
        }
        if (!small.equals("none")) {
            candidates.add(candidate(arguments, small, small, "fedavg", "1"));
        }
        return candidates;
    }

    private static Candidate candidate(Arguments arguments, String name, String model, String method, String density) {
        Map<SettingSpec<?>, String> extra = ExperimentArguments.beside(arguments, Setting.MODEL, Setting.WIDTH, Setting.METHOD,
                Setting.DENSITY, Setting.BATCH);
        String width = arguments.value("width").orElse(arguments.has("quick") ? "16" : "64");
        HeapCell cell = new HeapCell(model, width, method, density, Integer.toString(arguments.integer("batch", 8)),
                DeviceLine.SOCKET, extra);
        // A wrong word is told before anything is started.
        cell.experiment();
        return new Candidate(name, cell, arguments.integer("images", 32));
    }
}
