package dev.fedtiny.method;

import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.protocol.Kinds;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.settings.NamedServices;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * The methods there are: those of this module, and whatever {@link MethodProvider} the class loader of the first thread that asks finds.
 * Looked for once.
 */
public final class Methods {
    /** The name of the one that all others are compared with: dense training. */
    public static final String BASELINE = FedAvg.NAME;

    private static final NamedServices<MethodProvider> FOUND = new NamedServices<>(MethodProvider.class, "method", MethodProvider::name);

    private Methods() {
    }

    /** {@return all of them, those of this module first} */
    public static List<MethodProvider> all() {
        return FOUND.all();
    }

    /**
     * The one of a name.
     *
     * @param name as {@link MethodProvider#name} gives it
     * @return its provider; empty where there is none
     */
    public static Optional<MethodProvider> find(String name) {
        return FOUND.find(name);
    }

    /** {@return their names, comma-separated} */
    public static String names() {
        return FOUND.names();
    }

    /** {@return the same for people, with what each does} */
    public static String meanings() {
        return FOUND.meanings(MethodProvider::description);
    }

    /** {@return the sorts of task of all methods: what devices may be asked to do} */
    public static Kinds<TaskKind> tasks() {
        List<TaskKind> kinds = new ArrayList<>(List.of(PlainTraining.KIND));
        all().forEach(provider -> kinds.addAll(provider.tasks()));
        return new Kinds<>(kinds);
    }

    /** {@return the sorts of memory of all methods} */
    public static Kinds<AlgorithmState.Kind> states() {
        List<AlgorithmState.Kind> kinds = new ArrayList<>(List.of(AlgorithmState.None.KIND, GrownPositions.KIND));
        all().forEach(provider -> kinds.addAll(provider.states()));
        return new Kinds<>(kinds);
    }

    /** {@return the settings of all methods, each once, in the order in which methods declare them} */
    public static List<SettingSpec<?>> settings() {
        LinkedHashSet<SettingSpec<?>> settings = new LinkedHashSet<>();
        all().forEach(provider -> settings.addAll(provider.settings()));
        return List.copyOf(settings);
    }
}
