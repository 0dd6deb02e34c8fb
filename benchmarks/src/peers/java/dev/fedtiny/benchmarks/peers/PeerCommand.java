package dev.fedtiny.benchmarks.peers;

import dev.fedtiny.benchmarks.MedianInterval;
import dev.fedtiny.benchmarks.ResultFiles;
import dev.fedtiny.benchmarks.timing.BenchedModel;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.report.Repetitions;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Pairs of processes in turn: another engine's dense network and ours at each density, the order turned round from pair to pair, all
 * networks in every round. A ratio compares what ran within one pair; the result is the median ratio with its interval.
 *
 * @param name of the command, and of ours in {@code bin/benchmarks}
 * @param summary its line in the overview
 * @param peer what the other engine is called
 * @param program of the other engine, which prints one JSON object
 * @param batch images at a time where none are given
 */
record PeerCommand(String name, String summary, String peer, Class<?> program, int batch) implements Command {
    /** Training steps. */
    static final PeerCommand STEP = new PeerCommand("step", "our training step and libtorch's dense one in turn", "libtorch",
            TorchStep.class, 64);
    /** Inference. */
    static final PeerCommand INFER = new PeerCommand("infer", "our inference and ONNX Runtime's dense one in turn", "ONNX Runtime",
            OnnxInference.class, 1);

    private static final double CONFIDENCE = 0.95;
    private static final int MOST_PAIRS = 1000;
    /** What both processes of a pair are told of the network. */
    private static final Set<String> NETWORK = Set.of("width", "classes");

