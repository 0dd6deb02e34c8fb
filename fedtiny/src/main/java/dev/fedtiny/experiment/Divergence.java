package dev.fedtiny.experiment;

/**
 * How a run ended that did not end well.
 *
 * @param round the round that spoilt the model for good, from 1
 * @param reason one sentence without its full stop
 */
public record Divergence(int round, String reason) {
    /** In words. */
    @Override
    public String toString() {
        return "diverged in round " + round + ": " + reason;
    }
}
