package dev.fedtiny.method;

import dev.fedtiny.data.Augmentation;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.train.Optimizer;
import java.util.Objects;

/**
 * How devices train in a round.
 *
 * @param epochs E, at least 1
 * @param batch B, images of a local step, at least 1; the last partial batch is kept
 * @param optimizer of local training, fresh in every round, and of pretraining
 * @param augmentation of local training and pretraining
 * @param sessions what devices open sessions with
 */
public record LocalPlan(int epochs, int batch, Optimizer optimizer, Augmentation augmentation, SessionOptions sessions) {
    /**
     * With the usual sessions: activations in single precision.
     *
     * @param epochs E, at least 1
     * @param batch B, at least 1
     * @param optimizer of local training, fresh in every round, and of pretraining
     * @param augmentation of local training and pretraining
     */
    public LocalPlan(int epochs, int batch, Optimizer optimizer, Augmentation augmentation) {
        this(epochs, batch, optimizer, augmentation, SessionOptions.DEFAULT);
    }

    /** Checks the ranges. */
    public LocalPlan {
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(sessions, "sessions");
        if (epochs < 1 || batch < 1) {
            throw new IllegalArgumentException("plan: epochs " + epochs + " and batch " + batch + " must be at least 1");
        }
    }
}
