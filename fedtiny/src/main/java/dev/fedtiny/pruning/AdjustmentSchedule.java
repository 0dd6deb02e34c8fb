package dev.fedtiny.pruning;

import dev.fedtiny.engine.model.Network;
import java.util.List;

/**
 * When, where and how much progressive pruning exchanges (stage two).
 *
 * @param interval ΔR, rounds between adjustments
 * @param until R_stop, the first round without any
 * @param granularity how much of the network an adjustment touches
 * @param order in which order adjustments visit it, cyclically
 * @param share s, what an adjustment in round 0 would exchange of a layer's active weights, in (0, 1]
 */
public record AdjustmentSchedule(int interval, int until, Granularity granularity, Order order, double share) {
    /** s by default: the paper's. The first published code of its authors has 0.1. */
    public static final double USUAL_SHARE = 0.3;

    /**
     * With the usual share.
     *
     * @param interval ΔR, rounds between adjustments
     * @param until R_stop, the first round without any
     * @param granularity how much of the network an adjustment touches
     * @param order in which order adjustments visit it, cyclically
     */
    public AdjustmentSchedule(int interval, int until, Granularity granularity, Order order) {
        this(interval, until, granularity, order, USUAL_SHARE);
    }

    /** Checks the numbers. */
    public AdjustmentSchedule {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("adjustment schedule: share " + share + ", expected more than 0 and at most 1");
        }
        if (interval < 1 || until < 1) {
            throw new IllegalArgumentException("adjustment schedule: interval " + interval + " and last round " + until
                    + " must be at least 1");
        }
    }

    /**
     * The same schedule with another share.
     *
     * @param other s, in (0, 1]
     * @return a new schedule
     */
    public AdjustmentSchedule withShare(double other) {
        return new AdjustmentSchedule(interval, until, granularity, order, other);
    }

    /**
     * ΔR = max(1, round(R/30)), R_stop = max(ΔR + 1, round(R/3)); block by block from the output.
     *
     * @param rounds R, at least 1
     * @return the paper's schedule, scaled to R rounds
     */
    public static AdjustmentSchedule usual(int rounds) {
        int interval = usualInterval(rounds);
        return new AdjustmentSchedule(interval, usualUntil(rounds, interval), Granularity.BLOCK, Order.BACKWARD);
    }

    /**
     * ΔR = max(1, round(R/30)).
     *
     * @param rounds R
     * @return ΔR in rounds
     */
    public static int usualInterval(int rounds) {
        return Math.max(1, (int) StrictMath.round(rounds / 30.0));
    }

    /**
     * The same for some granularity. Layer by layer it is a quarter of that, at least 1: a block has about four layers, and with nine
     * adjustments at ΔR most layers of a deep network would never be visited.
     *
     * @param rounds R
     * @param granularity how much of the network an adjustment touches
     * @return rounds between adjustments
     */
    public static int usualInterval(int rounds, Granularity granularity) {
        return granularity == Granularity.LAYER ? Math.max(1, usualInterval(rounds) / 4) : usualInterval(rounds);
    }

    /**
     * R_stop = max(ΔR + 1, round(R/3)).
     *
     * @param rounds R
     * @param interval ΔR
     * @return the first round without any
     */
    public static int usualUntil(int rounds, int interval) {
        return Math.max(interval + 1, (int) StrictMath.round(rounds / 3.0));
    }

    /**
     * Whether a round adjusts: {@code r > 0}, r mod ΔR = 0, {@code r < R_stop}.
     *
     * @param round r, from 0
     * @return true where the round adjusts
     */
    public boolean adjusts(int round) {
        return round > 0 && round % interval == 0 && round < until;
    }

    /**
     * Adjustments in a run of {@code rounds} rounds.
     *
     * @param rounds R
     * @return how many there are
     */
    public int adjustments(int rounds) {
        return Math.max(0, (Math.min(rounds, until) - 1) / interval);
    }

    /**
     * a_l = ⌊s/2·(1 + cos(π·r / R_stop))·m_l⌋, at most n_l − m_l.
     *
     * @param active m_l
     * @param size n_l
     * @param round r, from 0
     * @return how many weights of the layer are exchanged; 0 where cos is −1 or the layer is dense
     */
    public int count(int round, int active, int size) {
        double now = share / 2 * (1 + StrictMath.cos(StrictMath.PI * round / until));
        return (int) Math.min(size - active, (long) StrictMath.floor(now * active));
    }

    /**
     * The weights an adjustment touches, by position among the network's parameters, input first.
     *
     * @param adjustmentsDone how many adjustments the run has done before
     * @param network whose blocks are visited
     * @return positions in {@link Network#parameters()}; empty where nothing may be pruned
     */
    public List<Integer> layers(Network network, int adjustmentsDone) {
        List<List<Integer>> parts = granularity.parts(network);
        if (parts.isEmpty()) {
            return List.of();
        }
        int turn = adjustmentsDone % parts.size();
        return parts.get(order == Order.FORWARD ? turn : parts.size() - 1 - turn);
    }

    /**
     * How many adjustments it takes to touch every prunable layer once.
     *
     * @param network whose blocks are visited
     * @return adjustments of one cycle
     */
    public int turns(Network network) {
        return granularity.parts(network).size();
    }
}
