package dev.fedtiny.method;

import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.settings.SettingSpec;
import java.util.List;

/**
 * How a method is found by name and made from settings. Implementations have a public constructor without parameters and are registered as
 * {@link java.util.ServiceLoader} says: by {@code provides dev.fedtiny.method.MethodProvider with ...} in a module's descriptor, and for
 * the class path by their name in {@code META-INF/services/dev.fedtiny.method.MethodProvider}. Nothing else names a method.
 */
public interface MethodProvider {
    /** {@return the name on the command line, in files and in tables; that of the methods made} Small letters, digits and hyphens. */
    String name();

    /** {@return what it does, in one line} */
    String description();

    /**
     * {@return all settings that the method looks at, its own and shared ones, in the order of files; whatever other methods declare beyond
     * these is told as unused} {@link MethodSettings#DENSITY} is among them unless the method is dense.
     */
    List<SettingSpec<?>> settings();

    /**
     * Checks what no range of a single setting tells. Called whichever method is wanted, so that a mistake is named before it matters.
     *
     * @param settings what the user said, also for methods that are not wanted
     * @throws IllegalArgumentException in one sentence that names the settings
     */
    default void check(MethodSettings settings) {
    }

    /**
     * {@return the sorts of task that devices do for its methods, {@link dev.fedtiny.device.PlainTraining} apart: how devices read them}
     */
    default List<TaskKind> tasks() {
        return List.of();
    }

    /** {@return the sorts of memory that its methods have, none and {@link GrownPositions} apart: how checkpoints read them} */
    default List<AlgorithmState.Kind> states() {
        return List.of();
    }

    /**
     * The method.
     *
     * @param settings what the user said
     * @return a value without state of its own
     * @throws IllegalArgumentException if settings are impossible, in one sentence that names them
     */
    Method create(MethodSettings settings);
}
