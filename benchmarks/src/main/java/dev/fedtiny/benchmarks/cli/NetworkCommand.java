package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.network.Duty;
import dev.fedtiny.benchmarks.network.NetworkLoad;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.report.TextTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Loads a federation's server with many devices. */
final class NetworkCommand implements Command {
    private static final int MOST_DEVICES = 100_000;
    private static final int MOST = 1_000_000;
    private static final int MOST_ROUNDS = 1000;

    @Override
    public String name() {
        return "network";
    }

    @Override
    public String summary() {
        return "a federation's server under many devices: rounds beside the bare transport, heap, processor while it waits";
    }

    @Override
    public String usage() {
        return "[--devices N] [--asked N] [--kilobytes N] [--heap MIB] [--rounds N] [--warm-up N] [--idle SECONDS] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.whole("devices", "N", "200", "devices that enrol, join and poll over HTTPS", 1, MOST_DEVICES),
                Option.whole("asked", "N", "all of them", "devices a round", 1, MOST_DEVICES),
                Option.whole("kilobytes", "N", "5000", "size of a request, and of an answer", 1, MOST),
                Option.whole("heap", "MIB", "192", "heap of the server's process", 1, MOST),
                Option.whole("rounds", "N", "5", "rounds, each beside the bare transport", 1, MOST_ROUNDS),
                Option.whole("warm-up", "N", "4", "rounds before them, while the compiler is at work", 0, MOST_ROUNDS),
                Option.whole("idle", "SECONDS", "10", "how long all devices wait for work while the server's processor time is taken", 1,
                        MOST),
                Option.flag("json", "one JSON object in place of the table"));
    }

    @Override
    public String details() {
        return "The bare transport is the JDK's HTTPS server in the same process, which hands the same bytes out and forgets what it is "
                + "sent: no turns, hashes, checksums, files. Beside it stands the same one with each of these by itself and with all of "
                + "them: what a guarantee costs. All are measured in turn; devices and server share this machine. Before that are rounds, "
                + "each beside the bare transport without and with all duties, that are left out: compilers take a quarter of the "
                + "processors then.";
    }

    /** One way to move the bytes of a round. */
    private enum Candidate {
        FEDERATION("a round", Set.of()),
        BARE("bare transport", Set.of()),
        TURNS("bare, " + Duty.TURNS.words(), EnumSet.of(Duty.TURNS)),
        FILE("bare, " + Duty.FILE.words(), EnumSet.of(Duty.FILE)),
        CHECK("bare, " + Duty.FILE.words() + ", " + Duty.CHECK.words(), EnumSet.of(Duty.FILE, Duty.CHECK)),
        HASH("bare, " + Duty.HASH.words(), EnumSet.of(Duty.HASH)),
        ALL("bare, all of these", EnumSet.allOf(Duty.class));

        private final String words;
        private final Set<Duty> duties;

        Candidate(String words, Set<Duty> duties) {
            this.words = words;
            this.duties = duties;
        }
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        int devices = arguments.integer("devices", 200);
        int warmUp = arguments.integer("warm-up", 4);
        int rounds = arguments.integer("rounds", 5);
        NetworkLoad.Setup setup = new NetworkLoad.Setup(devices, arguments.integer("asked", devices),
                1000 * arguments.integer("kilobytes", 5000), arguments.integer("heap", 192), warmUp + rounds);
        Map<Candidate, List<Double>> millis = new EnumMap<>(Candidate.class);
        Map<Candidate, List<Double>> ratios = new EnumMap<>(Candidate.class);
        Map<Candidate, List<Double>> cpu = new EnumMap<>(Candidate.class);
        double idle;
        try (NetworkLoad load = new NetworkLoad(setup)) {
            for (int i = 0; i < warmUp; i++) {
                load.round();
                load.bare(Candidate.BARE.duties);
                load.bare(Candidate.ALL.duties);
            }
            for (int i = 0; i < rounds; i++) {
                Map<Candidate, NetworkLoad.Round> now = new EnumMap<>(Candidate.class);
                now.put(Candidate.FEDERATION, load.round());
                for (Candidate candidate : EnumSet.range(Candidate.BARE, Candidate.ALL)) {
                    now.put(candidate, load.bare(candidate.duties));
                }
                now.forEach((candidate, round) -> {
                    millis.computeIfAbsent(candidate, _ -> new ArrayList<>()).add(round.millis());
                    ratios.computeIfAbsent(candidate, _ -> new ArrayList<>()).add(round.millis() / now.get(Candidate.BARE).millis());
                    cpu.computeIfAbsent(candidate, _ -> new ArrayList<>()).add(round.cpuMillis());
                });
            }
            idle = load.idleShare(arguments.integer("idle", 10));
        }
        if (arguments.has("json")) {
            JsonObject.Builder said = JsonObject.builder().put("devices", devices).put("asked", setup.asked()).put("bytes", setup.bytes())
                    .put("heapMiB", setup.heapMiB()).put("idleProcessorShare", idle);
            millis.forEach((candidate, values) -> said.put(candidate.name().toLowerCase(Locale.ROOT) + "Millis", median(values)));
            ratios.forEach((candidate, values) -> said.put(candidate.name().toLowerCase(Locale.ROOT) + "Ratio", median(values)));
            cpu.forEach((candidate, values) -> said.put(candidate.name().toLowerCase(Locale.ROOT) + "ServerCpuMillis", median(values)));
            terminal.out().println(JsonWriter.compact(said.build()));
            return ExitCode.OK;
        }
        TextTable table = new TextTable("", "ms", "least", "most", "over bare", "least", "most", "server's processor, ms");
        for (Candidate candidate : Candidate.values()) {
            List<String> cells = new ArrayList<>(List.of(candidate.words));
            cells.addAll(figures(millis.get(candidate), "%.0f"));
            cells.addAll(figures(ratios.get(candidate), "%.2f"));
            cells.add(String.format(Locale.ROOT, "%.0f", median(cpu.get(candidate))));
            table.row(cells.toArray(String[]::new));
        }
        terminal.out().println(String.format(Locale.ROOT, "%d devices, %d asked, %.1f MB each way, server's heap %d MiB", devices,
                setup.asked(), setup.bytes() / 1e6, setup.heapMiB()));
        terminal.out().print(table);
        terminal.out().println(String.format(Locale.ROOT, "while all wait, the server uses %.1f %% of a core", 100 * idle));
        return ExitCode.OK;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    /** Median, least, most. */
    private static List<String> figures(List<Double> values, String format) {
        return Stream.of(median(values), Collections.min(values), Collections.max(values))
                .map(value -> String.format(Locale.ROOT, format, value)).toList();
    }
}
