package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter.Kind;

/** Sorts of values whose changes have sizes of their own, so that each is bounded and clipped by itself. */
enum ValueSort {
    /** What optimisers change: weights, biases, γ and β. */
    TRAINED,
    /** Running means of batch normalisation. */
    RUNNING_MEAN,
    /** Its running variances. */
    RUNNING_VARIANCE;

    /** The sort of a parameter's values. */
    static ValueSort of(Kind kind) {
        return switch (kind) {
            case RUNNING_MEAN -> RUNNING_MEAN;
            case RUNNING_VARIANCE -> RUNNING_VARIANCE;
            default -> TRAINED;
        };
    }

    /** A sum for each sort, all zero; its places are {@link #ordinal}. */
    static double[] sums() {
        return new double[values().length];
    }
}
