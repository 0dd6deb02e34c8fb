package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.cluster.ClusterTurns;
import dev.fedtiny.cluster.TurnCost;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.EngineOption;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.metrics.Quantiles;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What it costs that a device works on a node of a cluster. */
final class TurnsCommand implements Command {
    private static final int USUAL_TURNS = 60;
    private static final int USUAL_IMAGES = 100;
    private static final int USUAL_WARM_UP = 30;
    private static final double MILLI = 1e6;

    @Override
    public String name() {
        return "turns";
    }

    @Override
    public String summary() {
        return "turns of devices on the nodes of a cluster: work, bytes and overhead, one at a time and with all slots busy";
    }

    @Override
    public String usage() {
        return "[--on ENGINE] [--nodes N] [--images N] [--turns N] [--warm-up SECONDS] [--set key=value]... [--json]";
    }

    @Override
    public int mostOperands() {
        return 0;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value(EngineOption.NAME, "ENGINE", EngineOption.USUAL, "the cluster engine: hazelcast or spark"),
                Option.whole("nodes", "N", "1", "nodes to wait for", 1, 1000),
                Option.whole("images", "N", Integer.toString(USUAL_IMAGES), "of every device: how long a turn works", 1, 5000),
                Option.whole("turns", "N", Integer.toString(USUAL_TURNS), "of either kind, at least", 1, 10_000),
                Option.whole("warm-up", "SECONDS", Integer.toString(USUAL_WARM_UP), "of turns that do not count, while driver and nodes "
                        + "compile", 0, 3600),
                ExperimentArguments.SET, Option.flag("json", "one JSON object a line of the table in place of it"));
    }

    @Override
    public String details() {
        return "Overhead is the time that the driver waited for a turn, from before it is encoded until its answer is decoded, without the "
                + "time for which the node worked. One at a time is the price of a turn. The engine by itself carries as many bytes there "
                + "and back, in turn with these, for turns that keep the node as busy and do nothing: no turn of this size can cost less. "
                + "With all slots busy driver, engine and nodes share what processors there are. Defaults of the experiment: fedavg on "
                + "resnet18 of width 8, dense, without pretraining. Nodes are those of 'fedtiny node' at --set cluster=HOST:PORT; with "
                + "Spark this program is started by spark-submit (docs/cluster.md).";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>(Map.of(Setting.METHOD, "fedavg", Setting.MODEL, "resnet18",
                Setting.WIDTH, "8", Setting.DENSITY, "1", Setting.PRETRAIN_EPOCHS, "0", Setting.EPOCHS, "1", Setting.ROUNDS, "100000"));
        settings.putAll(ExperimentArguments.beside(arguments, Setting.DEVICES, Setting.SAMPLE));
        ClusterTurns turns = new ClusterTurns(EngineOption.engine(arguments), settings, arguments.integer("nodes", 1),
                arguments.integer("images", USUAL_IMAGES));
        ClusterTurns.Measured measured = turns.measure(arguments.integer("turns", USUAL_TURNS), arguments.integer("warm-up", USUAL_WARM_UP),
                note -> terminal.err().println("benchmarks: " + note));
        Map<String, List<TurnCost>> kinds = new LinkedHashMap<>();
        kinds.put("one at a time", measured.alone());
        kinds.put("engine by itself", measured.engine());
        kinds.put("all slots busy", measured.loaded());
        if (arguments.has("json")) {
            kinds.forEach((name, costs) -> terminal.out().println(JsonWriter.compact(json(name, measured.slots(), costs))));
            return ExitCode.OK;
        }
        TextTable table = new TextTable(measured.slots() + (measured.slots() == 1 ? " slot" : " slots"), "turns", "work, ms", "sent, MB",
                "back, MB", "overhead, ms", "10 %", "25 %", "75 %", "90 %");
        kinds.forEach((name, costs) -> {
            Quantiles overhead = millis(costs, TurnCost::wayNanos);
            table.row(name, Integer.toString(costs.size()), Units.fixed(millis(costs, TurnCost::workNanos).at(0.5), 1),
                    megabytes(costs, TurnCost::sentBytes), megabytes(costs, TurnCost::answerBytes), Units.fixed(overhead.at(0.5), 1),
                    Units.fixed(overhead.at(0.1), 1), Units.fixed(overhead.at(0.25), 1), Units.fixed(overhead.at(0.75), 1),
                    Units.fixed(overhead.at(0.9), 1));
        });
        terminal.out().print(table);
        double least = millis(measured.alone(), TurnCost::wayNanos).at(0.5);
        terminal.out().printf(Locale.ROOT, "work and overhead as medians, bytes as means; one at a time, the overhead is a tenth of a turn "
                + "that works %.0f ms, a hundredth of one that works %.1f s%n", 10 * least, 100 * least / 1e3);
        return ExitCode.OK;
    }

    private static Quantiles millis(List<TurnCost> costs, ToLongFunction<TurnCost> nanos) {
        return Quantiles.of(costs.stream().mapToDouble(cost -> nanos.applyAsLong(cost) / MILLI));
    }

    private static String megabytes(List<TurnCost> costs, ToLongFunction<TurnCost> bytes) {
        return Units.fixed(costs.stream().mapToLong(bytes).average().orElseThrow() / 1e6, 2);
    }

    private static JsonObject json(String name, int slots, List<TurnCost> costs) {
        Quantiles overhead = millis(costs, TurnCost::wayNanos);
        return JsonObject.builder().put("turns", name).put("slots", slots).put("count", costs.size())
                .put("workMillis", millis(costs, TurnCost::workNanos).at(0.5))
                .put("sentBytes", costs.stream().mapToLong(TurnCost::sentBytes).average().orElseThrow())
                .put("answerBytes", costs.stream().mapToLong(TurnCost::answerBytes).average().orElseThrow())
                .put("overheadMillis", overhead.at(0.5)).put("overheadMillis10", overhead.at(0.1))
                .put("overheadMillis25", overhead.at(0.25)).put("overheadMillis75", overhead.at(0.75))
                .put("overheadMillis90", overhead.at(0.9)).build();
    }
}
