package dev.fedtiny.experiment;

import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Many runs from one file: the settings they share, lists ({@code sweep.KEY = value, value, ...}) and cases
 * ({@code case.NAME = key=value; key=value; ...}). The runs are the product of all lists and, if there are any, of the cases, in
 * the order of the file, the first dimension outermost. A case's own settings win over lists and shared settings; a list of a key that a
 * case sets does not multiply it. {@code against = NAME} names what the results of the others are compared with. Immutable.
 */
public final class Sweep {
    /** The key of what others are compared with. */
    public static final String AGAINST = "against";
    private static final String LIST = "sweep.";
    private static final String CASE = "case.";
    private static final String CASES = "case";
    /** Names in a sentence. */
    private static final int MOST_NAMED = 20;
    /** What file systems take. */
    private static final int LONGEST_NAME = 255;

    private final List<Run> runs;
    /** What others are compared with; none: the first group. */
    private final Optional<String> against;

    private Sweep(List<Run> runs, Optional<String> against) {
        this.runs = List.copyOf(runs);
        this.against = against;
        against.filter(name -> runs.stream().noneMatch(run -> isOf(run.group(), name))).ifPresent(name -> {
            List<String> names = Stream.concat(runs.stream().map(run -> run.place().get(CASES)).filter(Objects::nonNull),
                    runs.stream().map(run -> groupName(run.group()))).distinct().toList();
            throw new IllegalArgumentException("against = '" + name + "', expected a case or a row of the sweep: "
                    + String.join("; ", names.subList(0, Math.min(MOST_NAMED, names.size())))
                    + (names.size() > MOST_NAMED ? "; and " + (names.size() - MOST_NAMED) + " more" : "")
                    + Nearest.to(name, names).map(n -> "; did you mean '" + n + "'?").orElse("")
                    + "; --set against= takes the first row");
        });
    }

    /**
     * One run.
     *
     * @param name of its directory, made of its place in the sweep
     * @param place what tells it from the others, in order: {@code case} and swept keys with their values
     * @param experiment its settings; no dense run beside it
     */
    public record Run(String name, Map<String, String> place, Experiment experiment) {
        /** {@return the place without the seed} Runs that share it are repetitions of one another. */
        public Map<String, String> group() {
            Map<String, String> group = new LinkedHashMap<>(place);
            group.remove(Setting.SEED.key());
            return group;
        }
    }

    /**
     * What tables call runs that differ by their seeds alone.
     *
     * @param group of such a run
     * @return the values, for example {@code fedtiny, 0.01}
     */
    public static String groupName(Map<String, String> group) {
        return group.isEmpty() ? "the run" : String.join(", ", group.values());
    }

    /**
     * Whether a name that {@link #against()} may have stands for a group.
     *
     * @param group of a run
     * @param name of a case, or of one group
     * @return whether it does
     */
    public static boolean isOf(Map<String, String> group, String name) {
        return name.equals(group.get(CASES)) || name.equals(groupName(group));
    }

    /** Whether a key belongs to sweeps alone. */
    static boolean isSweepKey(String key) {
        return key.startsWith(LIST) || key.startsWith(CASE) || key.equals(AGAINST);
    }

