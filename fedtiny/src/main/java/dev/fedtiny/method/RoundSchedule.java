package dev.fedtiny.method;

import dev.fedtiny.engine.train.LearningRateSchedule;
import java.util.Objects;

/**
 * How many rounds there are, how many devices each of them asks, and how fast they learn.
 *
 * @param rounds R, at least 1
 * @param participants devices asked in a round, a seeded sample without replacement; at least 1; at least K: all of them
 * @param learningRate of every round
 */
public record RoundSchedule(int rounds, int participants, LearningRateSchedule learningRate) {
    /** Checks the ranges. */
    public RoundSchedule {
        Objects.requireNonNull(learningRate, "learningRate");
        if (rounds < 1 || participants < 1) {
            throw new IllegalArgumentException("plan: rounds " + rounds + " and participants " + participants + " must be at least 1");
        }
    }
}
