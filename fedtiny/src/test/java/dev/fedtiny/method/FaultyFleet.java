package dev.fedtiny.method;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.federation.RelayedFleet;
import java.util.function.UnaryOperator;

/** A fleet in which one device's answers to training are changed on the way, or lost when the change gives null. */
final class FaultyFleet extends RelayedFleet {
    /** The type byte of updates. */
    private static final byte UPDATE = 69;

    private final int faulty;
    private final UnaryOperator<byte[]> change;

    FaultyFleet(Fleet fleet, int faulty, UnaryOperator<byte[]> change) {
        super(fleet);
        this.faulty = faulty;
        this.change = change;
    }

    @Override
    protected byte[] up(int device, byte[] frame, Requests requests) {
        return device == faulty && frame[5] == UPDATE ? change.apply(frame) : frame;
    }
}
