package dev.fedtiny.method;

import dev.fedtiny.engine.train.LearningRateSchedule;
import dev.fedtiny.federation.Closing;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How many rounds there are, how many devices each of them asks, how fast they learn, and how the server takes what they learnt.
 *
 * @param rounds R, at least 1
 * @param participants devices asked in a round, a seeded sample without replacement; at least 1; at least K: all of them
 * @param learningRate of every round
 * @param overSelection so many times as many devices are asked, and the round closes when the number wanted has answered; at least 1
 * @param within wall time after which a round closes with whoever has answered; empty: it waits as long as the fleet does
 * @param server how the server takes what it put together of the devices' values; empty: as it is
 */
public record RoundSchedule(int rounds, int participants, LearningRateSchedule learningRate, double overSelection,
        Optional<Duration> within, Optional<ServerOptimizer> server) {
    /** The most times as many. */
    public static final double LARGEST_OVER_SELECTION = 100;

    /**
     * Rounds that ask no more devices than they want, and wait for all of them.
     *
     * @param rounds R, at least 1
     * @param participants devices asked in a round, at least 1
     * @param learningRate of every round
     */
    public RoundSchedule(int rounds, int participants, LearningRateSchedule learningRate) {
        this(rounds, participants, learningRate, 1, Optional.empty(), Optional.empty());
    }

    /** Checks the ranges. */
    public RoundSchedule {
        Objects.requireNonNull(learningRate, "learningRate");
        Objects.requireNonNull(server, "server");
        if (!(overSelection >= 1 && overSelection <= LARGEST_OVER_SELECTION)) {
            throw new IllegalArgumentException("plan: over-selection of " + overSelection + " times, expected 1 to "
                    + LARGEST_OVER_SELECTION);
        }
        if (rounds < 1 || participants < 1) {
            throw new IllegalArgumentException("plan: rounds " + rounds + " and participants " + participants + " must be at least 1");
        }
    }

    /**
     * The same rounds with another step of the server.
     *
     * @param other how the server takes what was put together; empty: as it is
     * @return a copy
     */
    public RoundSchedule withServer(Optional<ServerOptimizer> other) {
        return new RoundSchedule(rounds, participants, learningRate, overSelection, within, other);
    }

    /** Devices asked in a round for the number wanted to answer. */
    int asked() {
        // 1.1 times 50 is more than 55 in double precision.
        return (int) Math.min(Integer.MAX_VALUE, (long) StrictMath.ceil(overSelection * participants - 1e-9));
    }

    /** When a round is over. */
    Closing closing() {
        return new Closing(participants, within);
    }
}
