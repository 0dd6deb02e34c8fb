package dev.fedtiny.benchmarks.peers;

import dev.fedtiny.benchmarks.Ending;
import dev.fedtiny.benchmarks.MedianInterval;
import dev.fedtiny.benchmarks.ResultFiles;
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

/**
 * Pairs of processes in turn: libtorch's dense training step and ours at each density, the order turned round from pair to pair. A ratio
 * compares what ran within one pair; the result is the median ratio with its interval.
 */
public final class Main {
    private static final double CONFIDENCE = 0.95;
    private static final Map<String, String> DEFAULTS = Map.of("model", "resnet18", "densities", "1,0.1,0.01", "batch", "64", "threads",
            Integer.toString(Runtime.getRuntime().availableProcessors()), "pairs", "7", "seconds", "10", "layout", "nchw", "out",
            ResultFiles.folder().toString());
    private static final String USAGE = """
            Usage: bin/benchmarks peers [OPTION]...
              --model M         resnet18 or vgg11 (default: resnet18)
              --densities D,D   ours, each against libtorch's dense step of the same pair (default: 1,0.1,0.01)
              --batch N         images of a step (default: 64)
              --threads T       threads of both (default: one a processor)
              --pairs N         pairs of processes (default: 7); an interval needs 6
              --seconds S       how long each process measures (default: 10)
              --layout L        libtorch's memory format, nchw or nhwc (default: nchw)
              --out DIR         where results go (default: benchmarks/results)
            """;

    private final Map<String, String> options;
    private final String[] densities;
    private final List<JsonObject> pairs = new ArrayList<>();

    private Main(Map<String, String> options) {
        this.options = options;
        this.densities = options.get("densities").split(",");
    }

    /** Exit codes: those of the application; 1 when a process failed. */
    public static void main(String[] words) {
        System.exit(Ending.of(() -> program(words)));
    }

    private static int program(String[] words) throws IOException, InterruptedException {
        Map<String, String> options = new LinkedHashMap<>(DEFAULTS);
        for (int i = 0; i < words.length; i += 2) {
            String name = words[i].startsWith("--") ? words[i].substring(2) : "";
            if (name.equals("help")) {
                System.out.print(USAGE);
                return 0;
            }
            if (!DEFAULTS.containsKey(name) || i + 1 == words.length) {
                System.err.println("benchmarks: '" + words[i] + "' is unknown or has no value\n" + USAGE);
                return 2;
            }
            options.put(name, words[i + 1]);
        }
        new Main(options).run();
        return 0;
    }

    private void run() throws IOException, InterruptedException {
        Map<String, String> environment = ResultFiles.environment();
        int count = Integer.parseInt(options.get("pairs"));
        double[][] ratios = new double[densities.length][count];
        double[][] ours = new double[densities.length][count];
        double[] peer = new double[count];
        for (int pair = 0; pair < count; pair++) {
            boolean peerFirst = pair % 2 == 0;
            if (peerFirst) {
                peer[pair] = torch();
            }
            for (int d = 0; d < densities.length; d++) {
                ours[d][pair] = ours(densities[d]);
            }
            if (!peerFirst) {
                peer[pair] = torch();
            }
            for (int d = 0; d < densities.length; d++) {
                ratios[d][pair] = peer[pair] / ours[d][pair];
                System.out.printf(Locale.ROOT, "pair %d of %d, %s first: libtorch %.1f ms, ours at density %s %.1f ms, ratio %.2f%n",
                        pair + 1, count, peerFirst ? "libtorch" : "ours", peer[pair], densities[d], ours[d][pair], ratios[d][pair]);
                pairs.add(JsonObject.builder().put("pair", pair + 1).put("density", Double.parseDouble(densities[d]))
                        .put("peerMillis", peer[pair]).put("oursMillis", ours[d][pair]).put("ratio", ratios[d][pair]).build());
            }
        }
        report(environment, peer, ours, ratios);
    }

    private void report(Map<String, String> environment, double[] peer, double[][] ours, double[][] ratios) throws IOException {
        String what = options.get("model") + ", batch " + options.get("batch") + ", threads " + options.get("threads") + ", " + peer.length
                + " pairs of processes, libtorch " + options.get("layout");
        String[] heading = {"density", "libtorch ms", "ours ms", "ratio", "low", "high", "confidence"};
        TextTable table = new TextTable(heading);
        StringBuilder page = new StringBuilder(what + "\n\n| " + String.join(" | ", heading) + " |\n|"
                + " --- |".repeat(heading.length) + "\n");
        for (int d = 0; d < densities.length; d++) {
            MedianInterval ratio = MedianInterval.of(ratios[d], CONFIDENCE);
            String[] row = {densities[d], Units.fixed(MedianInterval.of(peer, CONFIDENCE).median(), 1),
                Units.fixed(MedianInterval.of(ours[d], CONFIDENCE).median(), 1), Units.fixed(ratio.median(), 2),
                ratio.holds(CONFIDENCE) ? Units.fixed(ratio.low(), 2) : "-", ratio.holds(CONFIDENCE) ? Units.fixed(ratio.high(), 2) : "-",
                ratio.holds(CONFIDENCE) ? Units.percent(ratio.confidence()) : Repetitions.tooFew(peer.length)};
            table.row(row);
            page.append("| ").append(String.join(" | ", row)).append(" |\n");
        }
        System.out.println("\n" + what);
        environment.forEach((fact, value) -> System.out.println(fact + ": " + value));
        System.out.print("\n" + table);
        Path file = ResultFiles.write(Path.of(options.get("out")), ResultFiles.name(environment) + "-peers", environment, pairs,
                page.toString());
        System.out.println("\nwritten: " + file);
    }

    private double torch() throws IOException, InterruptedException {
        return process(List.of(System.getProperty("java.home") + "/bin/java", "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), TorchStep.class.getName(), options.get("model"),
                options.get("batch"), options.get("threads"), options.get("seconds"), options.get("layout")));
    }

    private double ours(String density) throws IOException, InterruptedException {
        return process(List.of(ResultFiles.root().resolve("bin/benchmarks").toString(), "step", "--json", "--model", options.get("model"),
                "--density", density, "--batch", options.get("batch"), "--threads", options.get("threads"), "--seconds",
                options.get("seconds")));
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