    @Override
    public String usage() {
        return "[OPTION]...";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(BenchedModel.options().stream().filter(option -> NETWORK.contains(option.name())).toList());
        options.addFirst(Option.value("model", "M,M", "resnet18", "architectures, each for the images behind its @ where there is one: "
                + "mobilenetv2,mobilenetv2@3x96x96"));
        options.add(Option.value("densities", "D,D", "1,0.1,0.01", "ours, each against the other's dense network of the same pair"));
        options.add(Option.batch(batch + " images", "images at a time"));
        options.add(Option.threads("one a processor"));
        options.add(Option.whole("pairs", "N", "7 pairs", "pairs of processes; an interval needs 6", 1, MOST_PAIRS));
        options.add(Option.above("seconds", "S", "10 s", "how long each process measures", MOST_SECONDS));
        if (name.equals("step")) {
            options.add(Option.value("activations", "HOW", "float32", "how our step stores activations and their gradients: float32 or "
                    + "bfloat16"));
        }
        options.add(Option.value("layout", "L", "nchw", "libtorch's memory format, nchw or nhwc"));
        options.add(Option.value("out", "DIR", "benchmarks/results", "where results go"));
        return options;
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException, InterruptedException {
        String[] densities = arguments.value("densities").orElse("1,0.1,0.01").split(",");
        Map<String, String> environment = ResultFiles.environment();
        int count = arguments.integer("pairs", 7);
        String layout = arguments.value("layout").orElse("nchw");
        if (!layout.equals("nchw") && !layout.equals("nhwc")) {
            throw new UsageException("option --layout is '" + layout + "', expected nchw or nhwc");
        }
        List<String> models = List.of(arguments.value("model").orElse("resnet18").split(","));
        Map<String, Table> tables = new LinkedHashMap<>();
        models.forEach(model -> tables.put(model, new Table(densities, new double[count], new double[densities.length][count],
                new double[densities.length][count])));
        List<JsonObject> pairs = new ArrayList<>();
        for (int pair = 0; pair < count; pair++) {
            for (String model : models) {
                pair(arguments, layout, model, pair, tables.get(model));
                for (JsonObject one : tables.get(model).pair(pair, model)) {
                    terminal.out().printf(Locale.ROOT, "pair %d of %d, %s, %s first: %s %.3f ms, ours at density %s %.3f ms, ratio %.2f%n",
                            pair + 1, count, model, pair % 2 == 0 ? peer : "ours", peer, one.number("peerMillis"), one.number("density"),
                            one.number("oursMillis"), one.number("ratio"));
                    pairs.add(one);
                }
            }
        }
        String what = name + ", batch " + arguments.integer("batch", batch) + ", threads " + threads(arguments) + ", " + count
                + " pairs of processes, " + peer + (name.equals("step") ? " " + layout : "")
                + arguments.value("activations").map(how -> ", ours with activations in " + how).orElse("");
        Path folder = arguments.value("out").map(Path::of).orElse(ResultFiles.folder());
        report(terminal, what, environment, pairs, tables, folder);
        return ExitCode.OK;
    }

    private void pair(Arguments arguments, String layout, String model, int pair, Table table)
            throws IOException, InterruptedException {
        if (pair % 2 == 0) {
            table.others[pair] = other(arguments, layout, model);
        }
        for (int d = 0; d < table.densities.length; d++) {
            table.ours[d][pair] = ours(arguments, table.densities[d], model);
        }
        if (pair % 2 != 0) {
            table.others[pair] = other(arguments, layout, model);
        }
        for (int d = 0; d < table.densities.length; d++) {
            table.ratios[d][pair] = table.others[pair] / table.ours[d][pair];
        }
    }

    /** Milliseconds and ratios by density and pair. */
    private record Table(String[] densities, double[] others, double[][] ours, double[][] ratios) {
        List<JsonObject> pair(int pair, String model) {
            List<JsonObject> densitiesOfPair = new ArrayList<>();
            for (int d = 0; d < densities.length; d++) {
                densitiesOfPair.add(JsonObject.builder().put("model", model).put("pair", pair + 1)
                        .put("density", Double.parseDouble(densities[d])).put("peerMillis", others[pair]).put("oursMillis", ours[d][pair])
                        .put("ratio", ratios[d][pair]).build());
            }
            return densitiesOfPair;
        }

        List<String[]> rows(String model) {
            List<String[]> rows = new ArrayList<>();
            for (int d = 0; d < densities.length; d++) {
                MedianInterval ratio = MedianInterval.of(ratios[d], CONFIDENCE);
                boolean known = ratio.holds(CONFIDENCE);
                rows.add(new String[] {model, densities[d], Units.fixed(MedianInterval.of(others, CONFIDENCE).median(), 3),
                    Units.fixed(MedianInterval.of(ours[d], CONFIDENCE).median(), 3), Units.fixed(ratio.median(), 2),
                    known ? Units.fixed(ratio.low(), 2) : "-", known ? Units.fixed(ratio.high(), 2) : "-",
                    known ? Units.percent(ratio.confidence()) : Repetitions.tooFew(others.length)});
            }
            return rows;
        }
    }

    private void report(Terminal terminal, String what, Map<String, String> environment, List<JsonObject> pairs, Map<String, Table> tables,
            Path folder) throws IOException {
        String[] heading = {"model", "density", peer + " ms", "ours ms", "ratio", "low", "high", "confidence"};
        TextTable table = new TextTable(heading);
        StringBuilder page = new StringBuilder(what + "\n\n| " + String.join(" | ", heading) + " |\n|"
                + " --- |".repeat(heading.length) + "\n");
        tables.forEach((model, times) -> times.rows(model).forEach(row -> {
            table.row(row);
            page.append("| ").append(String.join(" | ", row)).append(" |\n");
        }));
        terminal.out().println("\n" + what);
        environment.forEach((fact, value) -> terminal.out().println(fact + ": " + value));
        terminal.out().print("\n" + table);
        Path file = ResultFiles.write(folder, ResultFiles.name(environment) + "-peers-" + name, environment, pairs, page.toString());
        terminal.out().println("\nwritten: " + file);
    }

    private int threads(Arguments arguments) {
        return arguments.integer("threads", Runtime.getRuntime().availableProcessors());
    }

    /** What both processes are told, as words. */
    private Stream<String> common(Arguments arguments, String model) {
        String[] parts = model.split("@", 2);
        Stream<String> images = parts.length == 2 ? Stream.of("--input", parts[1]) : Stream.empty();
        Stream<String> network = NETWORK.stream().filter(arguments::has)
                .flatMap(option -> Stream.of("--" + option, arguments.value(option).orElseThrow()));
        Stream<String> work = Stream.of("--model", parts[0], "--batch", Integer.toString(arguments.integer("batch", batch)), "--threads",
                Integer.toString(threads(arguments)), "--seconds", Double.toString(arguments.number("seconds", 10)));
        return Stream.of(network, images, work).flatMap(words -> words);
    }

    private double other(Arguments arguments, String layout, String model) throws IOException, InterruptedException {
        Stream<String> start = Stream.of(System.getProperty("java.home") + "/bin/java", "--enable-native-access=ALL-UNNAMED",
                "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                program.getName(), "--layout", layout);
        return process(Stream.concat(start, common(arguments, model)).toList());
    }

    private double ours(Arguments arguments, String density, String model) throws IOException, InterruptedException {
        Stream<String> start = Stream.of(ResultFiles.root().resolve("bin/benchmarks").toString(), name, "--json", "--density", density);
        Stream<String> storage = arguments.value("activations").stream().flatMap(how -> Stream.of("--activations", how));
        return process(Stream.of(start, storage, common(arguments, model)).flatMap(words -> words).toList());
    }

    /** Runs a process that prints one JSON object last, and takes its median. */
    private static double process(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        // OpenBLAS brings threads of its own beside libtorch's, and both get slower.
        builder.environment().putIfAbsent("OPENBLAS_NUM_THREADS", "1");
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        String last = text.lines().filter(l -> l.startsWith("{")).reduce((a, b) -> b).orElse("");
        if (code != 0 || last.isEmpty()) {
            throw new IllegalStateException("exit code " + code + " of " + String.join(" ", command) + "\n" + text);
        }
        return ((JsonObject) JsonReader.parse(last)).number("medianMillis");
    }
}
