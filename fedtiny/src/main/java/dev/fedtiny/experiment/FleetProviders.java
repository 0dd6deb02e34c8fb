package dev.fedtiny.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The fleets there are: those of this module, and whatever {@link FleetProvider} the class loader of the first thread that asks finds. */
public final class FleetProviders {
    private static Map<String, FleetProvider> found;

    private FleetProviders() {
    }

    private static synchronized Map<String, FleetProvider> found() {
        if (found == null) {
            found = load();
        }
        return found;
    }

    private static Map<String, FleetProvider> load() {
        List<FleetProvider> providers = new ArrayList<>();
        try {
            ServiceLoader.load(FleetProvider.class).forEach(providers::add);
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException("a fleet that is registered cannot be used: " + e.getMessage(), e);
        }
        providers.sort(Comparator.comparing(provider -> !provider.getClass().getPackageName()
                .equals(FleetProviders.class.getPackageName())));
        Map<String, FleetProvider> byName = new LinkedHashMap<>();
        for (FleetProvider provider : providers) {
            FleetProvider other = byName.putIfAbsent(provider.name(), provider);
            if (other != null) {
                throw new IllegalArgumentException("two fleets are called '" + provider.name() + "': " + other.getClass().getName()
                        + " and " + provider.getClass().getName() + "; rename one, or leave it out");
            }
        }
        return byName;
    }

    /** {@return all of them, those of this module first} */
    public static List<FleetProvider> all() {
        return List.copyOf(found().values());
    }

    /**
     * The one of a name.
     *
     * @param name as {@link FleetProvider#name} gives it
     * @return its provider; empty where there is none
     */
    public static Optional<FleetProvider> find(String name) {
        return Optional.ofNullable(found().get(name));
    }

    /** What may be given, for messages. */
    static String expected() {
        return "one of " + String.join(", ", found().keySet()) + "; fleets of other modules, such as hazelcast and spark of "
                + "fedtiny/cluster, are found when their jars are there (docs/cluster.md)";
    }

    /** All of them with their places, for help. */
    static String places() {
        return all().stream().map(provider -> provider.name() + ": " + provider.place()).collect(Collectors.joining("; "));
    }
}
