package dev.fedtiny.federation.process;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import java.util.function.BiPredicate;

/** A fleet in which some updates never arrive. */
final class SilencedFleet extends RelayedFleet {
    private static final byte UPDATE = 69;

    private final BiPredicate<Integer, Integer> silent;

    SilencedFleet(Fleet fleet, BiPredicate<Integer, Integer> silent) {
        super(fleet);
        this.silent = silent;
    }

    @Override
    protected byte[] up(int device, byte[] frame, Requests requests) {
        return frame[5] == UPDATE && silent.test(device, (int) frame[10]) ? null : frame;
    }
}
