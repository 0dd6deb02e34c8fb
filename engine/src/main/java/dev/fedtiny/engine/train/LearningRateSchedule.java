package dev.fedtiny.engine.train;

/** The learning rate of a round; a pure function, computed with {@link StrictMath}. */
public sealed interface LearningRateSchedule {
    /**
     * The rate of a round.
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
     * Half a cosine from the first rate to the last.
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
