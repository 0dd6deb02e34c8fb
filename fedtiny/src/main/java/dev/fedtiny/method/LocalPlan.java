package dev.fedtiny.method;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.federation.DeviceClasses;
import java.util.Objects;

/**
 * How devices train in a round.
 *
 * @param epochs E, at least 1
 * @param batch B, images of a local step, at least 1; the last partial batch is kept
 * @param optimizer of local training, fresh in every round, and of pretraining
 * @param augmentation of local training
 * @param sessions what devices open sessions with
 * @param proximal µ of FedProx's term µ/2·‖w − w_t‖² in the loss of local training, at least 0; 0: none. Pretraining has none
 * @param growthBatch images whose mean gradient says what grows, in a pass of their own; 0: those of the last full-size batch, in the pass
 *        that trains on it
 * @param classes which devices hold a part of the model only
 */
public record LocalPlan(int epochs, int batch, Optimizer optimizer, Augmentation augmentation, SessionOptions sessions, double proximal,
        int growthBatch, DeviceClasses classes) {
    /**
     * Of devices that all hold the whole model.
     *
     * @param epochs E, at least 1
     * @param batch B, at least 1
     * @param optimizer of local training, fresh in every round, and of pretraining
     * @param augmentation of local training
     * @param sessions what devices open sessions with
     * @param proximal µ, at least 0
     * @param growthBatch images of a growth pass of its own; 0: none
     */
    public LocalPlan(int epochs, int batch, Optimizer optimizer, Augmentation augmentation, SessionOptions sessions, double proximal,
            int growthBatch) {
        this(epochs, batch, optimizer, augmentation, sessions, proximal, growthBatch, DeviceClasses.NONE);
    }

    /**
     * Without a proximal term, with growth gradients from the last full-size batch.
     *
     * @param epochs E, at least 1
     * @param batch B, at least 1
     * @param optimizer of local training, fresh in every round, and of pretraining
     * @param augmentation of local training
     * @param sessions what devices open sessions with
     */
    public LocalPlan(int epochs, int batch, Optimizer optimizer, Augmentation augmentation, SessionOptions sessions) {
        this(epochs, batch, optimizer, augmentation, sessions, 0, 0);
    }

    /**
     * With the usual sessions: activations in single precision.
     *
     * @param epochs E, at least 1
     * @param batch B, at least 1
     * @param optimizer of local training, fresh in every round, and of pretraining
     * @param augmentation of local training
     */
    public LocalPlan(int epochs, int batch, Optimizer optimizer, Augmentation augmentation) {
        this(epochs, batch, optimizer, augmentation, SessionOptions.DEFAULT);
    }

    /** Checks the ranges. */
    public LocalPlan {
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(sessions, "sessions");
        Objects.requireNonNull(classes, "classes");
        if (epochs < 1 || batch < 1) {
            throw new IllegalArgumentException("plan: epochs " + epochs + " and batch " + batch + " must be at least 1");
        }
        if (!(proximal >= 0 && Float.isFinite((float) proximal))) {
            throw new IllegalArgumentException("plan: a proximal term of µ = " + proximal + ", expected at least 0 and finite");
        }
        if (growthBatch < 0) {
            throw new IllegalArgumentException("plan: growth batch of " + growthBatch + " images, expected at least 0");
        }
    }

    /**
     * Bytes that a device holds for its optimiser, and for what a proximal term pulls to.
     *
     * @param network that is trained
     * @param active positions of every parameter
     * @return 4 bytes an active trained value for each number remembered of it
     */
    public long stateBytes(Network network, int[] active) {
        long start = 0;
        for (int p = 0; proximal > 0 && p < active.length; p++) {
            start += network.isTrained(p) ? 4L * active[p] : 0;
        }
        return optimizer.stateBytes(network, active) + start;
    }

    /**
     * The same of devices of which some hold a part of the model only.
     *
     * @param other how much of it
     * @return a copy
     */
    public LocalPlan with(DeviceClasses other) {
        return new LocalPlan(epochs, batch, optimizer, augmentation, sessions, proximal, growthBatch, other);
    }
}
