package dev.fedtiny.experiment;

import dev.fedtiny.data.PartitionSchemes;
import dev.fedtiny.method.MethodProvider;
import dev.fedtiny.method.Methods;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every setting of an experiment by its key, the same in a file and after {@code --set}: those of {@link Setting}, and those that the
 * methods and the ways to split images that are found declare.
 */
public final class SettingIndex {
    /** Keys of earlier releases, which files and manifests may hold, with those of now. */
    private static final Map<String, String> EARLIER = Map.of("devices-in", "devices-on");

    /** By key, in the order of files and lists; made when methods are first asked for. */
    private static Map<String, SettingSpec<?>> all;

    private SettingIndex() {
    }

    private static synchronized Map<String, SettingSpec<?>> byKey() {
        if (all == null) {
            List<SettingSpec<?>> ordered = new ArrayList<>(Setting.declared());
            insert(ordered, Setting.WEIGHT_DECAY, new ArrayList<>(Methods.settings()));
            insert(ordered, Setting.PARTITION, new ArrayList<>(PartitionSchemes.settings()));
            Map<String, SettingSpec<?>> found = new LinkedHashMap<>();
            for (SettingSpec<?> setting : ordered) {
                if (found.putIfAbsent(setting.key(), setting) != null) {
                    throw new IllegalArgumentException("the setting '" + setting.key()
                            + "' is declared twice: by a method found, and by another or by experiments themselves; rename one");
                }
            }
            all = found;
        }
        return all;
    }

    /** Puts settings that others declare behind one of experiments, but for those that stand there already. */
    private static void insert(List<SettingSpec<?>> ordered, SettingSpec<?> before, List<SettingSpec<?>> others) {
        others.removeAll(Setting.declared());
        ordered.addAll(ordered.indexOf(before) + 1, others);
    }

    /** {@return all settings, in the order of files and lists} */
    public static List<SettingSpec<?>> all() {
        return List.copyOf(byKey().values());
    }

    /** {@return all keys} */
    public static List<String> keys() {
        return List.copyOf(byKey().keySet());
    }

    /**
     * The setting of a key.
     *
     * @param key as in a file; one of an earlier release means the one that took its place
     * @return its declaration
     * @throws IllegalArgumentException if there is none; names the nearest one
     */
    public static SettingSpec<?> of(String key) {
        SettingSpec<?> setting = byKey().get(EARLIER.getOrDefault(key, key));
        if (setting == null) {
            throw new IllegalArgumentException("no setting is called '" + key + "'"
                    + Nearest.to(key, keys()).map(n -> "; did you mean '" + n + "'?").orElse(";") + " --print-config shows all");
        }
        return setting;
    }

    /**
     * The setting of a key in a file.
     *
     * @param where file and line
     * @throws IllegalArgumentException if there is none; names the place and the nearest one
     */
    static SettingSpec<?> at(String where, String key) {
        try {
            return of(key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    /**
     * Settings of methods that one method does not look at: they stand in every file and change nothing there.
     *
     * @param method whose own settings are left out
     * @return the others, in the order of files
     */
    public static List<SettingSpec<?>> unused(MethodProvider method) {
        List<SettingSpec<?>> ofMethods = Methods.settings();
        return all().stream().filter(setting -> ofMethods.contains(setting) && !method.settings().contains(setting)).toList();
    }
}
