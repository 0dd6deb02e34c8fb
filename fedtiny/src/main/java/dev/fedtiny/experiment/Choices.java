package dev.fedtiny.experiment;

/** What settings of experiments choose between, where the types of what they choose do not say it. */
public final class Choices {
    private Choices() {
    }

    /** The learning rate over the rounds. */
    public enum RateSchedule {
        /** By one factor a round. */
        EXPONENTIAL,
        /** Along half a cosine. */
        COSINE,
        /** The same all the time. */
        CONSTANT
    }

    /** What steps of training are made of. */
    public enum OptimizerName {
        /** Stochastic gradient descent. */
        SGD,
        /** AMSGrad. */
        ADAM
    }

    /** How the server takes the devices' average. */
    public enum ServerStep {
        /** As it is. */
        AVERAGE,
        /** As a step with momentum. */
        MOMENTUM,
        /** As a step of Adam. */
        ADAM
    }

    /** How the server puts updates together. */
    public enum AggregationName {
        /** Weighted by samples. */
        MEAN,
        /** The same, of changes that are clipped. */
        CLIPPED_MEAN,
        /** Coordinate by coordinate, without the outer ones. */
        TRIMMED_MEAN,
        /** Coordinate by coordinate. */
        MEDIAN
    }

    /** Whether something is done. */
    public enum Switch {
        /** It is not. */
        OFF,
        /** It is. */
        ON
    }

    /** What is done to training images. */
    public enum Augmenting {
        /** What is usual for the data. */
        AUTO,
        /** Nothing. */
        NONE,
        /** Shifted. */
        CROP,
        /** Shifted and mirrored. */
        CROP_MIRROR
    }
}
