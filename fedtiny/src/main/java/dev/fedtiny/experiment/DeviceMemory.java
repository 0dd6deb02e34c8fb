package dev.fedtiny.experiment;

import dev.fedtiny.method.TrainingPlan;

/** How large a heap a device process gets. */
final class DeviceMemory {
    private DeviceMemory() {
    }

    static int heapMiB(Experiment experiment, TrainingPlan plan) {
        return experiment.deviceMemoryMiB().orElse(256);
    }
}
