package dev.fedtiny.protocol;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.data.DevelopmentSplit;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.privacy.SecureAggregation;
import java.util.Objects;
import java.util.Optional;

/**
 * What a device is told once, before anything is sent: the part of the configuration that never travels in a message.
 *
 * @param seed the run's one seed, from which every stream of the device is derived by purpose, round and device
 * @param optimizer of local training; its state is fresh in every round
 * @param augmentation of local training; recalibration and evaluation use none
 * @param development how development data is set apart for BN selection
 * @param sessions what sessions are opened with; how they keep activations for the backward pass matters to local training alone
 * @param orders what it may be asked to do, and how it tells what came of it
 * @param proximal µ of the term µ/2·‖w − w_t‖² that FedProx adds to the loss of local training, at least 0 and finite; 0: none
 * @param growthBatch images whose mean gradient says what grows, in a pass of their own; 0: those of the last full-size batch, in the pass
 *        that trains on it
 */
public record DeviceSettings(long seed, Optimizer optimizer, Augmentation augmentation, DevelopmentSplit development,
        SessionOptions sessions, Orders orders, double proximal, int growthBatch) {
    /**
     * Of training without a proximal term, with growth gradients from the last full-size batch, for a server that sees the device's values.
     *
     * @param seed the run's one seed
     * @param optimizer of local training
     * @param augmentation of local training
     * @param development how development data is set apart for BN selection
     * @param sessions what sessions are opened with
     * @param tasks what it may be asked to do
     */
    public DeviceSettings(long seed, Optimizer optimizer, Augmentation augmentation, DevelopmentSplit development,
            SessionOptions sessions, Kinds<TaskKind> tasks) {
        this(seed, optimizer, augmentation, development, sessions, new Orders(tasks, Optional.empty()), 0, 0);
    }

    /** Checks that nothing is missing, and the range. */
    public DeviceSettings {
        if (growthBatch < 0) {
            throw new IllegalArgumentException("growth batch of " + growthBatch + " images, expected at least 0");
        }
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(development, "development");
        Objects.requireNonNull(sessions, "sessions");
        Objects.requireNonNull(orders, "orders");
        if (!(proximal >= 0 && Float.isFinite((float) proximal))) {
            throw new IllegalArgumentException("device settings: a proximal term of µ = " + proximal + ", expected at least 0 and finite");
        }
    }

    /** {@return what it may be asked to do} */
    public Kinds<TaskKind> tasks() {
        return orders.tasks();
    }

    /** {@return rules of secure sums; empty: the server sees the device's values} */
    public Optional<SecureAggregation> secure() {
        return orders.secure();
    }
}
