package dev.fedtiny.federation;

import java.util.Objects;

/**
 * What keeps devices that are broken or lie from spoiling the model.
 *
 * @param aggregation how values are put together
 * @param updateBound how many times the round's median an update's change of the weights may measure before the update is thrown away,
 *        above 1; infinite: no bound. Running statistics and gradients may measure {@value #UNSTEADY_FACTOR} times that
 * @param vote how the candidates of stage one are compared
 * @param maximumSamples the most samples a device may state where the server does not know how many it holds
 */
public record Robustness(Aggregation aggregation, double updateBound, SelectionVote vote, int maximumSamples) {
    /** Honest devices stay below a quarter of it: docs/fedtiny.md has what was measured. */
    public static final double USUAL_UPDATE_BOUND = 20;
    /** Larger than any share of the data sets that are read here. */
    public static final int USUAL_MAXIMUM_SAMPLES = 1_000_000;
    /** Where training is unsteady, or data differ much, honest statistics and gradients are further apart than weights. */
    public static final int UNSTEADY_FACTOR = 5;
    /** The mean of updates within the usual bound. */
    public static final Robustness USUAL = new Robustness(new Aggregation.Mean(), USUAL_UPDATE_BOUND, SelectionVote.MEDIAN,
            USUAL_MAXIMUM_SAMPLES);

    /** Checks the ranges. */
    public Robustness {
        Objects.requireNonNull(aggregation, "aggregation");
        Objects.requireNonNull(vote, "vote");
        if (!(updateBound > 1)) {
            throw new IllegalArgumentException("robustness: a bound of " + updateBound
                    + " times the median of the round, expected more than 1");
        }
        if (maximumSamples < 1) {
            throw new IllegalArgumentException("robustness: at most " + maximumSamples + " samples a device, expected at least 1");
        }
    }
}
