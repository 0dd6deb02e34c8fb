package dev.fedtiny.benchmarks.charts;

import dev.fedtiny.engine.internal.json.JsonLimits;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.metrics.MetricsFile;
import dev.fedtiny.report.StandaloneChart.Series;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A sweep whose runs are kept with the sources: of each its {@code manifest.json}, {@code metrics.jsonl} and, where it is done,
 * {@code result.json}, in a directory of the run's name.
 *
 * @param folder of the runs' directories
 */
record KeptSweep(Path folder) {
    private static final double PERCENT = 100;
    /** Lines of one chart that can show where their seeds lie before intervals cover each other. */
    private static final int MOST_SPREAD = 4;
    /** Lines of one chart of leads. */
    private static final int MOST_LEADS = 15;

    /**
     * The sweeps in a folder that have a run with at least two rounds, by name.
     *
     * @throws IOException if a file cannot be read
     */
    static List<KeptSweep> all(Path root) throws IOException {
        List<KeptSweep> sweeps = new ArrayList<>();
        if (Files.isDirectory(root)) {
            for (Path folder : sorted(root)) {
                KeptSweep sweep = new KeptSweep(folder);
                if (!sweep.series().isEmpty()) {
                    sweeps.add(sweep);
                }
            }
        }
        return sweeps;
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    String name() {
        return folder.getFileName().toString();
    }

    /**
     * Accuracy in percent by round: one line for all finished runs that differ by their seeds alone, their mean and, where lines are few,
     * the least and the largest; and a line for every run that is not finished or diverged, whose name says so: it is in no mean, as in
     * tables. Means are over the seeds that all such lines have, so that they compare like with like; finished runs of other seeds, and
     * of lines that lack a seed that most have, are left to {@link #leads}.
     */
    List<Series> series() throws IOException {
        List<String> finished = withoutBegunLines(runs(true));
        Set<String> shared = sharedSeeds(finished);
        Map<String, List<List<Double>>> groups = new LinkedHashMap<>();
        for (String run : finished) {
            if (shared.isEmpty() || shared.contains(seed(run))) {
                groups.computeIfAbsent(shared.size() == 1 ? named(run) : withoutSeed(run), _ -> new ArrayList<>()).add(curve(run));
            }
        }
        for (String run : runs(false)) {
            groups.put(named(run) + (Files.isRegularFile(folder.resolve(run).resolve(RunDirectory.RESULT)) ? ", diverged" : ", unfinished"),
                    List.of(curve(run)));
        }
        List<Series> series = new ArrayList<>();
        groups.forEach((name, curves) -> {
            int[] rounds = IntStream.range(0, curves.stream().mapToInt(List::size).min().orElseThrow())
                    .filter(round -> curves.stream().allMatch(curve -> Double.isFinite(curve.get(round)))).toArray();
            if (rounds.length > 1) {
                Series line = line(curves.size() == 1 ? name : name + ", " + curves.size() + " seeds", rounds, curves);
                series.add(groups.size() > MOST_SPREAD ? new Series(line.name(), line.x(), line.y()) : line);
            }
        });
        return series;
    }

    /**
     * By how many points finished runs lead over that of another line with the same seed, at every round the mean of the rounds up to it:
     * a line a run, of its kind's colour and its seed's dashes, so that one sees what seeds alone do. Empty where there are no two runs of
     * a seed, or too many to be told apart.
     *
     * @param against the line, as {@code fedtiny}
     * @param window how many rounds at most a mean is over; no line is shorter
     * @throws IOException if a file cannot be read
     */
    List<Series> leads(String against, int window) throws IOException {
        List<String> finished = runs(true);
        List<Series> series = new ArrayList<>();
        for (String run : finished.stream().sorted(Comparator.comparing(KeptSweep::withoutSeed)).toList()) {
            Optional<String> other = finished.stream().filter(one -> withoutSeed(one).equals(against) && seed(one).equals(seed(run)))
                    .findFirst();
            if (withoutSeed(run).equals(against) || other.isEmpty()) {
                continue;
            }
            List<Double> own = curve(run);
            List<Double> reference = curve(other.get());
            int[] ends = IntStream.rangeClosed(window, Math.min(own.size(), reference.size())).toArray();
            double[] leads = Arrays.stream(ends).mapToDouble(end -> PERCENT * IntStream.range(end - window, end)
                    .mapToDouble(round -> own.get(round) - reference.get(round)).average().orElseThrow()).toArray();
            if (ends.length > 1 && Arrays.stream(leads).allMatch(Double::isFinite)) {
                series.add(new Series(named(run), withoutSeed(run), seed(run), Arrays.stream(ends).asDoubleStream().toArray(), leads,
                        new double[0], new double[0]));
            }
        }
        return series.size() > MOST_LEADS ? List.of() : series;
    }

    /**
     * Accuracy in percent, mean of the last rounds, by the values of a setting that the sweep varies: a line for all finished runs that
     * differ by this setting and their seeds alone, at every value the mean over the seeds that all have. Empty where no line has two
     * values.
     *
     * @param setting as directories are named by it, like {@code learning-rate}
     * @param window how many rounds the mean is over; shorter runs are left out
     * @throws IOException if a file cannot be read
     */
    List<Series> byValue(String setting, int window) throws IOException {
        List<String> finished = withoutBegunLines(runs(true));
        Set<String> shared = sharedSeeds(finished);
        Pattern named = Pattern.compile(Pattern.quote(setting) + "-(\\d+(\\.\\d+)?(e-?\\d+)?)");
        Map<String, Map<Double, List<Double>>> lines = new LinkedHashMap<>();
        for (String run : finished) {
            Optional<String> part = Arrays.stream(run.split("_")).filter(named.asMatchPredicate()).findFirst();
            List<Double> curve = curve(run);
            double mean = curve.stream().skip(Math.max(0, curve.size() - window)).mapToDouble(accuracy -> PERCENT * accuracy).average()
                    .orElse(Double.NaN);
            if (part.isPresent() && curve.size() >= window && Double.isFinite(mean)
                    && (shared.isEmpty() || shared.contains(seed(run)))) {
                String line = Arrays.stream(run.split("_")).filter(other -> !isSeed(other) && !other.equals(part.get()))
                        .collect(Collectors.joining(", "));
                lines.computeIfAbsent(line.isEmpty() ? name() : line, _ -> new TreeMap<>())
                        .computeIfAbsent(Double.valueOf(part.get().substring(setting.length() + 1)), _ -> new ArrayList<>()).add(mean);
            }
        }
        return lines.entrySet().stream().filter(line -> line.getValue().size() > 1)
                .map(line -> new Series(line.getKey(), line.getValue().keySet().stream().mapToDouble(Double::doubleValue).toArray(),
                        line.getValue().values().stream().mapToDouble(KeptSweep::mean).toArray())).toList();
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Names of the runs that are finished and did not diverge, or of the others. */
    private List<String> runs(boolean finished) throws IOException {
        List<String> runs = new ArrayList<>();
        for (Path run : sorted(folder)) {
            if (Files.isRegularFile(run.resolve(RunDirectory.METRICS)) && finished(run.resolve(RunDirectory.RESULT)) == finished) {
                runs.add(run.getFileName().toString());
            }
        }
        return runs;
    }

    private static boolean finished(Path result) throws IOException {
        return Files.isRegularFile(result) && JsonReader.parse(result, JsonLimits.DEFAULT) instanceof JsonObject object
                && (object.find("diverged").isEmpty() || !object.bool("diverged"));
    }

    private List<Double> curve(String run) throws IOException {
        return MetricsFile.accuracies(folder.resolve(run).resolve(RunDirectory.METRICS));
    }

    /** Runs of kinds that have every seed that more than half of the kinds have: one new row takes no seed from the others' means. */
    private static List<String> withoutBegunLines(List<String> runs) {
        Map<String, Set<String>> seeds = seedsByKind(runs);
        Set<String> usual = runs.stream().map(KeptSweep::seed)
                .filter(seed -> 2 * seeds.values().stream().filter(some -> some.contains(seed)).count() > seeds.size())
                .collect(Collectors.toSet());
        return runs.stream().filter(run -> seeds.get(withoutSeed(run)).containsAll(usual)).toList();
    }

    private static Map<String, Set<String>> seedsByKind(List<String> runs) {
        Map<String, Set<String>> seeds = new LinkedHashMap<>();
        runs.forEach(run -> seeds.computeIfAbsent(withoutSeed(run), _ -> new HashSet<>()).add(seed(run)));
        return seeds;
    }

    /** Seeds of which there is a run of every kind. */
    private static Set<String> sharedSeeds(List<String> runs) {
        Map<String, Set<String>> seeds = seedsByKind(runs);
        Set<String> shared = runs.stream().map(KeptSweep::seed).collect(Collectors.toCollection(HashSet::new));
        seeds.values().forEach(shared::retainAll);
        return shared;
    }

    private static String seed(String name) {
        return Arrays.stream(name.split("_")).filter(KeptSweep::isSeed).findFirst().orElse("");
    }

    private static boolean isSeed(String part) {
        return part.matches("seed-\\d+");
    }

    private static String withoutSeed(String name) {
        String rest = Arrays.stream(name.split("_")).filter(part -> !isSeed(part)).collect(Collectors.joining(", "));
        return rest.isEmpty() ? name : rest;
    }

    /** As legends have it: {@code fedtiny, seed 1}. */
    private static String named(String run) {
        return seed(run).isEmpty() ? withoutSeed(run) : withoutSeed(run) + ", " + seed(run).replace('-', ' ');
    }

    private static Series line(String name, int[] rounds, List<List<Double>> curves) {
        double[] mean = new double[rounds.length];
        double[] low = new double[rounds.length];
        double[] high = new double[rounds.length];
        for (int i = 0; i < rounds.length; i++) {
            int round = rounds[i];
            double[] values = curves.stream().mapToDouble(curve -> PERCENT * curve.get(round)).sorted().toArray();
            mean[i] = Arrays.stream(values).average().orElseThrow();
            low[i] = values[0];
            high[i] = values[values.length - 1];
        }
        double[] x = Arrays.stream(rounds).mapToDouble(round -> round + 1).toArray();
        return curves.size() == 1 ? new Series(name, x, mean) : new Series(name, x, mean, low, high);
    }
}
