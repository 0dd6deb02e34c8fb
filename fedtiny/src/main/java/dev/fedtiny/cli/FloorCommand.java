package dev.fedtiny.cli;

import dev.fedtiny.cost.PaperCost;
import dev.fedtiny.cost.PaperMethod;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.federation.process.JavaCommand;
import dev.fedtiny.floor.FloorSearch;
import dev.fedtiny.floor.LocalRoundProbe;
import dev.fedtiny.report.TextTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Finds the smallest heap in which a device can do its part. */
final class FloorCommand implements Command {
    private static final List<String> TABLE_DENSITIES = List.of("1", "0.1", "0.01", "0.001");
    private static final List<String> TABLE_BATCHES = List.of("8", "64");
    private static final double MIB = 1 << 20;

    @Override
    public String name() {
        return "floor";
    }

    @Override
    public String summary() {
        return "the smallest Java heap in which a device does its part of a round, by running device processes";
    }

    @Override
    public String usage() {
        return "[--model M] [--method M] [--density D] [--batch N] [--table] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("model", "MODEL", "resnet18", "architecture, for 3×32×32 images and 10 classes"),
                Option.value("width", "N", "64 channels", "channels of the first stage"),
                Option.repeated("method", "METHOD", "the method; several with --table (default fedtiny)"),
                Option.value("density", "D", "0.01", "kept share of the prunable weights"),
                Option.value("batch", "N", "8 images", "images of a step"),
                Option.value("from", "MIB", "what the plan needs", "heap the search begins at"),
                Option.value("most", "MIB", "2048 MiB", "the largest heap tried"),
                Option.value("cap", "S", "300 s", "wall time a device has for one round"),
                Option.repeated("set", "KEY=VALUE", "a further setting of the experiment"),
                Option.flag("table", "methods × densities 1, 0.1, 0.01, 0.001 × batches 8, 64"),
                Option.flag("json", "one JSON object a line in place of the text"));
    }

    @Override
    public String details() {
        return "A trial is one device process, which does one ordinary round (three full batches and a partial one) and, where the method "
                + "adjusts, one adjusting round for every block of the network. The floor has completed three times; one step less has failed. "
                + "HotSpot rounds a serial heap up to " + FloorSearch.STEP_MIB + " MiB, which is the step. Peak RSS is Linux's VmHWM: the whole "
                + "process, with the pages it touched of mapped images, libraries and class archive.";
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws IOException {
        if (!arguments.positional().isEmpty()) {
            throw new UsageException("'floor' takes options only, got " + String.join(" ", arguments.positional()));
        }
        List<String> methods = arguments.all("method").isEmpty() ? List.of("fedtiny") : arguments.all("method");
        if (!arguments.has("table") && methods.size() > 1) {
            throw new UsageException("several methods need --table");
        }
        terminal.err().println("fedtiny: " + String.join(" ", new JavaCommand(1, List.of()).flags()).replace("1m ", "Nm ") + "; "
                + JavaCommand.processorLimit());
        List<String> densities = arguments.has("table") && !arguments.has("density") ? TABLE_DENSITIES
                : List.of(arguments.value("density").orElse("0.01"));
        List<String> batches = arguments.has("table") && !arguments.has("batch") ? TABLE_BATCHES
                : List.of(arguments.value("batch").orElse("8"));
        TextTable table = new TextTable("method", "density", "batch", "least heap", "peak RSS", "paper's formula", "trials", "seconds");
        for (String method : methods) {
            for (String density : method.equals("fedavg") ? List.of("1") : densities) {
                for (String batch : batches) {
                    Floor floor = measure(arguments, method, density, batch, terminal);
                    if (arguments.has("json")) {
                        terminal.out().println(JsonWriter.compact(floor.json()));
                    } else {
                        floor.addTo(table);
                    }
                }
            }
        }
        if (!arguments.has("json")) {
            terminal.out().print(table);
        }
        return Main.OK;
    }

    /**
     * What was found.
     *
     * @param residentBytes peak RSS of a process at the floor
     * @param paperBytes what the paper counts for parameters and gradients
     */
    private record Floor(String model, String method, String density, String batch, int heapMiB, OptionalLong residentBytes, long paperBytes,
            int trials, double seconds) {
        JsonObject json() {
            JsonObject.Builder object = JsonObject.builder().put("model", model).put("method", method)
                    .put("density", Double.parseDouble(density)).put("batch", Integer.parseInt(batch)).put("minHeapMiB", heapMiB);
            residentBytes.ifPresent(bytes -> object.put("peakRssMiB", Math.round(10 * bytes / MIB) / 10.0));
            return object.put("paperMemoryBytes", paperBytes).put("trials", trials).put("seconds", Math.round(seconds)).build();
        }

        void addTo(TextTable table) {
            table.row(method, density, batch, heapMiB + " MiB",
                    residentBytes.isPresent() ? String.format(Locale.ROOT, "%.0f MiB", residentBytes.getAsLong() / MIB) : "unknown",
                    String.format(Locale.ROOT, "%.2f MB", paperBytes / 1e6), Integer.toString(trials), String.format(Locale.ROOT, "%.0f", seconds));
        }
    }

    private static Floor measure(Arguments arguments, String method, String density, String batch, Terminal terminal) throws IOException {
        long begin = System.nanoTime();
        Experiment experiment = experiment(arguments, method, density, batch);
        Path folder = Files.createTempDirectory("fedtiny-floor");
        try {
            LocalRoundProbe probe = new LocalRoundProbe(experiment, folder, Duration.ofSeconds(arguments.integer("cap", 300, 1)));
            FloorSearch search = new FloorSearch(heap -> {
                boolean completes = probe.completes(heap);
                terminal.err().println("fedtiny: " + method + " density " + density + " batch " + batch + ", -Xmx" + heap + "m: "
                        + (completes ? "completes" : "does not: " + probe.lastFailure()));
                return completes;
            }, arguments.integer("most", 2048, FloorSearch.STEP_MIB), 3);
            int floor = search.find(arguments.integer("from", probe.plannedMiB(), 1));
            return new Floor(arguments.value("model").orElse("resnet18"), method, density, batch, floor, probe.peakResidentBytes(),
                    paperBytes(probe.network(), method, Double.parseDouble(density)), search.trials(),
                    (System.nanoTime() - begin) / 1e9);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The paper's formula, which knows neither activations nor batches. */
    private static long paperBytes(Network network, String method, double density) {
        return Math.round(new PaperCost(network, density, 1, 1, 1).memoryBytes(PaperMethod.of(method).costClass()));
    }

    private static Experiment experiment(Arguments arguments, String method, String density, String batch) {
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        settings.putAll(Map.of(Setting.METHOD, method, Setting.MODEL, arguments.value("model").orElse("resnet18"), Setting.WIDTH,
                arguments.value("width").orElse("64"), Setting.DENSITY, density, Setting.BATCH, batch, Setting.DEVICES, "1", Setting.EPOCHS, "1",
                Setting.SELECTION, "none", Setting.PRETRAIN_EPOCHS, "0", Setting.AUGMENT, "crop-mirror"));
        // Adjustments in every round but the first, all of nearly the largest size.
        settings.putAll(Map.of(Setting.ROUNDS, "1000", Setting.ADJUST_EVERY, "1", Setting.ADJUST_UNTIL, "1000", Setting.LEARNING_RATE, "0.001",
                Setting.LEARNING_RATE_LAST, "0.001", Setting.DATA, "none"));
        for (String assignment : arguments.all("set")) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--set '" + assignment + "', expected KEY=VALUE");
            }
            settings.put(Setting.of(assignment.substring(0, equals).strip()), assignment.substring(equals + 1));
        }
        return Experiment.of(settings);
    }
}
