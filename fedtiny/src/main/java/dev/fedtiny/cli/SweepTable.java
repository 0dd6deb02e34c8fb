package dev.fedtiny.cli;

import dev.fedtiny.experiment.Runner.Result;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.profile.Repetitions;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** A sweep's results, one row for all runs that differ by their seeds alone. */
final class SweepTable {
    private SweepTable() {
    }

    static String line(Result result) {
        return "accuracy " + Units.percent(result.accuracy()) + ", density " + Units.fixed(result.density(), 4) + ", "
                + Units.scientific(result.costs().flops()) + " FLOPs, " + Units.fixed(result.wallSeconds(), 1) + " s";
    }

    static String of(List<Outcome> outcomes) {
        Map<Map<String, String>, List<Result>> groups = new LinkedHashMap<>();
        Set<String> keys = new LinkedHashSet<>();
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Done done) {
                groups.computeIfAbsent(outcome.run().group(), _ -> new ArrayList<>()).add(done.result());
                keys.addAll(outcome.run().group().keySet());
            }
        }
        List<String> head = new ArrayList<>(keys);
        head.addAll(List.of("runs", "accuracy", "±", "density", "FLOPs", "dearest device-round", "sent down", "sent up", "seconds"));
        TextTable table = new TextTable(head.toArray(String[]::new));
        groups.forEach((group, results) -> table.row(row(keys, group, results)));
        boolean few = groups.values().stream().anyMatch(results -> results.size() > 1 && results.size() < Repetitions.FOR_DEVIATION);
        return table + (few ? "±: standard deviation over runs, not given for fewer than " + Repetitions.FOR_DEVIATION
                + System.lineSeparator() : "");
    }

    private static String[] row(Set<String> keys, Map<String, String> group, List<Result> results) {
        List<String> cells = new ArrayList<>();
        keys.forEach(key -> cells.add(group.getOrDefault(key, "")));
        cells.add(Integer.toString(results.size()));
        cells.add(Units.percent(mean(results, Result::accuracy)));
        cells.add(results.size() < Repetitions.FOR_DEVIATION ? "" : Units.percent(deviation(results, Result::accuracy)));
        cells.add(Units.fixed(mean(results, Result::density), 4));
        cells.add(Units.scientific(Math.round(mean(results, result -> result.costs().flops()))));
        cells.add(Units.scientific(Math.round(mean(results, Result::dearestDeviceFlops))));
        cells.add(Units.megabytes(Math.round(mean(results, result -> result.costs().traffic().bytesDown()))));
        cells.add(Units.megabytes(Math.round(mean(results, result -> result.costs().traffic().bytesUp()))));
        cells.add(Units.fixed(mean(results, Result::wallSeconds), 1));
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
