package dev.fedtiny.experiment;

import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Devices in Java processes of their own on this machine, with a heap limit and one processor each. */
public final class DevicesInProcesses implements FleetProvider {
    /** The value of the setting. */
    public static final String NAME = "process";

    /** For the service loader. */
    public DevicesInProcesses() {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String place() {
        return "a Java of its own for each, with its own heap limit and one processor";
    }

    @Override
    public void check(Experiment experiment, TrainingPlan plan) {
        DeviceHosting.check(experiment, plan);
    }

    @Override
    public Hosting open(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory, Consumer<String> notes)
            throws IOException {
        return DeviceHosting.inProcesses(experiment, plan, data, directory, notes);
    }
}
