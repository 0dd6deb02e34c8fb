package dev.fedtiny.report;

import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.experiment.Runner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A run beside one that costs more, in words: what the other had reached when it had spent as much, and what both reached in the end. Both
 * count with their accuracy, the mean of their last rounds, as if the other had ended there. Of a curve that still rises that is less than
 * what its last round has, which therefore stands beside it.
 */
public final class EqualCost {
    private final Runner.Result result;
    private final RunRecord run;
    private final Runner.Result otherResult;
    private final RunRecord other;

    private EqualCost(Runner.Result result, RunRecord run, Runner.Result otherResult, RunRecord other) {
        this.result = result;
        this.run = run;
        this.otherResult = otherResult;
        this.other = other;
    }

    /**
     * The table.
     *
     * @param result of the run
     * @param directory of the run
     * @param otherResult of the one it is compared with
     * @param otherDirectory of that one
     * @return lines with a heading
     * @throws IOException if the runs' files cannot be read
     */
    public static String table(Runner.Result result, Path directory, Runner.Result otherResult, Path otherDirectory) throws IOException {
        return new EqualCost(result, RunReader.read(directory), otherResult, RunReader.read(otherDirectory)).table();
    }

    private String table() {
        String name = result.method().name();
        String otherName = otherResult.method().name();
        TextTable table = new TextTable("at equal", "cost", name, otherName, "its last round", "rounds");
        List<String> times = new ArrayList<>();
        for (ComparedCost cost : ComparedCost.ALL) {
            double limit = cost.total(run);
            if (!(limit > 0)) {
                // Nothing is known of it.
                continue;
            }
            ComparedCost.Reached reached = cost.at(other, limit, result.scores().window());
            table.row(cost.name(), cost.text().apply(limit), Units.percent(result.accuracy()),
                    reached.started() ? Units.percent(reached.accuracy()) : "–",
                    reached.started() ? Units.percent(reached.last()) : "–",
                    reached.started() ? Integer.toString(reached.rounds()) : "–");
            times.add(String.format(Locale.ROOT, "%.1f times the %s", cost.total(other) / limit, cost.name()));
        }
        table.row("in the end", "", Units.percent(result.accuracy()), Units.percent(otherResult.accuracy()), last(),
                Integer.toString(other.rounds().size()));
        String window = AccuracyWindow.words(List.of(result.scores().rounds(), otherResult.scores().rounds()));
        return table + "in the end " + otherName + " has taken " + String.join(", ", times) + System.lineSeparator() + "accuracies: "
                + window + ", of " + otherName + " at equal cost those that it could pay, and the last one beside it"
                + System.lineSeparator() + ComparedCost.MEANING + System.lineSeparator();
    }

    private String last() {
        double accuracy = Arrays.stream(other.accuracies()).filter(Double::isFinite).reduce(Double.NaN, (_, later) -> later);
        return Double.isNaN(accuracy) ? "–" : Units.percent(accuracy);
    }
}
