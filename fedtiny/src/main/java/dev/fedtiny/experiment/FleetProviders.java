package dev.fedtiny.experiment;

import dev.fedtiny.settings.NamedServices;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The fleets there are: those of this module, and whatever {@link FleetProvider} the class loader of the first thread that asks finds. */
public final class FleetProviders {
    private static final NamedServices<FleetProvider> FOUND = new NamedServices<>(FleetProvider.class, "fleet", FleetProvider::name);

    private FleetProviders() {
    }

    /** {@return all of them, those of this module first} */
    public static List<FleetProvider> all() {
        return FOUND.all();
    }

    /**
     * The one of a name.
     *
     * @param name as {@link FleetProvider#name} gives it
     * @return its provider; empty where there is none
     */
    public static Optional<FleetProvider> find(String name) {
        return FOUND.find(name);
    }

    /** What may be given, for messages. */
    static String expected() {
        return "one of " + FOUND.names() + "; fleets of other modules, such as hazelcast and spark of "
                + "fedtiny/cluster, are found when their jars are there (docs/cluster.md)";
    }

    /** All of them with their places, for help. */
    static String places() {
        return all().stream().map(provider -> provider.name() + ": " + provider.place()).collect(Collectors.joining("; "));
    }
}
