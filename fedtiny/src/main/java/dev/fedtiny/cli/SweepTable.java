package dev.fedtiny.cli;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.experiment.Runner.Result;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.Sweep;
import dev.fedtiny.experiment.SweepRunner.Outcome;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.report.PairedDifference;
import dev.fedtiny.report.Repetitions;
import dev.fedtiny.report.SampleStatistics;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** A sweep's results: one row for all runs that differ by their seeds alone, and by how much the rows differ, seed by seed. */
final class SweepTable {
    /** Columns behind the keys and the number of runs, without the one of recalibrated accuracies. */
    private static final int FIGURES = 9;

    /** Those that the others are compared with first. */
    private final List<Group> groups;
    private final int references;
    private final Set<String> keys = new LinkedHashSet<>();
    private final String words;
    private final boolean recalibrated;

    private SweepTable(List<Group> references, List<Group> others) {
        this.groups = Stream.concat(references.stream(), others.stream()).toList();
        this.references = references.size();
        groups.forEach(group -> keys.addAll(group.place().keySet()));
        List<AccuracyWindow> windows = groups.stream().flatMap(group -> group.results().stream())
                .map(result -> result.scores().rounds()).toList();
        this.words = windows.isEmpty() ? AccuracyWindow.USUAL.toString() : AccuracyWindow.words(windows);
        this.recalibrated = groups.stream().flatMap(group -> group.results().stream())
                .anyMatch(result -> result.recalibrated().isPresent());
    }

    /**
     * Runs that differ by their seeds alone.
     *
     * @param place what tells them from others
     * @param runs how many there should be
     * @param diverged how many of them did
     * @param bySeed those that are done and did not diverge: no mean has another in it
     */
    private record Group(Map<String, String> place, int runs, int diverged, Map<String, Result> bySeed) {
        private List<Result> results() {
            return List.copyOf(bySeed.values());
        }

        private SampleStatistics statistics(ToDoubleFunction<Result> figure) {
            return SampleStatistics.of(bySeed.values().stream().mapToDouble(figure).toArray());
        }

        private double mean(ToDoubleFunction<Result> figure) {
            return statistics(figure).mean();
        }

        /** Of the models with measured statistics; of those runs that have one. */
        private SampleStatistics recalibrated() {
            return statistics(result -> result.recalibrated().map(TestResult::accuracy).orElse(Double.NaN));
        }

        /** How many are in the means, and what became of others: {@code 3}, or {@code 2 of 3: 1 diverged}. */
        private String counted() {
            int good = bySeed.size();
            return (good == runs ? "" + good : good + " of " + runs) + (diverged == 0 ? "" : ": " + diverged + " diverged");
        }

        private Map<String, Double> accuracies() {
            Map<String, Double> accuracies = new TreeMap<>();
            bySeed.forEach((seed, result) -> accuracies.put(seed, result.accuracy()));
            return accuracies;
        }

        private PairedDifference against(Group other) {
            return PairedDifference.of(accuracies(), other.accuracies());
        }

        private String name() {
            return Sweep.groupName(place);
        }

        /** How many settings it shares with another group. */
        private long shared(Group other) {
            return place.entrySet().stream().filter(entry -> entry.getValue().equals(other.place().get(entry.getKey()))).count();
        }
    }

    /** With differences to the first row. */
    static SweepTable of(List<Outcome> outcomes) {
        return of(outcomes, Optional.empty());
    }

    /** With differences to the rows of a name, which come first. */
    static SweepTable of(List<Outcome> outcomes, Optional<String> against) {
        Map<Map<String, String>, List<Outcome>> byPlace = new LinkedHashMap<>();
        outcomes.forEach(outcome -> byPlace.computeIfAbsent(outcome.run().group(), _ -> new ArrayList<>()).add(outcome));
        List<Group> groups = new ArrayList<>();
        byPlace.forEach((place, members) -> {
            Map<String, Result> good = new LinkedHashMap<>();
            int diverged = 0;
            for (Outcome outcome : members) {
                if (outcome instanceof Outcome.Done done && done.result().diverged().isEmpty()) {
                    good.put(outcome.run().experiment().text(Setting.SEED), done.result());
                } else if (outcome instanceof Outcome.Done) {
                    diverged++;
                }
            }
            groups.add(new Group(place, members.size(), diverged, good));
        });
        Predicate<Group> reference = against.<Predicate<Group>>map(name -> group -> Sweep.isOf(group.place(), name))
                .orElse(group -> group == groups.getFirst());
        return new SweepTable(groups.stream().filter(reference).toList(), groups.stream().filter(reference.negate()).toList());
    }

    /** Over how many rounds the accuracies of a row are means, at most. */
    private static int rounds(Group group) {
        return group.results().stream().map(result -> result.scores().rounds()).mapToInt(AccuracyWindow::rounds).max()
                .orElse(AccuracyWindow.USUAL.rounds());
    }

    static String line(Result result) {
        return result.diverged().map(divergence -> divergence + "; last good: ").orElse("") + "accuracy " + Units.percent(result.accuracy())
                + ", density " + Units.density(result.density()) + ", "
                + Units.scientific(result.costs().flops()) + " FLOPs, " + Units.fixed(result.wallSeconds(), 1) + " s";
    }

