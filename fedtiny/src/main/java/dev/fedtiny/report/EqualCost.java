package dev.fedtiny.report;

import dev.fedtiny.experiment.Runner;
import dev.fedtiny.report.RunRecord.Cost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * A run beside one that costs more, in words: what the other had reached when it had spent as much, and what both reached in the end. The
 * run counts with its accuracy, the mean of its last rounds; the other one with the best round that it could pay, so that a comparison
 * that the run wins is won against the more generous figure.
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
        return new EqualCost(result, RunRecord.read(directory), otherResult, RunRecord.read(otherDirectory)).table();
    }

    private static double[] sent(RunRecord record) {
        double[] down = record.spent(Cost.BYTES_DOWN);
        double[] up = record.spent(Cost.BYTES_UP);
        double[] both = new double[down.length];
        Arrays.setAll(both, i -> down[i] + up[i]);
        return both;
    }

    private String table() {
        String name = result.method().name();
        String otherName = otherResult.method().name();
        TextTable table = new TextTable("at equal", "cost", name, otherName, "rounds of " + otherName);
        List<String> times = new ArrayList<>();
        row(table, "bytes sent", sent(run), sent(other), spent -> Units.megabytes(Math.round(spent)), times);
        row(table, "FLOPs", run.spent(Cost.FLOPS), other.spent(Cost.FLOPS), spent -> Units.scientific(spent), times);
        row(table, "time of rounds", run.spent(Cost.SECONDS), other.spent(Cost.SECONDS), spent -> Units.fixed(spent, 1) + " s", times);
        table.row("in the end", "", Units.percent(result.accuracy()), Units.percent(otherResult.accuracy()),
                Integer.toString(other.rounds().size()));
        return table + "in the end " + otherName + " has taken " + String.join(", ", times) + System.lineSeparator() + name + ", and "
                + otherName + " in the end: " + result.scores().window() + "; " + otherName + " at equal cost: the best round that it "
                + "could pay" + System.lineSeparator();
    }

    /** One cost. */
    private void row(TextTable table, String what, double[] spent, double[] otherSpent, DoubleFunction<String> text,
            List<String> times) {
        double limit = spent[spent.length - 1];
        double[] accuracies = other.accuracies();
        int last = 0;
        double best = accuracies[0];
        for (int round = 0; round < otherSpent.length && otherSpent[round] <= limit; round++) {
            last = round;
            best = Double.isFinite(accuracies[round]) ? Math.max(best, accuracies[round]) : best;
        }
        table.row(what, text.apply(limit), Units.percent(result.accuracy()), Units.percent(best), Integer.toString(last));
        times.add(String.format(Locale.ROOT, "%.1f times the %s", otherSpent[otherSpent.length - 1] / limit, what));
    }
}
