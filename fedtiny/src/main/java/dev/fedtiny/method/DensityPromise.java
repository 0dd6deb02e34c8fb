package dev.fedtiny.method;

/**
 * What a method promises about the density of its model, counted over the prunable weights.
 *
 * @param kind how the density may move
 * @param density d, the target
 */
public record DensityPromise(Kind kind, double density) {
    /** How the density may move. */
    public enum Kind {
        /** Every layer's active count is the same in every round, and the total at most the target. */
        CONSTANT,
        /** Never above the target. */
        AT_MOST,
        /** Dense, or nothing promised. */
        NONE
    }
}
