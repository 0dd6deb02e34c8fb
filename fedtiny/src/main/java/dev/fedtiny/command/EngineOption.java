package dev.fedtiny.command;

import dev.fedtiny.experiment.EngineProvider;
import dev.fedtiny.experiment.FleetProvider;
import dev.fedtiny.experiment.FleetProviders;
import dev.fedtiny.experiment.Setting;
import java.util.List;
import java.util.Optional;

/** What commands that need a cluster engine have in common: {@code --on ENGINE}. */
public final class EngineOption {
    /** The option's name. */
    public static final String NAME = "on";
    /** The engine of which nobody names another. */
    public static final String USUAL = "hazelcast";

    private EngineOption() {
    }

    /**
     * The engine that is named, or the usual one.
     *
     * @param arguments of a command that has the option
     * @return its provider
     * @throws UsageException if it is not here, with what it takes to have it
     */
    public static EngineProvider engine(Arguments arguments) {
        String name = arguments.value(NAME).orElse(USUAL);
        Optional<FleetProvider> found = FleetProviders.find(name);
        if (found.isPresent() && found.get() instanceof EngineProvider engine) {
            return engine;
        }
        List<String> engines = FleetProviders.all().stream().filter(EngineProvider.class::isInstance).map(FleetProvider::name).toList();
        throw new UsageException("option --" + NAME + " is '" + name + "', expected "
                + (engines.isEmpty() ? "a cluster engine, but none is here: build the module of hazelcast and spark once with "
                + "'./mvnw -B -Pcluster -DskipTests package' (it fetches them from Maven Central), and call this again"
                : "one of " + engines)
                + (found.isPresent() ? "; '" + name + "' is for " + Setting.DEVICES_ON.key() : ""));
    }
}
