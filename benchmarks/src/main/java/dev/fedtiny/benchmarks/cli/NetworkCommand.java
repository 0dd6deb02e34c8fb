package dev.fedtiny.benchmarks.cli;

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
import java.util.List;
import java.util.Locale;

/** Loads a federation's server with many devices. */
final class NetworkCommand implements Command {
    private static final int MOST_DEVICES = 100_000;
    private static final int MOST = 1_000_000;

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
        return "[--devices N] [--asked N] [--kilobytes N] [--heap MIB] [--rounds N] [--idle SECONDS] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.whole("devices", "N", "200", "devices that enrol, join and poll over HTTPS", 1, MOST_DEVICES),
                Option.whole("asked", "N", "all of them", "devices a round", 1, MOST_DEVICES),
                Option.whole("kilobytes", "N", "5000", "size of a request, and of an answer", 1, MOST),
                Option.whole("heap", "MIB", "192", "heap of the server's process", 1, MOST),
                Option.whole("rounds", "N", "5", "rounds, each beside the bare transport", 1, MOST),
                Option.whole("idle", "SECONDS", "10", "how long all devices wait for work while the server's processor time is taken", 1,
                        MOST),
                Option.flag("json", "one JSON object in place of the table"));
    }

    @Override
    public String details() {
        return "The bare transport is the JDK's HTTPS server in the same process, which hands the same bytes out and forgets what it is "
                + "sent: no turns, hashes, checksums, files; the second one keeps it, with SHA-256 and a file that is read again. All "
                + "are measured in turn; devices and server share this machine. The first round compiles and is left out.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        int devices = arguments.integer("devices", 200);
        NetworkLoad.Setup setup = new NetworkLoad.Setup(devices, arguments.integer("asked", devices),
                1000 * arguments.integer("kilobytes", 5000), arguments.integer("heap", 192));
        List<Double> ours = new ArrayList<>();
        List<Double> bare = new ArrayList<>();
        List<Double> kept = new ArrayList<>();
        List<Double> keptRatios = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        double idle;
        try (NetworkLoad load = new NetworkLoad(setup)) {
            load.round();
            load.bareMillis(false);
            load.bareMillis(true);
            for (int i = 0; i < arguments.integer("rounds", 5); i++) {
                NetworkLoad.Round round = load.round();
                double plain = load.bareMillis(false);
                double storing = load.bareMillis(true);
                kept.add(storing);
                keptRatios.add(round.millis() / storing);
                ours.add(round.millis());
                bare.add(plain);
                ratios.add(round.millis() / plain);
                cpu.add(round.cpuMillis());
            }
            idle = load.idleShare(arguments.integer("idle", 10));
        }
        if (arguments.has("json")) {
            terminal.out().println(JsonWriter.compact(JsonObject.builder().put("devices", devices).put("asked", setup.asked())
                    .put("bytes", setup.bytes()).put("heapMiB", setup.heapMiB()).put("roundMillis", median(ours))
                    .put("bareMillis", median(bare)).put("ratio", median(ratios)).put("serverCpuMillis", median(cpu))
                    .put("keepingMillis", median(kept))
                    .put("keepingRatio", median(keptRatios)).put("idleProcessorShare", idle).build()));
            return ExitCode.OK;
        }
        TextTable table = new TextTable("", "median", "least", "most");
        row(table, "a round, ms", ours, "%.0f");
        row(table, "bare transport, ms", bare, "%.0f");
        row(table, "bare transport that keeps answers, ms", kept, "%.0f");
        row(table, "round / bare", ratios, "%.2f");
        row(table, "round / bare that keeps", keptRatios, "%.2f");
        row(table, "server's processor a round, ms", cpu, "%.0f");
        row(table, "processor while all wait, %", List.of(100 * idle), "%.1f");
        terminal.out().println(String.format(Locale.ROOT, "%d devices, %d asked, %.1f MB each way, server's heap %d MiB", devices,
                setup.asked(), setup.bytes() / 1e6, setup.heapMiB()));
        terminal.out().print(table);
        return ExitCode.OK;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private static void row(TextTable table, String name, List<Double> values, String format) {
        table.row(name, String.format(Locale.ROOT, format, median(values)),
                String.format(Locale.ROOT, format, values.stream().mapToDouble(v -> v).min().orElseThrow()),
                String.format(Locale.ROOT, format, values.stream().mapToDouble(v -> v).max().orElseThrow()));
    }
}
