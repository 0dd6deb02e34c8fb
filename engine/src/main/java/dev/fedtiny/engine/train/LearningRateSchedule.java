package dev.fedtiny.engine.train;

/** The learning rate of every round. */
public interface LearningRateSchedule {
    /** The rate of a round of so many. */
    double at(int round, int rounds);
}
