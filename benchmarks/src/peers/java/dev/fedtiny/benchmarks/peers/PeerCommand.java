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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Pairs of processes in turn: another engine's dense network and ours at each density, the order turned round from pair to pair. A ratio
 * compares what ran within one pair; the result is the median ratio with its interval.
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
    private static final Set<String> NETWORK = Set.of("model", "width", "input", "classes");

    @Override
    public String usage() {
        return "[OPTION]...";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(BenchedModel.options().stream().filter(option -> NETWORK.contains(option.name())).toList());
        options.add(Option.value("densities", "D,D", "1,0.1,0.01", "ours, each against the other's dense network of the same pair"));
        options.add(Option.batch(batch + " images", "images at a time"));
        options.add(Option.threads("one a processor"));
        options.add(Option.whole("pairs", "N", "7 pairs", "pairs of processes; an interval needs 6", 1, MOST_PAIRS));
        options.add(Option.above("seconds", "S", "10 s", "how long each process measures", MOST_SECONDS));
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
        double[][] ratios = new double[densities.length][count];
        double[][] ours = new double[densities.length][count];
        double[] others = new double[count];
        List<JsonObject> pairs = new ArrayList<>();
        for (int pair = 0; pair < count; pair++) {
            boolean peerFirst = pair % 2 == 0;
            if (peerFirst) {
                others[pair] = other(arguments, layout);
            }
            for (int d = 0; d < densities.length; d++) {
                ours[d][pair] = ours(arguments, densities[d]);
            }
            if (!peerFirst) {
                others[pair] = other(arguments, layout);
            }
            for (int d = 0; d < densities.length; d++) {
                ratios[d][pair] = others[pair] / ours[d][pair];
                terminal.out().printf(Locale.ROOT, "pair %d of %d, %s first: %s %.2f ms, ours at density %s %.2f ms, ratio %.2f%n",
                        pair + 1, count, peerFirst ? peer : "ours", peer, others[pair], densities[d], ours[d][pair], ratios[d][pair]);
                pairs.add(JsonObject.builder().put("pair", pair + 1).put("density", Double.parseDouble(densities[d]))
                        .put("peerMillis", others[pair]).put("oursMillis", ours[d][pair]).put("ratio", ratios[d][pair]).build());
            }
        }
        String what = arguments.value("model").orElse("resnet18") + arguments.value("input").map(input -> " on " + input).orElse("")
                + ", " + name + ", batch " + arguments.integer("batch", batch) + ", threads " + threads(arguments) + ", " + count
                + " pairs of processes, " + peer + (name.equals("step") ? " " + layout : "");
        Path folder = arguments.value("out").map(Path::of).orElse(ResultFiles.folder());
        report(terminal, what, environment, pairs, new Table(densities, others, ours, ratios), folder);
        return ExitCode.OK;
    }

    /** Milliseconds and ratios by density and pair. */
    private record Table(String[] densities, double[] others, double[][] ours, double[][] ratios) {
        List<String[]> rows() {
            List<String[]> rows = new ArrayList<>();
            for (int d = 0; d < densities.length; d++) {
                MedianInterval ratio = MedianInterval.of(ratios[d], CONFIDENCE);
                boolean known = ratio.holds(CONFIDENCE);
                rows.add(new String[] {densities[d], Units.fixed(MedianInterval.of(others, CONFIDENCE).median(), 2),
                    Units.fixed(MedianInterval.of(ours[d], CONFIDENCE).median(), 2), Units.fixed(ratio.median(), 2),
                    known ? Units.fixed(ratio.low(), 2) : "-", known ? Units.fixed(ratio.high(), 2) : "-",
                    known ? Units.percent(ratio.confidence()) : Repetitions.tooFew(others.length)});
            }
            return rows;
        }
    }

    private void report(Terminal terminal, String what, Map<String, String> environment, List<JsonObject> pairs, Table times, Path folder)
            throws IOException {
        String[] heading = {"density", peer + " ms", "ours ms", "ratio", "low", "high", "confidence"};
        TextTable table = new TextTable(heading);
        StringBuilder page = new StringBuilder(what + "\n\n| " + String.join(" | ", heading) + " |\n|"
                + " --- |".repeat(heading.length) + "\n");
        for (String[] row : times.rows()) {
            table.row(row);
            page.append("| ").append(String.join(" | ", row)).append(" |\n");
        }
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
    private Stream<String> common(Arguments arguments) {
        Stream<String> network = NETWORK.stream().filter(arguments::has)
                .flatMap(option -> Stream.of("--" + option, arguments.value(option).orElseThrow()));
        return Stream.concat(network, Stream.of("--batch", Integer.toString(arguments.integer("batch", batch)), "--threads",
                Integer.toString(threads(arguments)), "--seconds", Double.toString(arguments.number("seconds", 10))));
    }

    private double other(Arguments arguments, String layout) throws IOException, InterruptedException {
        Stream<String> start = Stream.of(System.getProperty("java.home") + "/bin/java", "--enable-native-access=ALL-UNNAMED",
                "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                program.getName(), "--layout", layout);
        return process(Stream.concat(start, common(arguments)).toList());
    }

    private double ours(Arguments arguments, String density) throws IOException, InterruptedException {
        Stream<String> start = Stream.of(ResultFiles.root().resolve("bin/benchmarks").toString(), name, "--json", "--density", density);
        return process(Stream.concat(start, common(arguments)).toList());
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
