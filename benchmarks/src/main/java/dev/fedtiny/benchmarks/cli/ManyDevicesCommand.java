package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.comparison.ManyDevices;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.io.PrivateFolder;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.metrics.Quantiles;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What devices cost that are there and not asked. */
final class ManyDevicesCommand implements Command {
    private static final double MIB = 1 << 20;

    @Override
    public String name() {
        return "many-devices";
    }

    @Override
    public String summary() {
        return "a round and the heap of a federation of thousands of devices, beside those of one that has only as many as are asked";
    }

    @Override
    public String usage() {
        return "[--devices K] [--sample N] [--images N] [--rounds N] [--set key=value]... [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.whole("devices", "K", "10000", "devices of the large federation", 1, 1_000_000),
                Option.whole("sample", "N", "100", "devices of the small one, and those asked in a round of either", 1, 100_000),
                Option.whole("images", "N", "20", "of every device, dealt out with repetitions from those that are embedded", 1, 5_000),
                Option.whole("rounds", "N", "10", "of each federation, in turn, after three that do not count", 1, 10_000),
                ExperimentArguments.SET, Option.flag("json", "one JSON object a federation in place of the text"));
    }

    @Override
    public String details() {
        return "Both federations live in this process and do their rounds in turn: local training, averages, a test on 100 images, a "
                + "checkpoint. The heap is what is left of it after a collection between two rounds, without pixels, which are there once. "
                + "Defaults of the experiment: fedavg on cnn-8-8-8 without pretraining; --set method=fedtiny and others measure them.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        int devices = arguments.integer("devices", 10_000);
        int asked = arguments.integer("sample", 100);
        if (asked > devices) {
            throw new UsageException("option --sample is " + asked + ", but --devices is " + devices + ": expected at most as many");
        }
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>(Map.of(Setting.METHOD, "fedavg", Setting.MODEL, "cnn-8-8-8",
                Setting.DENSITY, "1", Setting.PRETRAIN_EPOCHS, "0", Setting.ROUNDS, "1000"));
        settings.putAll(ExperimentArguments.beside(arguments, Setting.DEVICES, Setting.SAMPLE));
        ManyDevices many = new ManyDevices(devices, asked, arguments.integer("images", 20), settings);
        Path folder = PrivateFolder.temporary("fedtiny-many-devices");
        List<ManyDevices.Cost> costs;
        try {
            costs = many.measure(3, arguments.integer("rounds", 10), folder);
        } finally {
            PrivateFolder.remove(folder);
        }
        if (arguments.has("json")) {
            costs.forEach(cost -> terminal.out().println(JsonWriter.compact(json(cost))));
        } else {
            print(costs, asked, terminal);
        }
        return ExitCode.OK;
    }

    private static Quantiles rounds(ManyDevices.Cost cost) {
        return Quantiles.of(cost.roundMillis().stream().mapToDouble(millis -> millis));
    }

    private static void print(List<ManyDevices.Cost> costs, int asked, Terminal terminal) {
        TextTable table = new TextTable("devices", "asked", "ready, s", "round, ms (median)", "25 %", "75 %", "heap held, MiB",
                "checkpoint, MiB");
        for (ManyDevices.Cost cost : costs) {
            table.row(Integer.toString(cost.devices()), Integer.toString(asked), Units.fixed(cost.readyMillis() / 1e3, 2),
                    Units.fixed(rounds(cost).at(0.5), 1), Units.fixed(rounds(cost).at(0.25), 1), Units.fixed(rounds(cost).at(0.75), 1),
                    Units.fixed(cost.heapBytes() / MIB, 2), Units.fixed(cost.checkpointBytes() / MIB, 2));
        }
        terminal.out().print(table);
        ManyDevices.Cost few = costs.getFirst();
        ManyDevices.Cost many = costs.getLast();
        terminal.out().printf(Locale.ROOT, "a round takes %.3f times as long, and %.1f MiB more are held%n",
                rounds(many).at(0.5) / rounds(few).at(0.5), (many.heapBytes() - few.heapBytes()) / MIB);
    }

    private static JsonObject json(ManyDevices.Cost cost) {
        return JsonObject.builder().put("devices", cost.devices()).put("readySeconds", cost.readyMillis() / 1e3)
                .put("roundMillis", rounds(cost).at(0.5)).put("roundMillis25", rounds(cost).at(0.25))
                .put("roundMillis75", rounds(cost).at(0.75)).put("heapBytes", cost.heapBytes())
                .put("checkpointBytes", cost.checkpointBytes()).build();
    }
}
