package dev.fedtiny.report;

import dev.fedtiny.data.Datasets;
import dev.fedtiny.data.PartitionSchemes;
import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.method.Methods;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Runs that differ in nothing but their seed: one line of the comparison.
 *
 * @param name the method, and the settings in which groups of it differ; where those are many, the ones in which this differs from most,
 *        and where these are many, the directory of the first run
 * @param color place in the palette
 * @param runs at least one
 */
record RunGroup(String name, int color, List<RunRecord> runs) {
    /** Settings that change no result, besides those with which a run may go on; and the seed: they do not tell groups apart. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(Setting.SEED.key(), Setting.ACCURACY_ROUNDS.key(), Setting.KEEP_BEST.key());
    /** Forms of weights that give other bits than all others, which give the same. */
    private static final Set<String> OTHER_BITS = Set.of("auto", "winograd");
    /** Settings that name files, of which what they hold decides. */
    private static final Set<String> FILES = Set.of(Setting.DATA.key(), Setting.INIT.key(), Setting.PARTITION_FILE.key());
    private static final int SHOWN_DIGITS = 8;

    /** Names with more settings than this would fill the page. */
    private static final int MOST_IN_NAME = 4;

    RunGroup {
        runs = List.copyOf(runs);
    }

    /** Sorts runs into groups, in the order in which they first appear. */
    static List<RunGroup> of(List<RunRecord> runs) {
        Map<Map<String, String>, List<RunRecord>> byConfiguration = new LinkedHashMap<>();
        ImageIdentity images = new ImageIdentity(runs);
        for (RunRecord run : runs) {
            byConfiguration.computeIfAbsent(configuration(run, images), k -> new ArrayList<>()).add(run);
        }
        Set<String> keys = new TreeSet<>();
        byConfiguration.keySet().forEach(configuration -> keys.addAll(configuration.keySet()));
        keys.remove(Setting.METHOD.key());
        List<String> known = SettingIndex.keys();
        List<RunGroup> groups = new ArrayList<>();
        byConfiguration.forEach((configuration, members) -> {
            List<String> differences = new ArrayList<>();
            List<String> unusual = new ArrayList<>();
            for (String key : keys) {
                // Where one of them does not look at a setting, something else tells them apart.
                List<String> values = byConfiguration.keySet().stream()
                        .filter(other -> sameMethod(other, configuration) && (!known.contains(key) || other.containsKey(key)))
                        .map(other -> other.getOrDefault(key, ""))
                        .filter(value -> !key.equals(Setting.DATA.key()) || ImageIdentity.comparable(value, configuration.get(key)))
                        .toList();
                if (values.stream().distinct().count() > 1 && configuration.containsKey(key)) {
                    differences.add(key + " " + shown(key, configuration, byConfiguration));
                    if (!configuration.get(key).equals(mostFrequent(values))) {
                        unusual.add(differences.getLast());
                    }
                }
            }
            List<String> named = differences.size() <= MOST_IN_NAME ? differences : unusual;
            String name = named.size() <= MOST_IN_NAME ? String.join(", ", named) : members.getFirst().directory().toString();
            groups.add(new RunGroup(members.getFirst().method() + (name.isEmpty() ? "" : ", " + name), groups.size(), members));
        });
        return groups;
    }

    private static boolean sameMethod(Map<String, String> one, Map<String, String> other) {
        return one.get(Setting.METHOD.key()).equals(other.get(Setting.METHOD.key()));
    }

    /** The first of those that are most frequent. */
    private static String mostFrequent(List<String> values) {
        return values.stream().max(Comparator.<String>comparingInt(value -> Collections.frequency(values, value))
                .thenComparing(value -> -values.indexOf(value))).orElseThrow();
    }

    /** All that decides about a run's results but for its seed: of files what they held, wherever they lie. */
    private static Map<String, String> configuration(RunRecord run, ImageIdentity images) {
        Map<String, String> all = complete(run.configuration());
        Map<String, String> deciding = new LinkedHashMap<>(all);
        SettingIndex.all().stream().filter(SettingSpec::isChangeable).map(SettingSpec::key).forEach(deciding::remove);
        deciding.keySet().removeAll(WITHOUT_EFFECT);
        deciding.keySet().removeAll(unused(run, all));
        String init = all.getOrDefault(Setting.INIT.key(), "");
        String formats = all.getOrDefault(Setting.FORMATS.key(), "");
        deciding.put(Setting.DATA.key(), images.of(run));
        deciding.put(Setting.INIT.key(), run.said("init", "sha256").orElse(init));
        deciding.put(Setting.PARTITION_FILE.key(), run.said("partition", "sha256")
                .orElse(all.getOrDefault(Setting.PARTITION_FILE.key(), "")));
        deciding.put(Setting.FORMATS.key(), OTHER_BITS.contains(formats) ? formats : Setting.FORMATS.fallback(false));
        return deciding;
    }