    @Override
    public String toString() {
        List<String> head = new ArrayList<>(keys);
        head.addAll(List.of("runs", "accuracy", "±"));
        head.addAll(recalibrated ? List.of("recalibrated", "±") : List.of());
        head.addAll(List.of("density", "FLOPs", "max device-round", "sent down", "sent up", "s a round", "seconds"));
        TextTable table = new TextTable(head.toArray(String[]::new));
        groups.forEach(group -> table.row(row(group)));
        boolean single = groups.stream().allMatch(group -> group.bySeed().size() < 2);
        boolean few = groups.stream().anyMatch(group -> group.bySeed().size() > 1 && group.bySeed().size() < Repetitions.FOR_DEVIATION);
        String end = System.lineSeparator();
        return table + "accuracy: " + words + ", mean over the runs" + end
                + (single ? "" : few ? "±: standard deviation over runs, not given for fewer than " + Repetitions.FOR_DEVIATION + end
                : "±: standard deviation over runs" + end)
                + (recalibrated ? "recalibrated: the last model with running statistics that devices measured" + end : "")
                + "s a round: median, which the virtual machine's warm-up does not move; seconds are the whole run's, warm-up included"
                + end + differences();
    }

    private String[] row(Group group) {
        List<String> cells = new ArrayList<>();
        keys.forEach(key -> cells.add(group.place().getOrDefault(key, "")));
        cells.add(group.counted());
        if (group.bySeed().isEmpty()) {
            cells.addAll(Collections.nCopies(recalibrated ? FIGURES + 2 : FIGURES, "–"));
            return cells.toArray(String[]::new);
        }
        SampleStatistics accuracy = group.statistics(Result::accuracy);
        double round = group.mean(result -> result.times().roundSeconds());
        cells.add(Units.percent(accuracy.mean()));
        cells.add(accuracy.enough() ? Units.percent(accuracy.deviation()) : "");
        if (recalibrated) {
            SampleStatistics second = group.recalibrated();
            cells.add(second.count() == 0 ? "–" : Units.percent(second.mean()));
            cells.add(second.enough() ? Units.percent(second.deviation()) : "");
        }
        cells.add(Units.density(group.mean(Result::density)));
        cells.add(Units.scientific(Math.round(group.mean(result -> result.costs().flops()))));
        cells.add(Units.scientific(Math.round(group.mean(Result::maxDeviceFlops))));
        cells.add(Units.megabytes(Math.round(group.mean(result -> result.costs().traffic().bytesDown()))));
        cells.add(Units.megabytes(Math.round(group.mean(result -> result.costs().traffic().bytesUp()))));
        cells.add(Double.isNaN(round) ? "–" : Units.fixed(round, 2));
        cells.add(Units.fixed(group.mean(Result::wallSeconds), 1));
        return cells.toArray(String[]::new);
    }

    /** What a row is compared with: of the references those that it shares most settings with. */
    private List<Group> compared(Group group) {
        List<Group> candidates = groups.subList(0, references);
        long most = candidates.stream().mapToLong(group::shared).max().orElse(0);
        return candidates.contains(group) ? List.of()
                : candidates.stream().filter(other -> group.shared(other) == most && group.against(other).pairs() > 0).toList();
    }

    /** Every row against its reference; nothing where no seed is shared. */
    private String differences() {
        if (groups.stream().allMatch(group -> compared(group).isEmpty())) {
            return "";
        }
        boolean one = references == 1;
        List<String> head = new ArrayList<>(one ? List.of("accuracy against " + groups.getFirst().name()) : List.of("accuracy of",
                "against"));
        head.addAll(List.of("pairs", "points", "95 % interval"));
        TextTable table = new TextTable(head.toArray(String[]::new));
        for (Group group : groups) {
            for (Group other : compared(group)) {
                PairedDifference difference = group.against(other);
                List<String> cells = new ArrayList<>(one ? List.of(group.name()) : List.of(group.name(), other.name()));
                cells.addAll(List.of(Integer.toString(difference.pairs()), difference.points(), difference.interval()));
                table.row(cells.toArray(String[]::new));
            }
        }
        return System.lineSeparator() + table + "points: mean difference of runs with the same seed; interval: Student's t, each row by "
                + "itself" + System.lineSeparator();
    }

    /** The rows for programs. */
    JsonValue json() {
        return new JsonValue.JsonArray(groups.stream().map(this::json).toList());
    }

    private JsonValue json(Group group) {
        JsonObject.Builder object = JsonObject.builder().put("place", JsonObject.ofStrings(group.place())).put("runs", group.runs())
                .put("counted", group.bySeed().size()).put("diverged", group.diverged()).put("accuracyRounds", rounds(group));
        SampleStatistics accuracy = group.statistics(Result::accuracy);
        if (accuracy.count() > 0) {
            object.put("accuracy", accuracy.mean());
        }
        if (accuracy.enough()) {
            object.put("standardDeviation", accuracy.deviation());
        }
        SampleStatistics second = group.recalibrated();
        if (second.count() > 0) {
            object.put("recalibratedAccuracy", second.mean());
        }
        if (second.enough()) {
            object.put("recalibratedStandardDeviation", second.deviation());
        }
        List<JsonValue> differences = compared(group).stream().map(other -> difference(group, other)).toList();
        if (!differences.isEmpty()) {
            object.put("differences", new JsonValue.JsonArray(differences));
        }
        return object.build();
    }

    private static JsonValue difference(Group group, Group other) {
        PairedDifference difference = group.against(other);
        JsonObject.Builder object = JsonObject.builder().put("against", JsonObject.ofStrings(other.place()))
                .put("pairs", difference.pairs()).put("accuracy", difference.differences().mean());
        if (difference.differences().enough()) {
            object.put("halfInterval", difference.differences().halfInterval());
        }
        return object.build();
    }
}
