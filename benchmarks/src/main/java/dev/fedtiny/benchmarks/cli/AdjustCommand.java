package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.timing.AdjustmentTimes;
import dev.fedtiny.benchmarks.timing.BenchedModel;
import dev.fedtiny.benchmarks.timing.Timings;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Times what an adjustment of the mask costs beside ordinary work: the gradient of all pruned positions of a block with the choice of the
 * largest, against a dense gradient of the same weights; and taking over a mask that is another in every layer, against a training step.
 */
final class AdjustCommand implements Command {
    @Override
    public String name() {
        return "adjust";
    }

    @Override
    public String summary() {
        return "an adjustment: gradients of pruned positions against dense ones, a change of the whole mask against a training step";
    }

    @Override
    public String usage() {
        return "[OPTION]... [--json]";
    }

    @Override
    public List<Command.Option> options() {
        return BenchedModel.options();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        BenchedModel benched = BenchedModel.of(arguments, 64);
        if (benched.state().density() == 1) {
            throw new UsageException("option --density is 1: without pruned positions there is nothing to adjust");
        }
        benched.checkHeap(Mode.TRAINING, SessionOptions.DEFAULT.withAlgorithms(benched.algorithms()), benched.state(), benched.dense());
        AdjustmentTimes times;
        try (Workers workers = Workers.of(benched.threads())) {
            times = AdjustmentTimes.measure(benched, workers);
        }
        List<Network.Block> blocks = benched.dense().network().blocks();
        if (arguments.has("json")) {
            terminal.out().println(JsonWriter.compact(json(benched, times, blocks)));
            return ExitCode.OK;
        }
        terminal.out().printf(Locale.ROOT,
                "%s batch %d density %s threads %d, %d rounds of measurement, median ms (10th and 90th percentile)%n",
                benched.model(), benched.batch(), Units.density(benched.state().density()), benched.threads(), times.step().count());
        TextTable table = new TextTable("block", "pruned positions, top-K included", "of it top-K", "dense gradient", "ratio of the pairs");
        for (int b = 0; b < blocks.size(); b++) {
            table.row(row(blocks.get(b).name(), times.blocks().get(b)));
        }
        terminal.out().print(table.row(row("all", times.all())));
        terminal.out().printf(Locale.ROOT, "change of all masks %s; training step %s; share of the pairs %s %%%n", words(times.change(), 1),
                words(times.step(), 1), words(times.share(), 100));
        return ExitCode.OK;
    }

    private static String[] row(String name, AdjustmentTimes.Growth growth) {
        return new String[] {name, words(growth.pruned(), 1), Units.fixed(growth.topK().median(), 2), words(growth.dense(), 1),
            words(growth.ratio(), 1)};
    }

    private static String words(Timings timings, double scale) {
        return String.format(Locale.ROOT, "%.3f (%.3f, %.3f)", scale * timings.median(), scale * timings.percentile(0.1),
                scale * timings.percentile(0.9));
    }

    private static JsonObject json(BenchedModel benched, AdjustmentTimes times, List<Network.Block> blocks) {
        List<JsonValue> growths = new ArrayList<>();
        for (int b = 0; b < blocks.size(); b++) {
            growths.add(json(times.blocks().get(b)).put("block", blocks.get(b).name()).build());
        }
        return JsonObject.builder().put("model", benched.model()).put("density", benched.state().density()).put("batch", benched.batch())
                .put("threads", benched.threads()).put("rounds", times.step().count()).put("blocks", new JsonValue.JsonArray(growths))
                .put("all", json(times.all()).build()).put("changeMillis", json(times.change())).put("stepMillis", json(times.step()))
                .put("changeToStep", json(times.share())).build();
    }

    private static JsonObject.Builder json(AdjustmentTimes.Growth growth) {
        return JsonObject.builder().put("growthMillis", json(growth.pruned())).put("topKMillis", json(growth.topK()))
                .put("denseGradientMillis", json(growth.dense())).put("growthToDense", json(growth.ratio()));
    }

    private static JsonObject json(Timings timings) {
        return JsonObject.builder().put("median", timings.median()).put("p10", timings.percentile(0.1)).put("p90", timings.percentile(0.9))
                .build();
    }
}
