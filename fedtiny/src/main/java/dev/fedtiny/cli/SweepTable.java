package dev.fedtiny.cli;

import dev.fedtiny.experiment.Runner.Result;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.report.Repetitions;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** A sweep's results, one row for all runs that differ by their seeds alone. */
final class SweepTable {
    /** Columns behind the keys, without that of runs that diverged. */
    private static final int FIGURES = 9;

    private SweepTable() {
    }

    static String line(Result result) {
        return result.diverged().map(divergence -> divergence + "; last good: ").orElse("") + "accuracy " + Units.percent(result.accuracy())
                + ", density " + Units.fixed(result.density(), 4) + ", "
                + Units.scientific(result.costs().flops()) + " FLOPs, " + Units.fixed(result.wallSeconds(), 1) + " s";
    }

    static String of(List<Outcome> outcomes) {
        Map<Map<String, String>, List<Result>> groups = new LinkedHashMap<>();
        Set<String> keys = new LinkedHashSet<>();
        boolean diverged = false;
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Done done) {
                groups.computeIfAbsent(outcome.run().group(), _ -> new ArrayList<>()).add(done.result());
                keys.addAll(outcome.run().group().keySet());
                diverged |= done.result().diverged().isPresent();
            }
        }
        List<String> head = new ArrayList<>(keys);
        head.addAll(List.of("runs", "accuracy", "±", "density", "FLOPs", "max device-round", "sent down", "sent up", "seconds"));
        if (diverged) {
            head.add("diverged");
        }
        boolean counted = diverged;
        TextTable table = new TextTable(head.toArray(String[]::new));
        groups.forEach((group, results) -> table.row(row(keys, group, results, counted)));
        boolean few = groups.values().stream().anyMatch(results -> results.size() > 1 && results.size() < Repetitions.FOR_DEVIATION);
        return table + (few ? "±: standard deviation over runs, not given for fewer than " + Repetitions.FOR_DEVIATION
                + System.lineSeparator() : "");
    }

    /** Means are over the runs that did not diverge; {@code counted} says whether it is told how many did. */
    private static String[] row(Set<String> keys, Map<String, String> group, List<Result> all, boolean counted) {
        List<Result> results = all.stream().filter(result -> result.diverged().isEmpty()).toList();
        List<String> cells = new ArrayList<>();
        keys.forEach(key -> cells.add(group.getOrDefault(key, "")));
        cells.add(Integer.toString(results.size()));
        if (results.isEmpty()) {
            cells.addAll(Collections.nCopies(FIGURES - 1, "–"));
            cells.add(Integer.toString(all.size()));
            return cells.toArray(String[]::new);
        }
        cells.add(Units.percent(mean(results, Result::accuracy)));
        cells.add(results.size() < Repetitions.FOR_DEVIATION ? "" : Units.percent(deviation(results, Result::accuracy)));
        cells.add(Units.fixed(mean(results, Result::density), 4));
        cells.add(Units.scientific(Math.round(mean(results, result -> result.costs().flops()))));
        cells.add(Units.scientific(Math.round(mean(results, Result::maxDeviceFlops))));
        cells.add(Units.megabytes(Math.round(mean(results, result -> result.costs().traffic().bytesDown()))));
        cells.add(Units.megabytes(Math.round(mean(results, result -> result.costs().traffic().bytesUp()))));
        cells.add(Units.fixed(mean(results, Result::wallSeconds), 1));
        if (counted) {
            cells.add(Integer.toString(all.size() - results.size()));
        }
        return cells.toArray(String[]::new);
    }

    private static double mean(List<Result> results, ToDoubleFunction<Result> figure) {
        return results.stream().mapToDouble(figure).average().orElseThrow();
    }

    /** Standard deviation of a sample. */
    private static double deviation(List<Result> results, ToDoubleFunction<Result> figure) {
        double mean = mean(results, figure);
        double squares = results.stream().mapToDouble(figure).map(value -> (value - mean) * (value - mean)).sum();
        return Math.sqrt(squares / (results.size() - 1));
    }
}
