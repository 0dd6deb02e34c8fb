package dev.fedtiny.protocol;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.train.Optimizer;
import java.util.Objects;

/**
 * What a device is told once, before anything is sent: the part of the configuration that never travels in a message.
 *
 * @param seed the run's one seed, from which every stream of the device is derived by purpose, round and device
 * @param optimizer of local training; its state is fresh in every round
 * @param augmentation of local training; recalibration and evaluation use none
 * @param development how development data is set apart for BN selection
 * @param sessions what sessions are opened with; how they keep activations for the backward pass matters to local training alone
 * @param tasks what it may be asked to do
 */
public record DeviceSettings(long seed, Optimizer optimizer, Augmentation augmentation, DevelopmentSplit development,
        SessionOptions sessions, Kinds<TaskKind> tasks) {
    /** Checks that nothing is missing. */
    public DeviceSettings {
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(development, "development");
        Objects.requireNonNull(sessions, "sessions");
        Objects.requireNonNull(tasks, "tasks");
    }
}
