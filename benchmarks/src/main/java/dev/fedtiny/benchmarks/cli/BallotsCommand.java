package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.comparison.GrowthBallots;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.SettingSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How well masked ballots find what should grow. */
final class BallotsCommand implements Command {
    private static final int USUAL_MULTIPLE = 4;

    @Override
    public String name() {
        return "ballots";
    }

    @Override
    public String summary() {
        return "how well masked ballots find the positions that should grow, beside gradients sent in the open";
    }

    @Override
    public String usage() {
        return "[--rounds N] [--multiple N] [--set key=value]...";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.whole("rounds", "N", "2", "rounds of the run before gradients are taken", 0, 1000),
                Option.whole("multiple", "N", "4", "positions whose gradients are asked for, in multiples of those that may grow", 1, 1000),
                ExperimentArguments.SET);
    }

    @Override
    public String details() {
        return "The true top a are the positions of largest mean gradient over all devices, of one batch each. 'found' is the share of "
                + "them "
                + "that a rule finds, 'energy' what it finds of their squared gradients. In the open every device sends its a largest with "
                + "their values; by ballots it votes for them, and sums are then taken at the positions of most votes. Defaults: fedtiny "
                + "without stage one on the embedded images.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>(Map.of(SettingIndex.of("selection"), "none", Setting.ROUNDS, "16"));
        settings.putAll(ExperimentArguments.beside(arguments));
        List<GrowthBallots.Found> all = GrowthBallots.compare(Experiment.of(settings), arguments.integer("rounds", 2),
                arguments.integer("multiple", USUAL_MULTIPLE));
        TextTable table = new TextTable("layer", "a", "open: found, %", "energy, %", "bytes", "ballots: found, %", "energy, %", "bytes");
        double[] sums = new double[4];
        long asked = 0;
        for (GrowthBallots.Found layer : all) {
            table.row(layer.name(), Integer.toString(layer.asked()), percent(layer.openShare()), percent(layer.openEnergy()),
                    Long.toString(layer.openBytes()), percent(layer.ballotShare()), percent(layer.ballotEnergy()),
                    Long.toString(layer.ballotBytes()));
            double[] shares = {layer.openShare(), layer.openEnergy(), layer.ballotShare(), layer.ballotEnergy()};
            for (int i = 0; i < sums.length; i++) {
                sums[i] += layer.asked() * shares[i];
            }
            asked += layer.asked();
        }
        terminal.out().print(table);
        terminal.out().printf(Locale.ROOT, "over all layers, weighed by a: in the open %.1f %% of the true top a and %.1f %% of its "
                + "energy, "
                + "by ballots %.1f %% and %.1f %%%n", 100 * sums[0] / asked, 100 * sums[1] / asked, 100 * sums[2] / asked,
                100 * sums[3] / asked);
        return ExitCode.OK;
    }

    private static String percent(double share) {
        return Units.fixed(100 * share, 1);
    }
}
