package dev.fedtiny.method;

import dev.fedtiny.data.Augmentation;
import java.util.Objects;

/**
 * How the server pretrains the dense model on its public set.
 *
 * @param epochs 0: the model stays as initialised
 * @param batch images of a step, last partial batch kept
 * @param learningRate constant
 * @param initial values of the untrained model
 * @param augmentation of the public images in every epoch anew
 */
public record PretrainingPlan(int epochs, int batch, double learningRate, InitialValues initial, Augmentation augmentation) {
    /** Checks the ranges. */
    public PretrainingPlan {
        Objects.requireNonNull(augmentation, "augmentation");
        Objects.requireNonNull(initial, "initial");
        if (epochs < 0 || batch < 1 || !(learningRate > 0 && Double.isFinite(learningRate))) {
            throw new IllegalArgumentException("pretraining: " + epochs + " epochs, batch " + batch + ", learning rate " + learningRate
                    + "; expected epochs of at least 0, a batch of at least 1 and a positive rate");
        }
    }
}
