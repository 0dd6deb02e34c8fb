package dev.fedtiny.method;

import dev.fedtiny.device.PlainTraining;
import dev.fedtiny.protocol.Kinds;
import dev.fedtiny.protocol.TaskKind;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The methods there are: those of this module, and whatever {@link MethodProvider} the class loader of the first thread that asks finds.
 * Looked for once.
 */
public final class Methods {
    /** The name of the one that all others are compared with: dense training. */
    public static final String BASELINE = FedAvg.NAME;

    private static Map<String, MethodProvider> found;

    private Methods() {
    }

    private static synchronized Map<String, MethodProvider> found() {
        if (found == null) {
            found = load();
        }
        return found;
    }

    private static Map<String, MethodProvider> load() {
        List<MethodProvider> providers = new ArrayList<>();
        try {
            ServiceLoader.load(MethodProvider.class).forEach(providers::add);
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException("a method that is registered cannot be used: " + e.getMessage(), e);
        }
        // Those of this package first, wherever they stand on the class path: the order is that of settings in files.
        providers.sort(Comparator.comparing(provider -> !provider.getClass().getPackageName().equals(Methods.class.getPackageName())));
        Map<String, MethodProvider> byName = new LinkedHashMap<>();
        for (MethodProvider provider : providers) {
            MethodProvider other = byName.putIfAbsent(provider.name(), provider);
            if (other != null) {
                throw new IllegalArgumentException("two methods are called '" + provider.name() + "': " + other.getClass().getName()
                        + " and "
                        + provider.getClass().getName() + "; rename one, or leave it out");
            }
        }
        return byName;
    }

    /** {@return all of them, those of this module first} */
    public static List<MethodProvider> all() {
        return List.copyOf(found().values());
    }

    /**
     * The one of a name.
     *
     * @param name as {@link MethodProvider#name} gives it
     * @return its provider; empty where there is none
     */
    public static Optional<MethodProvider> find(String name) {
        return Optional.ofNullable(found().get(name));
    }

    /** {@return their names, comma-separated} */
    public static String names() {
        return String.join(", ", found().keySet());
    }

    /**
     * The same for readers, with a word before the last one; dense methods are marked.
     *
     * @param last the word before the last name, with spaces: {@code " or "}
     * @return for example {@code fedtiny, fedavg (dense) or snip}
     */
    public static String names(String last) {
        List<String> names = all().stream()
                .map(provider -> provider.name() + (provider.settings().contains(MethodSettings.DENSITY) ? "" : " (dense)")).toList();
        return String.join(", ", names.subList(0, names.size() - 1)) + last + names.getLast();
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
