package dev.fedtiny.pruning;

import dev.fedtiny.engine.nn.Network;
import java.util.List;

/**
 * When, how much and where progressive pruning adjusts.
 *
 * @param interval ΔR
 * @param until R_stop
 * @param granularity which layers at once
 * @param order from which end
 */
public record AdjustmentSchedule(int interval, int until, Granularity granularity, Order order) {
    /** Which layers are adjusted at once. */
    public enum Granularity { /** One layer. */ LAYER, /** One block. */ BLOCK, /** All. */ ENTIRE }

    /** From which end. */
    public enum Order { /** Output first. */ BACKWARD, /** Input first. */ FORWARD }

    /** Whether a round adjusts. */
    public boolean adjusts(int round) {
        return round > 0 && round % interval == 0 && round < until;
    }

    /** a_l. */
    public int count(int round, int kept, int size) {
        return (int) Math.min(size - kept, StrictMath.floor(0.15 * (1 + StrictMath.cos(Math.PI * round / until)) * kept));
    }

    /** Parameters adjusted next. */
    public List<Integer> layers(Network network, int adjustmentsDone) {
        int blocks = network.blocks().size();
        return network.blocks().get(blocks - 1 - adjustmentsDone % blocks).parameters();
    }
}
