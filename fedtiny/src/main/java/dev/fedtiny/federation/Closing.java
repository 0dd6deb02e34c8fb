package dev.fedtiny.federation;

import java.time.Duration;
import java.util.Optional;

/**
 * When an exchange is over before every device has answered. Whoever is still at work then is let go.
 *
 * @param target so many good answers are enough, at least 1
 * @param within wall time from the first request on after which nobody is waited for; empty: as long as the fleet itself waits
 */
public record Closing(int target, Optional<Duration> within) {
    /** When all devices have answered or are lost. */
    public static final Closing WHEN_ALL_ANSWERED = ofAll(Optional.empty());

    /**
     * When all devices have answered or are lost, or the time is over.
     *
     * @param within wall time; empty: as long as the fleet itself waits
     * @return a closing without a target
     */
    public static Closing ofAll(Optional<Duration> within) {
        return new Closing(Integer.MAX_VALUE, within);
    }

    /** Checks the ranges. */
    public Closing {
        if (target < 1 || within.isPresent() && !within.get().isPositive()) {
            throw new IllegalArgumentException("closing: " + target + " answers within " + within.map(Duration::toString).orElse("any time")
                    + ", expected at least 1 answer and a time above 0");
        }
    }
}
