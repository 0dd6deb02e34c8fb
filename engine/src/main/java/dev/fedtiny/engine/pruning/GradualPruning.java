package dev.fedtiny.engine.pruning;

/**
 * When and how far a model is pruned while it trains (Zhu and Gupta 2017): with density d_f in the end and d_i in the beginning, after step
 * t d = d_f + (d_i − d_f)·(1 − (t − begin) / (end − begin))³, fast at first, slowly in the end:
 * {@snippet :
 * if (schedule.due(step)) {
 *     session.load(pruning.prune(session.state(), schedule.density(step)));
 * }
 * }
 * A pure function.
 *
 * @param from d_i, in (0, 1]
 * @param to d_f, above 0 and at most d_i
 * @param begin step of the first pruning, at least 0
 * @param end step of the last one, after which the density stays; above {@code begin}
 * @param every steps from one to the next, at least 1
 */
public record GradualPruning(double from, double to, long begin, long end, long every) {
    /** Checks the ranges. */
    public GradualPruning {
        if (!(to > 0 && to <= from && from <= 1)) {
            throw new IllegalArgumentException("gradual pruning: from density " + from + " to " + to
                    + "; both must be above 0 and at most 1, and the last one not above the first");
        }
        if (begin < 0 || end <= begin || every < 1) {
            throw new IllegalArgumentException("gradual pruning: from step " + begin + " to " + end + " every " + every
                    + " steps; it must begin at 0 or later, end after that, and have at least 1 step between");
        }
    }

    /**
     * Whether the model is pruned after a step: at {@code begin}, every so many steps from there, and at {@code end}.
     *
     * @param step t, from 0
     * @return whether it is
     */
    public boolean due(long step) {
        return step >= begin && step <= end && ((step - begin) % every == 0 || step == end);
    }

    /**
     * The density after a step; d_i before {@code begin} and d_f after {@code end}.
     *
     * @param step t, from 0
     * @return d
     */
    public double density(long step) {
        double left = 1 - (double) (Math.clamp(step, begin, end) - begin) / (end - begin);
        return to + (from - to) * left * left * left;
    }
}
