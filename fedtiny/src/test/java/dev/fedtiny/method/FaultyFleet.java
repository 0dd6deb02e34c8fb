package dev.fedtiny.method;

import dev.fedtiny.federation.Fleet;
import dev.fedtiny.protocol.Traffic;
import java.util.List;
import java.util.function.UnaryOperator;

/** A fleet in which one device's answers to training are changed on the way, or lost when the change gives null. */
record FaultyFleet(Fleet fleet, int faulty, UnaryOperator<byte[]> change) implements Fleet {
    /** The type byte of updates. */
    private static final byte UPDATE = 69;

    @Override
    public int devices() {
        return fleet.devices();
    }

    @Override
    public void exchange(List<Integer> devices, Requests requests, Answers answers) {
        fleet.exchange(devices, requests, new Answers() {
            @Override
            public void answered(int device, byte[] frame) {
                byte[] changed = device == faulty && frame[5] == UPDATE ? change.apply(frame) : frame;
                if (changed == null) {
                    answers.lost(device, "the line went dead");
                } else {
                    answers.answered(device, changed);
                }
            }

            @Override
            public void lost(int device, String reason) {
                answers.lost(device, reason);
            }
        });
    }

    @Override
    public Traffic traffic() {
        return fleet.traffic();
    }

    @Override
    public void close() {
        fleet.close();
    }
}
