package dev.fedtiny.data;

import dev.fedtiny.settings.SettingSpec;
import dev.fedtiny.settings.SettingValues;
import java.util.List;
import java.util.Map;

/**
 * A way to split training images between devices. Implementations have a public constructor without parameters and are registered as
 * {@link java.util.ServiceLoader} says: by {@code provides dev.fedtiny.data.PartitionScheme with ...} in a module's descriptor, and for
 * the class path by their name in {@code META-INF/services/dev.fedtiny.data.PartitionScheme}. Nothing else names one.
 */
public interface PartitionScheme {
    /** {@return the name in settings and partition files} Small letters, digits and hyphens. */
    String name();

    /** {@return what it does, in a few words} */
    String description();

    /** {@return the settings that it looks at, in the order of files; schemes may share them} */
    List<SettingSpec<?>> settings();

    /**
     * What a partition file says of a split beside the scheme's name.
     *
     * @param settings what the user said
     * @return numbers by name, in the order of the file: {@link Double} or {@link Long}
     */
    Map<String, Number> parameters(SettingValues settings);

    /**
     * Splits images: the same for the same seed on every machine, by random streams named after the scheme.
     *
     * @param images that devices share; all of them are given away
     * @param devices K, at least 1
     * @param settings what the user said
     * @param seed of the run
     * @return K lists of positions in {@code images}, ascending, none of them empty
     * @throws DataException if these images cannot be split so: what there is, what is needed, which setting helps
     */
    Partition split(Dataset images, int devices, SettingValues settings, long seed);
}
