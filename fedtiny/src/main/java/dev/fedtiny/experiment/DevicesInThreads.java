package dev.fedtiny.experiment;

import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.FederationContext;
import dev.fedtiny.method.TrainingPlan;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Devices in threads of this process. */
public final class DevicesInThreads implements FleetProvider {
    /** The value of the setting. */
    public static final String NAME = "threads";

    /** For the service loader. */
    public DevicesInThreads() {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String place() {
        return "threads of this process";
    }

    @Override
    public boolean inThisProcess() {
        return true;
    }

    @Override
    public Hosting open(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory, Consumer<String> notes) {
        return new ThreadHosting(FederationContext.inProcess(plan, data, experiment.threads(), experiment.slots(),
                experiment.get(Setting.METER), notes));
    }
}
