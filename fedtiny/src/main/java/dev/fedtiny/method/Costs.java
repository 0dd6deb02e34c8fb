package dev.fedtiny.method;

import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.protocol.Traffic;
import java.util.Objects;

/**
 * What something cost, all devices and the server together.
 *
 * @param traffic frames and bytes really sent, by kind of message
 * @param flops exact count: 2 × useful multiply-adds of convolutions and linear layers, from integer active counts and real batch sizes
 * @param nanos wall time; the one figure that differs from run to run
 */
public record Costs(Traffic traffic, long flops, long nanos) {
    /** Nothing. */
    public static final Costs NONE = new Costs(Traffic.NONE, 0, 0);

    /** Checks the ranges. */
    public Costs {
        Objects.requireNonNull(traffic, "traffic");
        if (flops < 0 || nanos < 0) {
            throw new IllegalArgumentException("costs: " + flops + " FLOPs and " + nanos + " ns, expected none below 0");
        }
    }

    /**
     * Both together.
     *
     * @param other what else was spent
     * @return the sum, figure by figure
     * @throws ArithmeticException naming the figure that a long cannot hold
     */
    public Costs plus(Costs other) {
        return new Costs(traffic.plus(other.traffic), Exact.sum("FLOPs of the run", flops, other.flops),
                Exact.sum("wall time of the run, ns", nanos, other.nanos));
    }

    /** {@return wall time in seconds} */
    public double seconds() {
        return nanos / 1e9;
    }
}
