package dev.fedtiny.engine.train;

import dev.fedtiny.engine.internal.check.Given;


/**
 * The learning rate of a round, or of an epoch or a step: of whatever is counted. A pure function; those here are computed with
 * {@link StrictMath}.
 */
@FunctionalInterface
public interface LearningRateSchedule {
    /**
     * {@return the rate of a round}
     *
     * @param round 0 … rounds − 1
     * @param rounds R
     */
    double at(int round, int rounds);

    /**
     * One rate.
     *
     * @param rate above 0
     */
    record Constant(double rate) implements LearningRateSchedule {
        /** Checks the rate. */
        public Constant {
            check(rate);
        }

        @Override
        public double at(int round, int rounds) {
            check(round, rounds);
            return rate;
        }
    }

    /**
     * first · (last / first)^(r / R).
     *
     * @param first rate of the first round
     * @param last rate that round R would have
     */
    record Exponential(double first, double last) implements LearningRateSchedule {
        /** Checks the rates. */
        public Exponential {
            check(first);
            check(last);
        }

        @Override
        public double at(int round, int rounds) {
            check(round, rounds);
            return first * StrictMath.pow(last / first, (double) round / rounds);
        }
    }

    /**
     * Half a cosine from the first rate to the last; behind round R it rises again, so give the number of rounds there will be.
     *
     * @param first rate of the first round
     * @param last rate that round R would have
     */
    record Cosine(double first, double last) implements LearningRateSchedule {
        /** Checks the rates. */
        public Cosine {
            check(first);
            check(last);
        }

        @Override
        public double at(int round, int rounds) {
            check(round, rounds);
            return last + (first - last) * (1 + StrictMath.cos(StrictMath.PI * round / rounds)) / 2;
        }
    }

    /**
     * One rate for so many rounds, then a part of it for as many, and so on: rate · factor^⌊r / every⌋.
     *
     * @param rate of the first rounds
     * @param factor above 0
     * @param every at least 1
     */
    record Step(double rate, double factor, int every) implements LearningRateSchedule {
        /** Checks the ranges. */
        public Step {
            check(rate);
            if (!(factor > 0 && Double.isFinite(factor)) || every < 1) {
                throw new IllegalArgumentException("learning rate times " + factor + " every " + every
                        + " rounds: the factor must be above 0 and finite, and there must be at least 1 round between");
            }
        }

        @Override
        public double at(int round, int rounds) {
            check(round, rounds);
            return rate * StrictMath.pow(factor, round / every);
        }
    }

    /**
     * Some rounds in which the rate rises by equal steps to the first one of another schedule, which has the rounds that are left:
     * first · (r + 1) / (n + 1) for r below n (Goyal and others 2017).
     *
     * @param warmUp n, at least 1
     * @param then the schedule that follows
     */
    record WarmUp(int warmUp, LearningRateSchedule then) implements LearningRateSchedule {
        /** Checks the number, and that there is a schedule. */
        public WarmUp {
            Given.notNull(then, "learning rate: then", "the schedule after the warm-up");
            if (warmUp < 1) {
                throw new IllegalArgumentException("learning rate: " + warmUp + " rounds of warm-up, must be at least 1");
            }
        }

        @Override
        public double at(int round, int rounds) {
            check(round, rounds);
            int left = Math.max(1, rounds - warmUp);
            return round < warmUp ? then.at(0, left) * (round + 1) / (warmUp + 1) : then.at(round - warmUp, left);
        }
    }

    private static void check(double rate) {
        if (!((float) rate > 0 && Float.isFinite((float) rate))) {
            throw new IllegalArgumentException("learning rate " + rate + ", must be above 0 and finite in single precision");
        }
    }

    private static void check(int round, int rounds) {
        if (rounds < 1 || round < 0) {
            throw new IllegalArgumentException("learning rate of round " + round + " of " + rounds
                    + ": rounds count from 0, and there must "
                    + "be at least 1");
        }
    }
}
