package dev.fedtiny.report;

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
 * @param name the method, and the settings in which groups differ
 * @param color place in the palette
 * @param runs at least one
 */
record RunGroup(String name, int color, List<RunRecord> runs) {
    /** Settings that change no result: they do not tell groups apart. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("seed", "threads", "slots", "checkpoint-every");

    RunGroup {
        runs = List.copyOf(runs);
    }

    /** Sorts runs into groups, in the order in which they first appear. */
    static List<RunGroup> of(List<RunRecord> runs) {
        Map<Map<String, String>, List<RunRecord>> byConfiguration = new LinkedHashMap<>();
        for (RunRecord run : runs) {
            Map<String, String> key = new LinkedHashMap<>(run.configuration());
            key.keySet().removeAll(WITHOUT_EFFECT);
            byConfiguration.computeIfAbsent(key, k -> new ArrayList<>()).add(run);
        }
        Set<String> keys = new TreeSet<>();
        byConfiguration.keySet().forEach(configuration -> keys.addAll(configuration.keySet()));
        keys.remove("method");
        List<RunGroup> groups = new ArrayList<>();
        byConfiguration.forEach((configuration, members) -> {
            StringBuilder name = new StringBuilder(members.getFirst().method());
            for (String key : keys) {
                boolean differs = byConfiguration.keySet().stream().filter(other -> other.get("method").equals(configuration.get("method")))
                        .map(other -> other.getOrDefault(key, "")).distinct().count() > 1;
                if (differs) {
                    name.append(", ").append(key).append(' ').append(configuration.getOrDefault(key, "?"));
                }
            }
            groups.add(new RunGroup(name.toString(), groups.size(), members));
        });
        return groups;
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