    /** What neither the method nor the split looks at: of a method that is not here, what its run said. */
    private static Set<String> unused(RunRecord run, Map<String, String> all) {
        Set<String> unused = Methods.find(all.getOrDefault(Setting.METHOD.key(), ""))
                .map(method -> SettingIndex.unused(method).stream().map(SettingSpec::key).collect(Collectors.toSet()))
                .orElseGet(() -> new HashSet<>(run.unused()));
        boolean drawn = all.getOrDefault(Setting.PARTITION_FILE.key(), "none").equals("none");
        Set<SettingSpec<?>> used = drawn ? PartitionSchemes.find(all.getOrDefault(Setting.PARTITION.key(), ""))
                .map(scheme -> Set.<SettingSpec<?>>copyOf(scheme.settings())).orElse(Set.copyOf(PartitionSchemes.settings())) : Set.of();
        PartitionSchemes.settings().stream().filter(setting -> !used.contains(setting)).map(SettingSpec::key).forEach(unused::add);
        if (!drawn) {
            unused.add(Setting.PARTITION.key());
        }
        return unused;
    }

    /** A value by which groups differ: of a file its name, where names tell the groups of a method apart, too, or else its hash. */
    private static String shown(String key, Map<String, String> configuration, Map<Map<String, String>, List<RunRecord>> all) {
        String value = configuration.getOrDefault(key, "?");
        if (!FILES.contains(key)) {
            return value;
        }
        Map<String, Set<String>> byName = new LinkedHashMap<>();
        all.forEach((other, runs) -> {
            if (sameMethod(other, configuration)) {
                byName.computeIfAbsent(runs.getFirst().configuration().getOrDefault(key, "?"), _ -> new HashSet<>()).add(other.get(key));
            }
        });
        String name = all.get(configuration).getFirst().configuration().getOrDefault(key, "?");
        // Of drawn images the set stands in the place of a hash.
        return byName.get(name).size() == 1 ? name : value.contains(" ") ? value
                : name + " of hash " + value.substring(0, Math.min(SHOWN_DIGITS, value.length()));
    }

    /** With the defaults of settings that there were not yet when a run was made; nothing is added where nothing stands. */
    private static Map<String, String> complete(Map<String, String> configuration) {
        Map<String, String> complete = new LinkedHashMap<>(configuration);
        boolean demo = Datasets.DEMO.equals(configuration.get(Setting.DATA.key()));
        for (SettingSpec<?> setting : SettingIndex.all()) {
            complete.putIfAbsent(setting.key(), setting.fallback(demo));
        }
        return complete;
    }

    /** The run that figures of single runs show: the first that is done, where one is. */
    RunRecord first() {
        return runs.stream().filter(run -> run.state() == RunState.DONE).findFirst().orElse(runs.getFirst());
    }

    /** What a caption says of {@link #first}, where there are others; how far it came, where that is not to the end. */
    String whichRun() {
        long seeds = runs.stream().map(RunRecord::seed).distinct().count();
        String seed = seeds > 1 ? ", seed " + first().seed() + ", one of " + seeds : "";
        return first().state() == RunState.DONE ? seed : seed + ", " + first().state().word();
    }

    /** The same for a figure that may be copied out of the page: its seed also where there is no other. */
    String whichSeed() {
        boolean alone = runs.stream().map(RunRecord::seed).distinct().count() == 1;
        return (alone ? ", seed " + first().seed() : "") + whichRun();
    }

    /** The runs that means are over: those that are done, one of a seed. */
    List<RunRecord> counted() {
        Set<String> seeds = new HashSet<>();
        return runs.stream().filter(run -> run.state() == RunState.DONE && seeds.add(run.seed())).toList();
    }

    /** Whether a run is done and has the seed of one before it: the same result once more, which says nothing of other seeds. */
    boolean repeats(RunRecord run) {
        return run.state() == RunState.DONE && counted().stream().noneMatch(counted -> counted == run);
    }

    /** How many runs are in means, and what became of the others: {@code 3}, or {@code 2 of 3: 1 diverged}. */
    String seeds() {
        List<String> others = new ArrayList<>();
        for (RunState state : RunState.values()) {
            long count = runs.stream().filter(run -> run.state() == state).count();
            if (state != RunState.DONE && count > 0) {
                others.add(count + " " + state.word());
            }
        }
        long repeated = runs.stream().filter(this::repeats).count();
        if (repeated > 0) {
            others.add(repeated + " of a seed that is there");
        }
        return counted().size() + (others.isEmpty() ? "" : " of " + runs.size() + ": " + String.join(", ", others));
    }

    /** A figure over the runs that are {@link #counted}. */
    SampleStatistics statistics(ToDoubleFunction<RunRecord> figure) {
        return SampleStatistics.of(counted().stream().mapToDouble(figure).toArray());
    }

    /** Mean of a figure over them. */
    double mean(ToDoubleFunction<RunRecord> figure) {
        return statistics(figure).mean();
    }

    /** Their accuracies, by seed. */
    Map<String, Double> accuracies(AccuracyWindow window) {
        Map<String, Double> accuracies = new LinkedHashMap<>();
        counted().forEach(run -> accuracies.put(run.seed(), run.accuracy(window)));
        return accuracies;
    }
}
