package dev.fedtiny.experiment;

/**
 * That a run ended before its last round by an {@link EndRule}: it was good enough, or became no better.
 *
 * @param round the last one done, from 1 on
 * @param cause which of the two
 * @param reason one sentence with the figures
 */
public record EarlyStop(int round, Cause cause, String reason) {
    /** Why. */
    public enum Cause {
        /** It reached {@code target-accuracy}. */
        TARGET,
        /** It did not become better for {@code patience} rounds. */
        PATIENCE
    }

    /** {@return for example {@code stopped after round 12: ...}} */
    @Override
    public String toString() {
        return "stopped after round " + round + ": " + reason;
    }
}
