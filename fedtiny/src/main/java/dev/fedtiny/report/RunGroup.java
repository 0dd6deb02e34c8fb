package dev.fedtiny.report;

import dev.fedtiny.experiment.Setting;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Runs that differ in nothing but their seed: one line of the comparison.
 *
 * @param name the method, and the settings in which groups of it differ; where those are many, the directory of the first run
 * @param color place in the palette
 * @param runs at least one
 */
record RunGroup(String name, int color, List<RunRecord> runs) {
    /** Settings that change no result: they do not tell groups apart. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("seed", "threads", "slots", "checkpoint-every");

    /** Names with more settings than this would fill the page. */
    private static final int MOST_IN_NAME = 4;

    RunGroup {
        runs = List.copyOf(runs);
    }

    /** Sorts runs into groups, in the order in which they first appear. */
    static List<RunGroup> of(List<RunRecord> runs) {
        Map<Map<String, String>, List<RunRecord>> byConfiguration = new LinkedHashMap<>();
        for (RunRecord run : runs) {
            Map<String, String> key = complete(run.configuration());
            key.keySet().removeAll(WITHOUT_EFFECT);
            byConfiguration.computeIfAbsent(key, k -> new ArrayList<>()).add(run);
        }
        Set<String> keys = new TreeSet<>();
        byConfiguration.keySet().forEach(configuration -> keys.addAll(configuration.keySet()));
        keys.remove("method");
        List<RunGroup> groups = new ArrayList<>();
        byConfiguration.forEach((configuration, members) -> {
            List<String> differences = new ArrayList<>();
            for (String key : keys) {
                boolean differs = byConfiguration.keySet().stream().filter(other -> other.get("method").equals(configuration.get("method")))
                        .map(other -> other.getOrDefault(key, "")).distinct().count() > 1;
                if (differs) {
                    differences.add(key + " " + configuration.getOrDefault(key, "?"));
                }
            }
            String name = differences.size() <= MOST_IN_NAME ? String.join(", ", differences) : members.getFirst().directory().toString();
            groups.add(new RunGroup(members.getFirst().method() + (name.isEmpty() ? "" : ", " + name), groups.size(), members));
        });
        return groups;
    }

    /** With the defaults of settings that there were not yet when a run was made; nothing is added where nothing stands. */
    private static Map<String, String> complete(Map<String, String> configuration) {
        Map<String, String> complete = new LinkedHashMap<>(configuration);
        boolean demo = "demo".equals(configuration.get(Setting.DATA.key()));
        for (SettingSpec<?> setting : Setting.all()) {
            complete.putIfAbsent(setting.key(), setting.fallback(demo));
        }
        return complete;
    }

    /** The run the charts of single runs show. */
    RunRecord first() {
        return runs.getFirst();
    }

    /** Mean of a figure over the runs. */
    double mean(ToDoubleFunction<RunRecord> figure) {
        return runs.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    /** Largest minus smallest value of a figure over the runs. */
    double spread(ToDoubleFunction<RunRecord> figure) {
        return runs.stream().mapToDouble(figure).max().orElse(Double.NaN) - runs.stream().mapToDouble(figure).min().orElse(Double.NaN);
    }
}
