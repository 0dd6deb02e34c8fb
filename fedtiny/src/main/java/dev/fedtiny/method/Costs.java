package dev.fedtiny.method;

import dev.fedtiny.federation.Traffic;

/**
 * What something cost, all devices and the server together.
 *
 * @param traffic frames and bytes really sent, by kind of message
 * @param flops exact count: 2 × useful multiply-adds of convolutions and linear layers, from integer kept counts and real batch sizes
 * @param nanos wall time; the one figure that differs from run to run
 */
public record Costs(Traffic traffic, long flops, long nanos) {
    /** Nothing. */
    public static final Costs NONE = new Costs(Traffic.NONE, 0, 0);

    /** Both together. */
    public Costs plus(Costs other) {
        return new Costs(traffic.plus(other.traffic), flops + other.flops, nanos + other.nanos);
    }

    /** Wall time in seconds. */
    public double seconds() {
        return nanos / 1e9;
    }
}
