package dev.fedtiny.experiment;

import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Devices in Java processes on this machine, shared or their own, with a heap limit and one processor each. */
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
        return "Java processes of this machine, each with a heap limit and one processor, which devices share (device-processes)";
    }

    @Override
    public void check(Experiment experiment, TrainingPlan plan) {
        ProcessHosting.check(experiment, plan);
    }

    @Override
    public Hosting open(Experiment experiment, TrainingPlan plan, FederatedData data, Path directory, Consumer<String> notes)
            throws IOException {
        return ProcessHosting.open(experiment, plan, data, directory, notes);
    }
}
