package dev.fedtiny.data;

import dev.fedtiny.settings.NamedServices;
import dev.fedtiny.settings.SettingSpec;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;

/** The ways to split images that there are: those of this module, and whatever {@link PartitionScheme} is found. Looked for once. */
public final class PartitionSchemes {
    private static final NamedServices<PartitionScheme> FOUND = new NamedServices<>(PartitionScheme.class, "way to split images",
            PartitionScheme::name);

    private PartitionSchemes() {
    }

    /**
     * The one of a name.
     *
     * @param name as {@link PartitionScheme#name} gives it
     * @return the scheme; empty where there is none
     */
    public static Optional<PartitionScheme> find(String name) {
        return FOUND.find(name);
    }

    /** {@return their names, comma-separated} */
    public static String names() {
        return FOUND.names();
    }

    /** {@return the same for people, with what each does} */
    public static String meanings() {
        return FOUND.meanings(PartitionScheme::description);
    }

    /** {@return the settings of all of them, each once} */
    public static Collection<SettingSpec<?>> settings() {
        LinkedHashSet<SettingSpec<?>> settings = new LinkedHashSet<>();
        FOUND.all().forEach(scheme -> settings.addAll(scheme.settings()));
        return settings;
    }
}
