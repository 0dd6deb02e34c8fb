package dev.fedtiny.pruning;

import dev.fedtiny.engine.model.Network;
import java.util.ArrayList;
import java.util.List;

/**
 * When, where and how much progressive pruning exchanges (stage two).
 *
 * @param interval ΔR, rounds between adjustments
 * @param until R_stop, the first round without any
 * @param granularity how much of the network an adjustment touches
 * @param order in which order adjustments visit it, cyclically
 */
public record AdjustmentSchedule(int interval, int until, Granularity granularity, Order order) {
    /** Checks the numbers. */
    public AdjustmentSchedule {
        if (interval < 1 || until < 1) {
            throw new IllegalArgumentException("adjustment schedule: interval " + interval + " and last round " + until
                    + " must be at least 1");
        }
    }

    /** ΔR = max(1, round(R/30)), R_stop = max(ΔR + 1, round(R/3)); block by block from the output. */
    public static AdjustmentSchedule usual(int rounds) {
        int interval = usualInterval(rounds);
        return new AdjustmentSchedule(interval, usualUntil(rounds, interval), Granularity.BLOCK, Order.BACKWARD);
    }

    /** ΔR = max(1, round(R/30)). */
    public static int usualInterval(int rounds) {
        return Math.max(1, (int) StrictMath.round(rounds / 30.0));
    }

    /**
     * The same for some granularity. Layer by layer it is a quarter of that, at least 1: a block has about four layers, and with nine
     * adjustments at ΔR most layers of a deep network would never be visited.
     */
    public static int usualInterval(int rounds, Granularity granularity) {
        return granularity == Granularity.LAYER ? Math.max(1, usualInterval(rounds) / 4) : usualInterval(rounds);
    }

    /** R_stop = max(ΔR + 1, round(R/3)). */
    public static int usualUntil(int rounds, int interval) {
        return Math.max(interval + 1, (int) StrictMath.round(rounds / 3.0));
    }

    /** Whether a round adjusts: {@code r > 0}, r mod ΔR = 0, {@code r < R_stop}. */
    public boolean adjusts(int round) {
        return round > 0 && round % interval == 0 && round < until;
    }

    /** Adjustments in a run of {@code rounds} rounds. */
    public int adjustments(int rounds) {
        return Math.max(0, (Math.min(rounds, until) - 1) / interval);
    }

    /**
     * a_l = ⌊0.15·(1 + cos(π·r / R_stop))·m_l⌋, at most n_l − m_l.
     *
     * @param kept m_l
     * @param size n_l
     */
    public int count(int round, int kept, int size) {
        double share = 0.15 * (1 + StrictMath.cos(StrictMath.PI * round / until));
        return (int) Math.min(size - kept, (long) StrictMath.floor(share * kept));
    }

    /**
     * The weights an adjustment touches, by position among the network's parameters, input first.
     *
     * @param adjustmentsDone how many adjustments the run has done before
     */
    public List<Integer> layers(Network network, int adjustmentsDone) {
        List<List<Integer>> parts = parts(network);
        if (parts.isEmpty()) {
            return List.of();
        }
        int turn = adjustmentsDone % parts.size();
        return parts.get(order == Order.FORWARD ? turn : parts.size() - 1 - turn);
    }

    /** How many adjustments it takes to touch every prunable layer once. */
    public int turns(Network network) {
        return parts(network).size();
    }

    private List<List<Integer>> parts(Network network) {
        List<List<Integer>> parts = new ArrayList<>();
        switch (granularity) {
            case LAYER -> network.prunable().forEach(p -> parts.add(List.of(p)));
            case BLOCK -> network.blocks().forEach(block -> parts.add(block.parameters()));
            case ENTIRE -> parts.add(network.prunable());
        }
        return parts;
    }
}
