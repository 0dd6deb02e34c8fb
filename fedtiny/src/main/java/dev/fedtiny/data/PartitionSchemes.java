package dev.fedtiny.data;

import dev.fedtiny.settings.SettingSpec;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The ways to split images that there are: those of this module, and whatever {@link PartitionScheme} is found. Looked for once. */
public final class PartitionSchemes {
    private static Map<String, PartitionScheme> found;

    private PartitionSchemes() {
    }

    private static synchronized Map<String, PartitionScheme> found() {
        if (found == null) {
            Map<String, PartitionScheme> byName = new LinkedHashMap<>();
            try {
                for (PartitionScheme scheme : ServiceLoader.load(PartitionScheme.class)) {
                    PartitionScheme other = byName.putIfAbsent(scheme.name(), scheme);
                    if (other != null) {
                        throw new IllegalArgumentException("two ways to split images are called '" + scheme.name() + "': "
                                + other.getClass().getName() + " and " + scheme.getClass().getName() + "; rename one, or leave it out");
                    }
                }
            } catch (ServiceConfigurationError e) {
                throw new IllegalArgumentException("a way to split images that is registered cannot be used: " + e.getMessage(), e);
            }
            found = byName;
        }
        return found;
    }

    /**
     * The one of a name.
     *
     * @param name as {@link PartitionScheme#name} gives it
     * @return the scheme; empty where there is none
     */
    public static Optional<PartitionScheme> find(String name) {
        return Optional.ofNullable(found().get(name));
    }

    /** {@return their names, comma-separated} */
    public static String names() {
        return String.join(", ", found().keySet());
    }

    /** {@return the same for readers, with what each does} */
    public static String meanings() {
        return found().values().stream().map(scheme -> scheme.name() + " (" + scheme.description() + ")")
                .collect(Collectors.joining(", "));
    }

    /** {@return the settings of all of them, each once} */
    public static Collection<SettingSpec<?>> settings() {
        LinkedHashSet<SettingSpec<?>> settings = new LinkedHashSet<>();
        List.copyOf(found().values()).forEach(scheme -> settings.addAll(scheme.settings()));
        return settings;
    }
}