    /**
     * Reads a sweep.
     *
     * @param changes entries over the file's, in the form of its lines; a plain key removes the list of that key, an empty value removes
     *        an entry
     * @param file of the sweep
     * @return its runs
     * @throws IllegalArgumentException if a setting is impossible in one of the runs; names the run
     * @throws IOException if a file cannot be read
     */
    public static Sweep read(Path file, Map<String, String> changes) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        SettingsFile.read(file).forEach((key, entry) -> {
            if (!key.startsWith(CASE) && !key.equals(AGAINST)) {
                List<String> keys = Stream.concat(SettingIndex.keys().stream(), Stream.of(AGAINST)).toList();
                if (Nearest.to(key, keys).equals(Optional.of(AGAINST))) {
                    throw new IllegalArgumentException(entry.where() + ": no setting is called '" + key + "'; did you mean '" + AGAINST
                            + "'?");
                }
                SettingIndex.at(entry.where(), key.startsWith(LIST) ? key.substring(LIST.length()) : key);
            }
            entries.put(key, entry.value());
        });
        return of(entries, changes);
    }

    static Sweep of(Map<String, String> file, Map<String, String> changes) {
        Map<String, String> entries = new LinkedHashMap<>(file);
        changes.forEach((key, value) -> {
            if (value.isBlank()) {
                entries.remove(key);
            } else {
                entries.put(key, value.strip());
                entries.remove(LIST + key);
            }
        });
        return new Sweep(expand(shared(entries), dimensions(entries)), Optional.ofNullable(entries.get(AGAINST)));
    }

    /** {@return the case or group that the others are compared with; empty: the first group} */
    public Optional<String> against() {
        return against;
    }

    /** {@return the runs, in order} */
    public List<Run> runs() {
        return runs;
    }

    private static Map<SettingSpec<?>, String> shared(Map<String, String> entries) {
        Map<SettingSpec<?>, String> shared = new LinkedHashMap<>();
        entries.forEach((key, value) -> {
            if (!isSweepKey(key)) {
                shared.put(SettingIndex.of(key), value);
            }
        });
        return shared;
    }

    /** One value of a dimension: its name and what it sets. */
    private record Choice(String name, Map<SettingSpec<?>, String> settings) {
    }

    /** A list, or all cases together. */
    private record Dimension(String key, List<Choice> choices) {
        private boolean isCase() {
            return key.equals(CASES);
        }
    }

    private static List<Dimension> dimensions(Map<String, String> entries) {
        List<Dimension> dimensions = new ArrayList<>();
        List<Choice> cases = new ArrayList<>();
        entries.forEach((key, value) -> {
            if (key.startsWith(CASE)) {
                if (cases.isEmpty()) {
                    dimensions.add(new Dimension(CASES, cases));
                }
                cases.add(new Choice(key.substring(CASE.length()), caseSettings(key, value)));
            } else if (key.startsWith(LIST)) {
                SettingSpec<?> setting = SettingIndex.of(key.substring(LIST.length()));
                List<String> values = Arrays.stream(value.split(",", -1)).map(String::strip).toList();
                if (values.contains("") || values.stream().map(text -> meaning(setting, text)).distinct().count() < values.size()) {
                    throw new IllegalArgumentException(key + " = '" + value + "', expected different values, comma-separated");
                }
                dimensions.add(new Dimension(setting.key(), values.stream().map(v -> new Choice(v, Map.of(setting, v))).toList()));
            }
        });
        return dimensions;
    }

    /** What a text stands for: 1 and 01 are one seed, and no two repetitions. Of a text that stands for nothing, its run says so. */
    private static Object meaning(SettingSpec<?> setting, String text) {
        try {
            return setting.read(text);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static Map<SettingSpec<?>, String> caseSettings(String key, String value) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        for (String assignment : value.split(";", -1)) {
            int equals = assignment.indexOf('=');
            if (equals < 1 || settings.put(SettingIndex.of(assignment.substring(0, equals).strip()),
                    assignment.substring(equals + 1).strip()) != null) {
                throw new IllegalArgumentException(key + " = '" + value + "', expected different settings: key=value; key=value");
            }
        }
        return settings;
    }

    private static List<Run> expand(Map<SettingSpec<?>, String> shared, List<Dimension> dimensions) {
        List<List<Choice>> products = new ArrayList<>(List.of(List.of()));
        for (Dimension dimension : dimensions) {
            List<List<Choice>> longer = new ArrayList<>();
            for (List<Choice> product : products) {
                for (Choice choice : dimension.choices()) {
                    List<Choice> one = new ArrayList<>(product);
                    one.add(choice);
                    longer.add(one);
                }
            }
            products = longer;
        }
        Map<String, Run> runs = new LinkedHashMap<>();
        Set<Map<String, String>> places = new LinkedHashSet<>();
        for (List<Choice> product : products) {
            Map<String, String> place = place(dimensions, product);
            if (places.add(place)) {
                Run run = run(shared, dimensions, product, place);
                if (runs.putIfAbsent(run.name(), run) != null) {
                    throw new IllegalArgumentException("two runs of the sweep would both be called '" + run.name()
                            + "'; choose values whose letters, digits, dots and signs differ");
                }
            }
        }
        return List.copyOf(runs.values());
    }

    private static Map<String, String> place(List<Dimension> dimensions, List<Choice> product) {
        Map<SettingSpec<?>, String> ofCase = ofCase(dimensions, product);
        Map<String, String> place = new LinkedHashMap<>();
        for (int d = 0; d < product.size(); d++) {
            Dimension dimension = dimensions.get(d);
            if (dimension.isCase() || !ofCase.containsKey(SettingIndex.of(dimension.key()))) {
                place.put(dimension.key(), product.get(d).name());
            }
        }
        return place;
    }

    private static Map<SettingSpec<?>, String> ofCase(List<Dimension> dimensions, List<Choice> product) {
        for (int d = 0; d < product.size(); d++) {
            if (dimensions.get(d).isCase()) {
                return product.get(d).settings();
            }
        }
        return Map.of();
    }

    private static Run run(Map<SettingSpec<?>, String> shared, List<Dimension> dimensions, List<Choice> product,
            Map<String, String> place) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        settings.putAll(shared);
        product.forEach(choice -> settings.putAll(choice.settings()));
        settings.putAll(ofCase(dimensions, product));
        settings.put(Setting.BASELINE, "false");
        List<String> parts = new ArrayList<>();
        place.forEach((key, value) -> parts.add(key.equals(CASES) ? value : key + "-" + value));
        String name = parts.isEmpty() ? "run" : String.join("_", parts).replaceAll("[^A-Za-z0-9._+-]", "-");
        if (!name.matches("[A-Za-z0-9].*") || name.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("a run's directory would be called '" + name + "', expected a name of at most "
                    + LONGEST_NAME + " characters that begins with a letter or digit; give its case another name");
        }
        try {
            return new Run(name, place, Experiment.of(settings));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("run '" + name + "': " + e.getMessage(), e);
        }
    }
}
